// Symmetric stable variates, many at a time, from a counter-based stream.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Stable;

/// <summary>The symmetric α-stable law of characteristic function exp(−|t|^α); α = 2 is N(0, 2).</summary>
/// <remarks>
/// Chambers, Mallows and Stuck 1976, in logarithms to base 2. A float64 variate takes two outputs of the stream, its angle and then its
/// exponential, so that a long fill equals short ones; a float32 variate takes one, half a word each: its angle has 2³² values, which cuts
/// tails of probability below about 10⁻⁹. Variates agree with <see cref="StableMap.Symmetric"/> to about 10⁻¹³ of themselves.
/// </remarks>
public sealed class SymmetricStable
{
    // Processors without AVX-512 have the same functions on vectors half as wide.
    private readonly SymmetricLanes _lanes;
    private readonly HalfSymmetricLanes _half;

    /// <param name="alpha">0 &lt; α ≤ 2.</param>
    public SymmetricStable(double alpha)
    {
        StableMap.CheckAlpha(alpha);
        Alpha = alpha;
        (_lanes, _half) = (new SymmetricLanes(alpha), new HalfSymmetricLanes(alpha));
    }

    public double Alpha { get; }

    /// <summary>One variate; takes two outputs.</summary>
    public double Next(RandomStream stream)
    {
        double u = RandomUniform.Open(stream),
            w = -Math.Log(RandomUniform.Open(stream));
        return StableMap.Symmetric(Alpha, u, w);
    }

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

    /// <summary>Fills with variates; takes one output each.</summary>
    public void Fill(RandomStream stream, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Vector512.IsHardwareAccelerated)
            _lanes.Fill(stream.State, values);
        else
            _half.Fill(stream.State, values);
        stream.Skip(values.Length);
    }

    /// <summary>Lane i: the variate that a stream whose <see cref="RandomStream.State"/> is counter i gives next. The stream then stands
    /// two outputs further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Sample(Vector512<ulong> counters)
    {
        if (Vector512.IsHardwareAccelerated)
            return _lanes.Sample(counters);
        (Vector256<double> lower, Vector256<double> upper) = _half.Sample(counters.GetLower(), counters.GetUpper());
        return Vector512.Create(lower, upper);
    }
}
