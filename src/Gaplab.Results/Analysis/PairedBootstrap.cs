// The paired bootstrap over seeds: one multiset of seeds for every trial at once, the learning rate chosen anew in each.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>Tuned losses under resampling of seeds (theory.md E4), and from leaving one seed out (E6).</summary>
internal static class PairedBootstrap
{
    /// <summary>The tuned loss of a grid in each resample.</summary>
    public static double[] Tuned(OptimizerGrid grid, SeedResamples resamples)
    {
        var tuned = new double[resamples.Count];
        var means = new double[grid.Trials.Count];
        for (int r = 0; r < tuned.Length; r++)
        {
            LearningRateChoice.Means(grid.Trials, resamples[r], means);
            tuned[r] = means[LearningRateChoice.Best(means)];
        }
        return tuned;
    }

    /// <summary>Mean over seeds of the loss at a left-out seed of the trial that the others choose; NaN from one seed.</summary>
    public static double LeaveOneOut(OptimizerGrid grid)
    {
        int seeds = grid.Trials[0].Loss.Length;
        if (seeds < 2)
            return double.NaN;
        var means = new double[grid.Trials.Count];
        double sum = 0;
        for (int left = 0; left < seeds; left++)
        {
            int[] others = [.. Enumerable.Range(0, seeds).Where(s => s != left)];
            LearningRateChoice.Means(grid.Trials, others, means);
            sum += grid.Trials[LearningRateChoice.Best(means)].Loss[left];
        }
        return sum / seeds;
    }

    /// <summary>Type-7 percentile interval (2.5, 97.5) of a statistic over resamples.</summary>
    public static Interval Percentile(double[] values, double level = 0.95)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        double tail = (1 - level) / 2;
        return Ends(Quantiles.Type7(sorted, tail), Quantiles.Type7(sorted, 1 - tail));
    }

    /// <summary>Widens an interval about the point estimate by the t factor of <paramref name="seeds"/> (theory.md E5); open ends stay
    /// open, and the estimate is inside.</summary>
    public static Interval Inflate(Interval percentile, double point, int seeds, double level = 0.95)
    {
        double factor = StudentTDistribution.BootstrapInflation(seeds, level);
        percentile = percentile.Holding(point);
        return percentile with { Low = point + factor * (percentile.Low - point), High = point + factor * (percentile.High - point) };
    }

    /// <summary>An interval whose infinite ends are open.</summary>
    public static Interval Ends(double low, double high) =>
        new(double.IsFinite(low) ? low : null, double.IsFinite(high) ? high : null, !double.IsFinite(low), !double.IsFinite(high));
}
