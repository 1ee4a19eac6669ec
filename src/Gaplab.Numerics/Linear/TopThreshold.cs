// The magnitude above which the top fraction of a vector's coordinates lies, found exactly and without sorting, and the clip at it.
using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gaplab.Numerics.Linear;

/// <summary>Coordinate-wise clipping at the top fraction (theory.md D2): k = min(⌊d·p + 1e-9⌋, d − 1), τ = the k-th (from 0) largest |u|,
/// c_i = sgn(u_i)·min(|u_i|, τ).</summary>
public static class TopThreshold
{
    /// <summary>k of d coordinates: how many may lie strictly above τ. The 1e-9 keeps products such as 100 · 0.29 from falling below their
    /// integer.</summary>
    public static int Rank(int count, double fraction) => (int)Math.Min(Math.Floor(count * fraction + 1e-9), count - 1);

    /// <summary>τ; +∞ for a fraction of 0 or an empty vector, which clip nothing. 0 says that more than d − k coordinates are 0: clipping
    /// there would leave nothing.</summary>
    public static T Of<T>(ReadOnlySpan<T> vector, double fraction)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        fraction <= 0 || vector.IsEmpty ? T.PositiveInfinity : LargestMagnitude(vector, Rank(vector.Length, fraction));

    /// <summary>The k-th (from 0) largest |u_i| in float or double, exactly. NaN counts as larger than every number.</summary>
    /// <remarks>The bits of a magnitude order as the magnitude does. A long vector is bracketed by a sample first: one pass counts what
    /// lies above the bracket and keeps what lies in it. There, and wherever the bracket missed, the digits are found from the top by
    /// counting. The answer is the same whatever the order.</remarks>
    public static T LargestMagnitude<T>(ReadOnlySpan<T> vector, int k)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)k, (uint)vector.Length, nameof(k));
        if (typeof(T) == typeof(float))
            return T.CreateTruncating(BitConverter.Int32BitsToSingle(Select(MemoryMarshal.Cast<T, int>(vector), k, 31)));
        if (typeof(T) == typeof(double))
            return T.CreateTruncating(BitConverter.Int64BitsToDouble(Select(MemoryMarshal.Cast<T, long>(vector), k, 63)));
        throw new NotSupportedException($"a threshold of {typeof(T).Name}; expected float or double");
    }

    /// <summary>c_i = sgn(u_i)·min(|u_i|, τ) in place; NaN stays NaN. Returns how many coordinates were strictly above τ.</summary>
    public static int Clip<T>(Span<T> vector, T threshold)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (T.IsPositiveInfinity(threshold))
            return 0;
        int i = 0,
            width = Vector<T>.Count,
            clipped = 0;
        var limit = new Vector<T>(threshold);
        Vector<T> counts = Vector<T>.Zero; // exact: no lane comes near 2²⁴
        for (; i <= vector.Length - width; i += width)
        {
            var u = new Vector<T>(vector[i..]);
            Vector<T> above = Vector.GreaterThan(Vector.Abs(u), limit);
            if (Vector.EqualsAll(above, Vector<T>.Zero))
                continue;
            Vector<T> sided = Vector.ConditionalSelect(Vector.LessThan(u, Vector<T>.Zero), -limit, limit);
            Vector.ConditionalSelect(above, sided, u).CopyTo(vector[i..]);
            counts += Vector.ConditionalSelect(above, Vector<T>.One, Vector<T>.Zero);
        }
        for (int j = 0; j < width; j++)
            clipped += int.CreateTruncating(counts[j]);
        for (; i < vector.Length; i++)
        {
            if (!(T.Abs(vector[i]) > threshold))
                continue;
            vector[i] = T.CopySign(threshold, vector[i]);
            clipped++;
        }
        return clipped;
    }

    // Magnitudes are their bits without the sign: never negative, so signed comparisons order them.
    private static TBits Select<TBits>(ReadOnlySpan<TBits> vector, int k, int width)
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        const int Sampled = 8192,
            Worthwhile = 16 * Sampled;
        if (vector.Length < Worthwhile)
            return Digits(vector, k, width);
        TBits[] sample = new TBits[Sampled];
        int stride = vector.Length / Sampled;
        for (int i = 0; i < Sampled; i++)
            sample[i] = vector[i * stride] & TBits.MaxValue;
        Array.Sort(sample);
        // Five standard deviations of the sample's rank to either side.
        double share = (k + 0.5) / vector.Length,
            rank = share * Sampled,
            margin = 5 * Math.Sqrt(Sampled * share * (1 - share)) + 4;
        int high = (int)Math.Floor(rank - margin),
            low = (int)Math.Ceiling(rank + margin);
        TBits top = high < 0 ? TBits.MaxValue : sample[Sampled - 1 - high],
            bottom = low >= Sampled ? TBits.Zero : sample[Sampled - 1 - low];
        TBits[] kept = ArrayPool<TBits>.Shared.Rent(vector.Length / 4 + Vector<TBits>.Count);
        try
        {
            (int above, int inside) = Between(vector, bottom, top, kept);
            return inside >= 0 && k >= above && k < above + inside
                ? Digits<TBits>(kept.AsSpan(0, inside), k - above, width)
                : Digits(vector, k, width);
        }
        finally
        {
            ArrayPool<TBits>.Shared.Return(kept);
        }
    }

    // How many magnitudes lie above top, and those from bottom to top; -1 when these are more than there is room for.
    private static (int Above, int Inside) Between<TBits>(ReadOnlySpan<TBits> vector, TBits bottom, TBits top, TBits[] kept)
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        int i = 0,
            lanes = Vector<TBits>.Count,
            inside = 0,
            above = 0;
        Vector<TBits> mask = new(TBits.MaxValue),
            least = new(bottom),
            most = new(top),
            counts = Vector<TBits>.Zero;
        for (; i <= vector.Length - lanes; i += lanes)
        {
            Vector<TBits> magnitude = new Vector<TBits>(vector[i..]) & mask,
                over = Vector.GreaterThan(magnitude, most);
            counts -= over; // true is −1
            if (Vector.EqualsAll(Vector.AndNot(Vector.GreaterThanOrEqual(magnitude, least), over), Vector<TBits>.Zero))
                continue;
            if (inside > kept.Length - lanes)
                return (0, -1);
            for (int j = 0; j < lanes; j++)
            {
                TBits m = vector[i + j] & TBits.MaxValue;
                kept[inside] = m;
                if (m >= bottom && m <= top)
                    inside++;
            }
        }
        for (int j = 0; j < lanes; j++)
            above += int.CreateTruncating(counts[j]);
        for (; i < vector.Length; i++)
        {
            TBits m = vector[i] & TBits.MaxValue;
            if (m > top)
                above++;
            else if (m >= bottom)
            {
                if (inside == kept.Length)
                    return (0, -1);
                kept[inside++] = m;
            }
        }
        return (above, inside);
    }

    private static TBits Digits<TBits>(ReadOnlySpan<TBits> vector, int k, int width)
        where TBits : unmanaged, IBinaryInteger<TBits>
    {
        const int Digit = 11;
        TBits magnitude = (TBits.One << width) - TBits.One,
            known = TBits.Zero,
            prefix = TBits.Zero;
        Span<int> counts = stackalloc int[1 << Digit];
        for (int shift = width - Digit; ; shift = Math.Max(0, shift - Digit))
        {
            counts.Clear();
            TBits open = magnitude & ~known;
            foreach (TBits bits in vector)
                if ((bits & known) == prefix)
                    counts[int.CreateTruncating((bits & open) >>> shift)]++;
            int digit = (1 << Digit) - 1;
            while (k >= counts[digit])
                k -= counts[digit--];
            prefix |= TBits.CreateTruncating(digit) << shift;
            known = magnitude & ~((TBits.One << shift) - TBits.One);
            if (shift == 0)
                return prefix;
        }
    }
}
