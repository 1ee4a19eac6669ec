// Positive stable variates, eight at a time, from a counter-based stream.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Streams;
using static Gaplab.Numerics.VectorFunctions;

namespace Gaplab.Numerics.Stable;

/// <summary>The positive stable law with Laplace transform exp(−s^a), 0 &lt; a &lt; 1.</summary>
/// <remarks>Kanter 1975. Each variate takes two outputs of the stream; variates agree with <see cref="StableMap.Positive"/> to about 10⁻¹³
/// of themselves.</remarks>
public sealed class PositiveStable
{
    private readonly double _restPower,
        _sinePower,
        _constant;

    /// <param name="index">0 &lt; a &lt; 1.</param>
    public PositiveStable(double index)
    {
        if (index is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(index), index, "expected 0 < a < 1");
        Index = index;
        (_restPower, _sinePower) = ((1 - index) / index, -1 / index);
        _constant = -_restPower * Math.Log2(Math.Log(2));
    }

    public double Index { get; }

    /// <summary>Fills with variates; takes two outputs each.</summary>
    public void Fill(RandomStream stream, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Vector512<ulong> counters = Vector512.Create(stream.State) + Lanes();
        ref double start = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - 8; i += 8, counters += Vector512.Create(unchecked(16 * RandomStream.Gamma)))
            Sample(counters).StoreUnsafe(ref start, (nuint)i);
        if (i < values.Length)
        {
            Span<double> rest = stackalloc double[8];
            Sample(counters).CopyTo(rest);
            rest[..(values.Length - i)].CopyTo(values[i..]);
        }
        stream.Skip(2L * values.Length);
    }

    /// <summary>Lane i: the variate that a stream whose <see cref="RandomStream.State"/> is counter i gives next. The stream then stands
    /// two outputs further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Sample(Vector512<ulong> counters)
    {
        Vector512<double> u = Uniforms(counters + Vector512.Create(RandomStream.Gamma)),
            v = Uniforms(counters + Vector512.Create(unchecked(2 * RandomStream.Gamma)));
        Vector512<double> rest = SineOf(Of(1 - Index) * u),
            whole = SinPi(Vector512.Min(u, Of(1.0) - u));
        Vector512<double> y = Fma(Of(_restPower), Log2(rest / -Log2(v)), Fma(Of(_sinePower), Log2(whole), Of(_constant)));
        return SineOf(Of(Index) * u) * Exp2(y);
    }

    // sin(πx), 0 ≤ x ≤ 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> SineOf(Vector512<double> x) => SinPi(Vector512.Min(x, Of(1.0) - x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Lanes() => Vector512<ulong>.Indices * Vector512.Create(unchecked(2 * RandomStream.Gamma));
}
