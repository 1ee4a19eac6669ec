// The magnitude above which the top fraction of a vector's coordinates lies, found exactly and without sorting, and the clip at it.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gaplab.Numerics;

/// <summary>Coordinate-wise clipping at the top fraction (theory.md D2): k = min(⌊d·p + 1e-9⌋, d − 1), τ = the k-th (from 0) largest |u|, c_i = sgn(u_i)·min(|u_i|, τ).</summary>
public static class TopThreshold
{
    /// <summary>k of d coordinates: how many may lie strictly above τ. The 1e-9 keeps products such as 100 · 0.29 from falling below their integer.</summary>
    public static int Rank(int count, double fraction) => (int)Math.Min(Math.Floor(count * fraction + 1e-9), count - 1);

    /// <summary>τ; +∞ for a fraction of 0 or an empty vector, which clip nothing. 0 says that more than d − k coordinates are 0: clipping there would leave nothing.</summary>
    public static T Of<T>(ReadOnlySpan<T> vector, double fraction) where T : unmanaged, IFloatingPointIeee754<T> =>
        fraction <= 0 || vector.IsEmpty ? T.PositiveInfinity : LargestMagnitude(vector, Rank(vector.Length, fraction));

    /// <summary>The k-th (from 0) largest |u_i| in float or double, exactly. NaN counts as larger than every number.</summary>
    /// <remarks>The bits of a magnitude order as the magnitude does, so its digits are found from the top by counting: three passes in float, six in double, no copy, and the same answer whatever the order.</remarks>
    public static T LargestMagnitude<T>(ReadOnlySpan<T> vector, int k) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)k, (uint)vector.Length, nameof(k));
        if (typeof(T) == typeof(float)) return T.CreateTruncating(BitConverter.UInt32BitsToSingle(Digits(MemoryMarshal.Cast<T, uint>(vector), k, 31)));
        if (typeof(T) == typeof(double)) return T.CreateTruncating(BitConverter.UInt64BitsToDouble(Digits(MemoryMarshal.Cast<T, ulong>(vector), k, 63)));
        throw new NotSupportedException($"a threshold of {typeof(T).Name}; expected float or double");
    }

    /// <summary>c_i = sgn(u_i)·min(|u_i|, τ) in place; NaN stays NaN. Returns how many coordinates were strictly above τ.</summary>
    public static int Clip<T>(Span<T> vector, T threshold) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (T.IsPositiveInfinity(threshold)) return 0;
        int i = 0, width = Vector<T>.Count, clipped = 0;
        var limit = new Vector<T>(threshold);
        for (; i <= vector.Length - width; i += width)
        {
            var u = new Vector<T>(vector[i..]);
            Vector<T> above = Vector.GreaterThan(Vector.Abs(u), limit);
            if (Vector.EqualsAll(above, Vector<T>.Zero)) continue;
            Vector<T> sided = Vector.ConditionalSelect(Vector.LessThan(u, Vector<T>.Zero), -limit, limit);
            Vector.ConditionalSelect(above, sided, u).CopyTo(vector[i..]);
            for (int j = 0; j < width; j++) if (above[j] != T.Zero) clipped++;
        }
        for (; i < vector.Length; i++)
        {
            if (!(T.Abs(vector[i]) > threshold)) continue;
            vector[i] = T.CopySign(threshold, vector[i]);
            clipped++;
        }
        return clipped;
    }

    private static TBits Digits<TBits>(ReadOnlySpan<TBits> vector, int k, int width) where TBits : unmanaged, IBinaryInteger<TBits>
    {
        const int Digit = 11;
        TBits magnitude = (TBits.One << width) - TBits.One, known = TBits.Zero, prefix = TBits.Zero;
        Span<int> counts = stackalloc int[1 << Digit];
        for (int shift = width - Digit; ; shift = Math.Max(0, shift - Digit))
        {
            counts.Clear();
            TBits open = magnitude & ~known;
            foreach (TBits bits in vector)
                if ((bits & known) == prefix) counts[int.CreateTruncating((bits & open) >>> shift)]++;
            int digit = (1 << Digit) - 1;
            while (k >= counts[digit]) k -= counts[digit--];
            prefix |= TBits.CreateTruncating(digit) << shift;
            known = magnitude & ~((TBits.One << shift) - TBits.One);
            if (shift == 0) return prefix;
        }
    }
}
