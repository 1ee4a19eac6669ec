// From the runs of a sweep to the gaps that forecasts are scored against: each with the sweep's own error.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>Measured gaps as ln ratios of tuned losses above the floor.</summary>
public static class SweepGaps
{
    /// <summary>The gaps at every batch size with finite tuned losses of both above the floor, and their deviations in the paired bootstrap
    /// over seeds, widened by the t factor of so few.</summary>
    /// <param name="rows">Of one comparison.</param>
    /// <param name="first">The optimizers.</param>
    /// <param name="second">The second.</param>
    /// <param name="band">With the floor.</param>
    /// <returns>Null with fewer than two seeds or two batch sizes.</returns>
    public static MeasuredGaps? Of(IReadOnlyList<SweepRow> rows, string first, string second, RelevanceBand band)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(band);
        SeedGrid grid = SeedGrid.Build(rows.Where(r => r.Optimizer == first || r.Optimizer == second), higherIsBetter: false, []);
        if (grid.Seeds.Count < 2)
            return null;
        SeedResamples resamples = SeedResamples.Of(grid.Seeds.Count);
        double factor = StudentTDistribution.BootstrapInflation(grid.Seeds.Count);
        var sizes = new List<long>();
        var gaps = new List<double>();
        var errors = new List<double[]>();
        foreach (long batch in grid.Grids.Select(g => g.Batch).Distinct().Order())
        {
            if (grid.Find(first, batch) is not { } one || grid.Find(second, batch) is not { } two)
                continue;
            double gap = band.LogGap(Tuned(one, grid.Seeds.Count), Tuned(two, grid.Seeds.Count));
            double[] resampled =
            [
                .. PairedBootstrap
                    .Tuned(one, resamples)
                    .Zip(PairedBootstrap.Tuned(two, resamples), (a, b) => factor * (band.LogGap(a, b) - gap)),
            ];
            if (!double.IsFinite(gap) || !resampled.All(double.IsFinite))
                continue;
            sizes.Add(batch);
            gaps.Add(gap);
            errors.Add(resampled);
        }
        return sizes.Count < 2 ? null : new MeasuredGaps(sizes, gaps, errors);
    }

    private static double Tuned(OptimizerGrid grid, int seeds)
    {
        (double[] means, int best) = LearningRateChoice.Tune(grid, seeds);
        return means[best];
    }
}
