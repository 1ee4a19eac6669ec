// Skew stable variates from a counter-based stream.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Stable;

/// <summary>The α-stable law of skewness β in the location S0 of Nolan, which is continuous in α.</summary>
/// <remarks>Chambers, Mallows and Stuck 1976 (<see cref="StableMap.Skew"/>). Each variate takes two outputs of the stream.</remarks>
public sealed class SkewStable
{
    /// <param name="alpha">0 &lt; α ≤ 2.</param>
    /// <param name="beta">−1 ≤ β ≤ 1.</param>
    public SkewStable(double alpha, double beta)
    {
        StableMap.CheckAlpha(alpha);
        if (beta is not (>= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(beta), beta, "expected -1 … 1");
        (Alpha, Beta) = (alpha, beta);
    }

    public double Alpha { get; }

    public double Beta { get; }

    /// <summary>One variate.</summary>
    public double Next(RandomStream stream) =>
        StableMap.Skew(Alpha, Beta, RandomUniform.Open(stream), -Math.Log(RandomUniform.Open(stream)));

    /// <summary>Fills with variates.</summary>
    public void Fill(RandomStream stream, Span<double> values)
    {
        foreach (ref double value in values)
            value = Next(stream);
    }

    /// <summary>Fills with variates, computed in float64.</summary>
    public void Fill(RandomStream stream, Span<float> values)
    {
        foreach (ref float value in values)
            value = (float)Next(stream);
    }
}
