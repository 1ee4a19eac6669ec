// How many seeds a gap of a given size needs, from the spread that a pilot shows.
using Gaplab.Numerics.Distributions;

namespace Gaplab.Results.Analysis;

/// <summary>What a pilot says of one gap at one batch size.</summary>
/// <param name="Comparison">The comparison; empty where there is one only.</param>
/// <param name="Gap">The pilot's.</param>
/// <param name="Seeds">The pilot's.</param>
/// <param name="Deviation">Standard deviation of the paired difference between seeds, tuning included: the gap's bootstrap standard error
/// times √S. Null from one seed or where an optimizer diverged.</param>
/// <param name="Needed">Seeds for the power asked for; null when more than 10,000, or when the spread is unknown.</param>
/// <param name="NeededLow">The same at the lower end of the spread's 90% interval (χ² with S−1 degrees of freedom).</param>
/// <param name="NeededHigh">At its upper end; null when more than 10,000.</param>
/// <param name="PowerNow">Power of as many seeds as the pilot has.</param>
public sealed record SeedPower(
    ComparisonKey Comparison,
    long Batch,
    double Gap,
    int Seeds,
    double? Deviation,
    int? Needed,
    int? NeededLow,
    int? NeededHigh,
    double? PowerNow
)
{
    /// <summary>One row per comparison and batch size.</summary>
    /// <param name="analysis">Of the pilot.</param>
    /// <param name="difference">The |gap| that is to be found.</param>
    /// <param name="power">In (0, 1).</param>
    public static IReadOnlyList<SeedPower> Of(GapAnalysis analysis, double difference, double power = 0.8)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        return [.. analysis.Comparisons.SelectMany(g => g.Gaps.Select(gap => Of(g, gap, difference, power)))];
    }

    /// <summary>The standard deviation that a gap's interval stands for; null without one.</summary>
    internal static double? DeviationOf(Gap gap, int seeds) =>
        gap.StandardError is { } error && double.IsFinite(error) && error > 0 ? error * Math.Sqrt(seeds) : null;

    private static SeedPower Of(ComparisonAnalysis comparison, Gap gap, double difference, double power)
    {
        int seeds = comparison.Seeds.Count;
        if (DeviationOf(gap, seeds) is not { } deviation)
            return new(comparison.Key, gap.Batch, gap.Value, seeds, null, null, null, null, null);
        int? Needed(double of) => NoncentralT.Seeds(difference, of, power);
        double degrees = seeds - 1;
        return new(
            comparison.Key,
            gap.Batch,
            gap.Value,
            seeds,
            deviation,
            Needed(deviation),
            Needed(deviation * Math.Sqrt(degrees / ChiSquareDistribution.Quantile(degrees, 0.95))),
            Needed(deviation * Math.Sqrt(degrees / ChiSquareDistribution.Quantile(degrees, 0.05))),
            NoncentralT.Power(difference, deviation, seeds)
        );
    }
}
