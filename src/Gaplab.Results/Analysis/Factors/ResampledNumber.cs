// A number with its values over the resamples of seeds, and what can be said of sums of such numbers.
using Gaplab.Numerics.Distributions;

namespace Gaplab.Results.Analysis;

/// <summary>A statistic and its bootstrap values, index by index paired with those of every other.</summary>
/// <param name="Resampled">Null from one seed.</param>
internal sealed record ResampledNumber(double Value, double[]? Resampled)
{
    /// <summary>Σ w·x; an infinite part makes the sum unknown.</summary>
    public static ResampledNumber Sum(IReadOnlyList<(double Weight, ResampledNumber Number)> parts)
    {
        double value = parts.Sum(p => p.Weight * p.Number.Value);
        if (parts.Any(p => p.Number.Resampled is null))
            return new(value, null);
        var resampled = new double[parts[0].Number.Resampled!.Length];
        foreach ((double weight, ResampledNumber number) in parts)
            for (int r = 0; r < resampled.Length; r++)
                resampled[r] += weight * number.Resampled![r];
        return new(value, resampled);
    }

    /// <summary>The interval and the p-value over so many seeds (theory.md E5).</summary>
    public Effect ToEffect(int seeds)
    {
        if (!double.IsFinite(Value))
            return Effect.None;
        if (Resampled is null || seeds < 2)
            return new(Value, Interval.None, null, null);
        Interval interval = PairedBootstrap.Inflate(PairedBootstrap.Percentile(Resampled), Value, seeds);
        double error = StandardError(Resampled, seeds);
        return new(Value, interval, error > 0 ? 2 * StudentTDistribution.Cumulative(seeds - 1, -Math.Abs(Value) / error) : null, null);
    }

    /// <summary>The bootstrap standard deviation with the factor √(S/(S−1)) that the plug-in variance lacks.</summary>
    public static double StandardError(double[] resampled, int seeds)
    {
        double mean = resampled.Average();
        return Math.Sqrt(resampled.Average(v => (v - mean) * (v - mean)) * seeds / (seeds - 1.0));
    }
}
