// An interval and the estimate that it is of.
using System.Globalization;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class IntervalSpecs
{
    [Theory]
    [InlineData(1.0, 2.0, 0.5, 0.5, 2.0), InlineData(1.0, 2.0, 3.0, 1.0, 3.0), InlineData(1.0, 2.0, 1.5, 1.0, 2.0)]
    public void Reaches_as_far_as_its_estimate(double low, double high, double estimate, double expectedLow, double expectedHigh)
    {
        Assert.Equal(new Interval(expectedLow, expectedHigh), new Interval(low, high).Holding(estimate));
        Assert.Equal(new Interval(null, expectedHigh, LowOpen: true), new Interval(null, high, LowOpen: true).Holding(estimate));
        Assert.Equal(Interval.None, Interval.None.Holding(estimate));
    }

    /// <summary>Seeds that agree to the last digit: the interval is the gap. 1% of the smaller loss above a floor of 2 is 0.01.</summary>
    [Theory]
    [InlineData("3.02", "3", true)]
    [InlineData("3", "3.02", true)]
    [InlineData("3.005", "3", false)]
    public void A_gap_matters_beyond_one_per_cent_of_the_loss_above_its_floor(string sgd, string adam, bool matters)
    {
        SweepTable table = Sweeps.Tuned($"sgd 8 {sgd} {sgd}", $"adam 8 {adam} {adam}", $"sgd 16 {sgd} {sgd}", $"adam 16 {adam} {adam}");
        Gap Floored(double? floor) =>
            GapAnalysis
                .Analyse(table with { Floors = floor is { } f ? new Dictionary<ComparisonKey, double> { [ComparisonKey.Empty] = f } : [] })
                .Comparisons[0]
                .Gaps[0];
        Assert.Equal(matters, Floored(2).IsRelevant);
        // Of the whole loss 1% is 0.03, which neither exceeds; and above a floor that is not below the losses nothing is known.
        Assert.False(Floored(null).IsRelevant);
        Assert.Null(Floored(3.1).IsRelevant);
        Assert.Contains(GapAnalysis.Analyse(table).ToLines(), l => l.EndsWith("within 1 %", StringComparison.Ordinal));
        Assert.Null(GapAnalysis.Analyse(table, new AnalysisOptions { HigherIsBetter = true }).Comparisons[0].Gaps[0].IsRelevant);
    }

    /// <summary>Seeds that disagree by more than the band: neither is known.</summary>
    [Fact]
    public void A_wide_interval_does_not_say_whether_its_gap_matters() =>
        Assert.Null(
            GapAnalysis
                .Analyse(Sweeps.Tuned("sgd 8 3 3.1 3.2", "adam 8 3.1 3.1 3", "sgd 16 3 3 3", "adam 16 3 3 3"))
                .Comparisons[0]
                .Gaps[0]
                .IsRelevant
        );

    // Sixty of SGD's rates tie exactly: each has the same losses, in another order of its seeds. The best of a resample, chosen anew, is
    // below that tie but for resamples
    // that are even themselves, and the percentiles of the gap lie on one side of the gap.
    [Theory]
    [InlineData(6), InlineData(8), InlineData(10)]
    public void A_gap_whose_resamples_lie_on_one_side_of_it_lies_in_its_own_interval_and_says_so(int seeds)
    {
        RandomStream stream = RandomStream.For(seeds, "test/intervals/ties");
        var rows = new List<SweepRow>();
        foreach (int batch in (int[])[4, 16, 64])
        {
            for (int rate = 0; rate < 60; rate++)
            {
                double[] losses = [.. Enumerable.Range(0, seeds).Select(s => 1 + 0.125 * (2 * s + 1 - seeds))];
                for (int s = seeds - 1; s > 0; s--)
                {
                    int other = (int)stream.NextIndex(s + 1);
                    (losses[s], losses[other]) = (losses[other], losses[s]);
                }
                for (int s = 0; s < seeds; s++)
                    rows.Add(SweepRow.Finished(ComparisonKey.Empty, "sgd", Math.Pow(1.25, rate), batch, $"{s}", null, losses[s]));
            }
            foreach (int rate in (int[])[0, 1, 2])
                for (int s = 0; s < seeds; s++)
                    rows.Add(SweepRow.Finished(ComparisonKey.Empty, "adam", Math.Pow(2, rate), batch, $"{s}", null, rate == 1 ? 0.5 : 2));
        }
        ComparisonAnalysis analysis = Sweeps.Analyse(new SweepTable([.. rows], "loss"));
        Assert.Equal(3, analysis.Gaps.Count);
        foreach (Gap gap in analysis.Gaps)
        {
            Assert.Equal(0.5, gap.Value, 1e-12);
            Assert.Equal(gap.Value, gap.Percentile.High);
            Assert.Equal(gap.Value, gap.Interval.High);
            Assert.True(gap.Interval.Low < gap.Percentile.Low && gap.Percentile.Low < gap.Value);
            Assert.Contains(analysis.Findings, f => f.Id == "one-sided-interval" && f.Where == $"B={gap.Batch}");
        }
    }

    // One change of sign, between 4 and 16; the monotone fit pools what falls after it and crosses later, but in the same bracket, of which
    // the interval is made.
    [Fact]
    public void A_crossing_lies_in_its_interval_where_the_line_of_the_monotone_fit_crosses_elsewhere()
    {
        double[] gaps = [-0.4, 1.2, 0.04, 0.04, 0.04];
        ComparisonAnalysis analysis = Sweeps.Analyse(
            Sweeps.Tuned([
                .. gaps.SelectMany(
                    (gap, b) => new[] { "sgd", "adam" }.Select(o => $"{o} {4L << (2 * b)} {string.Join(' ', Losses(o, gap, b))}")
                ),
            ])
        );

        static IEnumerable<string> Losses(string optimizer, double gap, int b) =>
            Enumerable
                .Range(0, 5)
                .Select(seed => 3 + (optimizer == "sgd" ? gap + 0.001 * seed * (b + 1) : 0))
                .Select(loss => loss.ToString(CultureInfo.InvariantCulture));

        Crossover crossing = Assert.Single(analysis.Crossovers);
        Assert.True(
            analysis.Isotonic!.Batch > 1.2 * crossing.Batch,
            $"{analysis.Isotonic.Batch} and {crossing.Batch}: the two do not differ"
        );
        Assert.True(
            crossing.Interval.Low <= crossing.Batch && crossing.Batch <= crossing.Interval.High,
            $"{crossing.Batch} outside {crossing.Interval}"
        );
        Assert.Equal((crossing.Between, crossing.Interval), (analysis.Isotonic.Between, analysis.Isotonic.Interval));
        Assert.Equal(new Interval(4, 16), crossing.Interval);
    }
}
