// How often the interval for the crossover covers the truth, by simulation.
using System.Globalization;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Reference;

/// <summary>Coverage of the nominal 95% interval for log₂ B* (theory.md E5), simulated anew with fixed streams.</summary>
/// <remarks>
/// The reading of the setting: 7 batch sizes one octave apart, a true gap that rises by the slope per octave and crosses at
/// the middle one plus 0.3 octaves; 5 learning rates a factor 2 apart per optimizer, a parabola in log₂ lr about the middle
/// one (its curvature, 0.0125 per octave², and the 0.3 are ours: the rows do not give them; coverage moves by up to
/// 7 points between curvatures 0.01 and 0.05); every run = truth + run sd × (√ρ z(seed) + √(1−ρ) z(run)), the first shared by all runs of a
/// seed.
/// </remarks>
internal static class CoverageSimulation
{
    private const int Batches = 7,
        Rates = 5;

    /// <summary>Fractions of trials covered by the percentile interval, by the one widened by √(S/(S−1)), and by the t-inflated
    /// one.</summary>
    public static double[] Run(
        int seeds,
        double runDeviation,
        double slope,
        double correlation,
        int trials = 1000,
        double curvature = 0.0125,
        double shift = 0.3
    )
    {
        SeedResamples resamples = SeedResamples.Of(seeds);
        var x = new double[Batches];
        for (int b = 0; b < Batches; b++)
            x[b] = b + 1;
        double truth = x[Batches / 2] + shift,
            root = Math.Sqrt(seeds / (seeds - 1.0)),
            inflation = StudentTDistribution.BootstrapInflation(seeds);
        var covered = new double[3];
        int[] everySeed = [.. Enumerable.Range(0, seeds)];
        for (int trial = 0; trial < trials; trial++)
        {
            RandomStream stream = RandomStream.For(
                seeds,
                string.Create(CultureInfo.InvariantCulture, $"reference/coverage/{runDeviation}/{slope}/{correlation}"),
                trial
            );
            double[] bySeed = [.. everySeed.Select(_ => stream.NextGaussian())];
            var grids = new OptimizerGrid[2, Batches];
            for (int o = 0; o < 2; o++)
            for (int b = 0; b < Batches; b++)
                grids[o, b] = Grid(o == 0 ? slope * (x[b] - truth) : 0);

            var point = new double[Batches];
            var resampled = new double[Batches][];
            var means = new double[Rates];
            for (int b = 0; b < Batches; b++)
            {
                point[b] = Tuned(grids[0, b]) - Tuned(grids[1, b]);
                double[] first = PairedBootstrap.Tuned(grids[0, b], resamples),
                    second = PairedBootstrap.Tuned(grids[1, b], resamples);
                resampled[b] = [.. first.Zip(second, (p, q) => p - q)];
            }
            double center = GapCrossings.Isotonic(x, point).Log2Batch;
            var log2Batches = new double[resamples.Count];
            var gap = new double[Batches];
            for (int r = 0; r < log2Batches.Length; r++)
            {
                for (int b = 0; b < Batches; b++)
                    gap[b] = resampled[b][r];
                log2Batches[r] = GapCrossings.Isotonic(x, gap).Log2Batch;
            }
            Array.Sort(log2Batches);
            double low = Quantiles.Type1(log2Batches, 0.025),
                high = Quantiles.Type1(log2Batches, 0.975);
            if (low <= truth && truth <= high)
                covered[0]++;
            if (Covers(root))
                covered[1]++;
            if (Covers(inflation))
                covered[2]++;

            bool Covers(double factor) =>
                (double.IsInfinity(low) ? low : center + factor * (low - center)) <= truth
                && truth <= (double.IsInfinity(high) ? high : center + factor * (high - center));

            double Tuned(OptimizerGrid grid)
            {
                LearningRateChoice.Means(grid.Trials, everySeed, means);
                return means[LearningRateChoice.Best(means)];
            }

            OptimizerGrid Grid(double level)
            {
                var trials = new TrialLosses[Rates];
                for (int j = 0; j < Rates; j++)
                {
                    double mean = level + curvature * (j - Rates / 2) * (j - Rates / 2);
                    double[] loss =
                    [
                        .. bySeed.Select(z =>
                            mean + runDeviation * (Math.Sqrt(correlation) * z + Math.Sqrt(1 - correlation) * stream.NextGaussian())
                        ),
                    ];
                    trials[j] = new TrialLosses(Math.Pow(2, j), default, loss, [], null);
                }
                return new OptimizerGrid("", 1, trials, new TuningBudget("", 1, Rates, 1, seeds, 0, 0, 0));
            }
        }
        for (int i = 0; i < 3; i++)
            covered[i] /= trials;
        return covered;
    }
}
