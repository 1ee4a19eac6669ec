// The worked example against a brute force that shares nothing with the analysis.
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class BootstrapSpecs
{
    /// <summary>Tuned loss by looking at every learning rate: the smallest mean over the given seeds.</summary>
    private static double Tuned(string optimizer, long batch, int[] seeds)
    {
        double best = double.PositiveInfinity;
        foreach (var cell in Sweeps.Worked.Where(c => c.Optimizer == optimizer && c.Batch == batch))
        {
            double[] values = [.. seeds.Select(s => cell.Seeds[s])];
            if (!values.Any(double.IsNaN))
                best = Math.Min(best, values.Average());
        }
        return best;
    }

    [Fact]
    public void Intervals_of_the_worked_example_equal_those_over_all_27_tuples()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(new SweepTable(Sweeps.WorkedRows(), "loss"));
        int[][] tuples =
        [
            .. from a in Enumerable.Range(0, 3) from b in Enumerable.Range(0, 3) from c in Enumerable.Range(0, 3) select new[] { a, b, c },
        ];
        Assert.Equal(27, analysis.Resamples);
        foreach (Gap gap in analysis.Gaps)
        {
            double[] sorted = [.. tuples.Select(t => Tuned("sgd", gap.Batch, t) - Tuned("adam", gap.Batch, t)).Order()];
            double point = Tuned("sgd", gap.Batch, [0, 1, 2]) - Tuned("adam", gap.Batch, [0, 1, 2]);
            // Of 27 values the 2.5% point lies at 0.65 between the first two, the 97.5% point at 25.35.
            double low = sorted[0] + 0.65 * (sorted[1] - sorted[0]),
                high = sorted[25] + 0.35 * (sorted[26] - sorted[25]);
            double factor = 4.302652729911275 / 1.959963984540054 * Math.Sqrt(1.5);
            Assert.Equal(point, gap.Value, 12);
            Assert.Equal(low, gap.Percentile.Low!.Value, 12);
            Assert.Equal(high, gap.Percentile.High!.Value, 12);
            Assert.Equal(point - factor * (point - low), gap.Interval.Low!.Value, 9);
            Assert.Equal(point + factor * (high - point), gap.Interval.High!.Value, 9);
        }
    }

    [Fact]
    public void The_worked_example_crosses_at_58_on_an_edge_that_the_verdict_names()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(new SweepTable(Sweeps.WorkedRows(), "loss"));
        Crossover crossing = Assert.Single(analysis.Crossovers);
        Assert.Equal(57.9663145129, crossing.Batch!.Value, 9);
        Assert.Equal(new Bracket(16, 64), crossing.Between);
        // The gap at 64 is within its interval of zero, those at 16 and 256 are not: the change lies on either side of 64, and no nearer is
        // known.
        Assert.Equal(new Interval(16, 256), crossing.Interval);
        Assert.Equal(("sgd", "adam"), (crossing.From, crossing.To));
        Assert.Equal(GapBound.AtMost, analysis.Gaps[2].Bound);
        Assert.Contains(analysis.Findings, f => f.Id == "grid-edge" && f.Where == "sgd, B=256");
        Assert.Contains("sgd-256-0.8-1", analysis.Gaps[2].First.Best.Runs);
        // Adam's lead at 256 may be SGD's grid, and the lead at 64 is within its interval: the grid must be widened first.
        Assert.Equal(Verdict.EdgeLimited, analysis.Verdict);
        Assert.Contains("sgd above 0.8 at B=256", Assert.Single(analysis.Needs));
    }

    [Fact]
    public void Six_seeds_are_resampled_2000_times_and_the_interval_agrees_with_the_t_interval_of_paired_differences()
    {
        // One learning rate: nothing is selected, so the paired t interval is what the inflated bootstrap should give.
        double[] sgd = [2.81, 2.84, 2.79, 2.83, 2.80, 2.85],
            adam = [2.76, 2.80, 2.77, 2.77, 2.73, 2.80];
        ComparisonAnalysis analysis = Sweeps.Analyse(Sweeps.Tuned($"sgd 8 {string.Join(' ', sgd)}", $"adam 8 {string.Join(' ', adam)}"));
        double[] difference = [.. sgd.Zip(adam, (a, b) => a - b)];
        double mean = difference.Average(),
            error = Math.Sqrt(difference.Sum(d => (d - mean) * (d - mean)) / 5 / 6);
        Interval interval = analysis.Gaps[0].Interval;
        Assert.Equal(2000, analysis.Resamples);
        Assert.Equal(2 * 2.570581835636314 * error, interval.High!.Value - interval.Low!.Value, 0.06 * error * 5);
    }
}
