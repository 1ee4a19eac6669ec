// Positive stable variates, many at a time, from a counter-based stream.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Stable;

/// <summary>The positive stable law with Laplace transform exp(−s^a), 0 &lt; a &lt; 1.</summary>
/// <remarks>Kanter 1975. Each variate takes two outputs of the stream; variates agree with <see cref="StableMap.Positive"/> to about 10⁻¹³
/// of themselves.</remarks>
public sealed class PositiveStable
{
    // Processors without AVX-512 have the same functions on vectors half as wide.
    private readonly PositiveLanes _lanes;
    private readonly HalfPositiveLanes _half;

    /// <param name="index">0 &lt; a &lt; 1.</param>
    public PositiveStable(double index)
    {
        if (index is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(index), index, "expected 0 < a < 1");
        Index = index;
        (_lanes, _half) = (new PositiveLanes(index), new HalfPositiveLanes(index));
    }

    public double Index { get; }

    /// <summary>Fills with variates; takes two outputs each.</summary>
    public void Fill(RandomStream stream, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Vector512.IsHardwareAccelerated)
            _lanes.Fill(stream.State, values);
        else
            _half.Fill(stream.State, values);
        stream.Skip(2L * values.Length);
    }

    /// <summary>Lane i: the variate that a stream whose <see cref="RandomStream.State"/> is counter i gives next. The stream then stands
    /// two outputs further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Sample(Vector512<ulong> counters) =>
        Vector512.IsHardwareAccelerated
            ? _lanes.Sample(counters)
            : Vector512.Create(_half.Sample(counters.GetLower()), _half.Sample(counters.GetUpper()));
}
