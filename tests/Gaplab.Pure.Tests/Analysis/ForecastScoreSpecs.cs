// Scores of forecasts against closed forms, their propriety, and the baselines they are compared with.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class ForecastScoreSpecs
{
    private static readonly long[] Sizes = [4, 16, 64, 256];
    private static readonly RelevanceBand Band = new();

    [Theory]
    [InlineData(0.3, 0.5, 0.1)]
    [InlineData(0, 1, 2)]
    [InlineData(-1, 0.2, -1)]
    public void The_CRPS_of_draws_is_that_of_their_normal(double mean, double deviation, double measured)
    {
        // Gneiting and Raftery 2007: σ·(z(2Φ(z) − 1) + 2φ(z) − 1/√π).
        double z = (measured - mean) / deviation,
            expected =
                deviation * (z * (2 * NormalDistribution.Cumulative(z) - 1) + 2 * NormalDistribution.Density(z) - 1 / Math.Sqrt(Math.PI));
        double[] draws = [.. Enumerable.Range(0, 4000).Select(i => mean + deviation * NormalDistribution.Quantile((i + 0.5) / 4000))];
        Assert.Equal(expected, ForecastScores.ContinuousRankedProbability(draws, measured), 2e-3 * deviation);
        Assert.Equal(Math.Abs(measured - mean), ForecastScores.ContinuousRankedProbability([mean], measured), 1e-12);
    }

    [Fact]
    public void The_log_score_counts_bits_and_a_certain_error_costs_log_of_a_hundred()
    {
        Assert.Equal(Math.Log2(3), ForecastScores.LogBits([1.0 / 3, 1.0 / 3, 1.0 / 3], [0, 0, 1]), 1e-12);
        Assert.Equal(Math.Log2(102), ForecastScores.LogBits([0, 0, 1], [1, 0, 0]), 1e-9);
        Assert.Equal(-Math.Log2(1 / 1.02), ForecastScores.LogBits([0, 0, 1], [0, 0, 1]), 1e-9);
        // Soft truths: the cross-entropy, least where the forecast is the truth.
        double[] truth = [0.2, 0.5, 0.3];
        double least = ForecastScores.LogBits(truth, truth);
        Assert.Equal(-truth.Sum(t => t * Math.Log2(t)), least, 1e-12);
        foreach (
            double[] other in (double[][])
                [
                    [0.3, 0.4, 0.3],
                    [0.2, 0.3, 0.5],
                    [0.1, 0.6, 0.3],
                ]
        )
            Assert.True(ForecastScores.LogBits(other, truth) > least);
        Assert.Throws<ArgumentException>(() => ForecastScores.LogBits([0.5, 0.4], [1, 0]));
    }

    [Fact]
    public void The_ranked_score_prefers_a_near_miss_and_is_proper()
    {
        CrossoverBins In(params double[] p) => new(Sizes, p[0], p[1..^2], p[^2], p[^1]);
        CrossoverBins truth = In(0, 0, 1, 0, 0, 0);
        Assert.Equal(0, ForecastScores.RankedProbability(truth, truth), 1e-12);
        Assert.Equal(1, ForecastScores.RankedProbability(In(0, 1, 0, 0, 0, 0), truth), 1e-12);
        Assert.Equal(2, ForecastScores.RankedProbability(In(1, 0, 0, 0, 0, 0), truth), 1e-12);
        // None is as far from below as from above, taken over the middle of the range.
        CrossoverBins none = In(0, 0, 0, 0, 0, 1);
        Assert.Equal(
            ForecastScores.RankedProbability(In(1, 0, 0, 0, 0, 0), none),
            ForecastScores.RankedProbability(In(0, 0, 0, 0, 1, 0), none),
            1e-12
        );
        double[] belief = [0.1, 0.2, 0.3, 0.1, 0.1, 0.2];
        double Expected(double[] said) =>
            belief
                .Select((p, k) => p * ForecastScores.RankedProbability(In(said), In([.. belief.Select((_, j) => j == k ? 1.0 : 0)])))
                .Sum();
        double honest = Expected(belief);
        foreach (
            double[] other in (double[][])
                [
                    [0.2, 0.1, 0.3, 0.1, 0.1, 0.2],
                    [0.1, 0.2, 0.4, 0.1, 0.1, 0.1],
                    [0, 0, 1, 0, 0, 0],
                ]
        )
            Assert.True(Expected(other) > honest);
    }

    [Fact]
    public void A_paired_difference_has_the_interval_of_a_t_test()
    {
        // R: t.test(c(1, 2, 4), conf.level = 0.9) gives 2.333333, −0.241759 … 4.908426.
        var difference = PairedDifference.Of([0, 0, 0], [1, 2, 4]);
        Assert.Equal(7.0 / 3, difference.Mean, 1e-12);
        Assert.Equal(-0.2417, difference.Low!.Value, 2e-3);
        Assert.Equal(4.9084, difference.High!.Value, 2e-3);
        Assert.Null(PairedDifference.Of([1], [2]).Low);
    }

    [Fact]
    public void A_task_is_scored_against_the_truth_as_its_sweep_has_it()
    {
        MeasuredGaps sweep = Sweep(5, error: 0.004, seed: 1);
        TaskScore good = TaskScore.Of(Line(5, 0.2), sweep, Band),
            shy = TaskScore.Of(Line(5, 3), sweep, Band),
            wrong = TaskScore.Of(Line(8, 0.2), sweep, Band);
        Assert.True(good.Bits < shy.Bits && shy.Bits < wrong.Bits, $"{good} {shy} {wrong}");
        Assert.True(good.CrossoverBits < shy.CrossoverBits && shy.CrossoverBits < wrong.CrossoverBits);
        Assert.True(good.RankedProbability < shy.RankedProbability && shy.RankedProbability < wrong.RankedProbability);
        Assert.True(good.GapError < shy.GapError && shy.GapError < wrong.GapError);
        Assert.Equal(0, good.Bits, 0.3);
        Assert.Throws<ArgumentException>(() => TaskScore.Of(Line(5, 0.2) with { Sizes = [4, 16] }, sweep, Band));
    }

    [Fact]
    public void A_forecast_that_is_right_covers_the_measured_gaps_as_often_as_it_says()
    {
        // Truths from the forecast itself, measured with error: 80% of the gaps lie in its central 80%.
        double covered = 0;
        const int Tasks = 300;
        for (int k = 0; k < Tasks; k++)
        {
            var stream = RandomStream.For(k, "covered");
            covered += TaskScore.Of(Line(5, 0.5), Sweep(5 + 0.5 * stream.NextGaussian(), 0.02, k), Band, k).Covered / Tasks;
        }
        Assert.Equal(0.8, covered, 0.04);
    }

    [Fact]
    public void Interpolation_joins_anchors_and_has_their_errors()
    {
        GapDraws draws = BaselineForecasts.Interpolation(
            Sizes,
            [new AnchorGap(64, 0.1, 0.02, double.PositiveInfinity), new AnchorGap(16, -0.1, 0.01, double.PositiveInfinity)]
        );
        foreach (
            (long size, double mean, double deviation) in new[] { (4L, -0.1, 0.01), (16, -0.1, 0.01), (64, 0.1, 0.02), (256, 0.1, 0.02) }
        )
        {
            double[] at = draws.At(size);
            Assert.Equal(mean, at.Average(), 0.0015);
            Assert.Equal(deviation, Math.Sqrt(at.Sum(g => Math.Pow(g - at.Average(), 2)) / at.Length), 0.001);
        }
        Assert.Equal(0, draws.Gaps.Average(g => g[draws.Grid.ToList().IndexOf(32)]), 0.001);
    }

    [Fact]
    public void The_law_of_other_tasks_puts_B_star_at_their_constant_times_the_shortness()
    {
        // B* = 2^5 at 1 − β₂ = 0.1: c = 320; at 0.05 the crossing is at 16.
        OtherTask[] others = [.. Enumerable.Range(1, 4).Select(k => new OtherTask(Sweep(5 + 0.05 * (k - 2.5), 0.001, k), 0.1))];
        GapDraws draws = BaselineForecasts.ProportionalToShortness(Sizes, 0.05, others, Band)!;
        var verdict = GapVerdict.Of("sgd", "adam", draws, Band);
        Assert.Equal(4, Math.Log2(verdict.Middle!.Value), 0.1);
        Assert.Null(BaselineForecasts.ProportionalToShortness(Sizes, null, others, Band));
        Assert.Null(BaselineForecasts.ProportionalToShortness(Sizes, 0.05, [], Band));
    }

    [Fact]
    public void Always_the_second_is_right_as_often_as_on_other_tasks()
    {
        // Of 8 cells: two tasks with the crossing between 16 and 64, so 4 ahead: (4 + 1)/(8 + 2).
        OtherTask[] others = [new(Sweep(5, 0.001, 1), null), new(Sweep(5, 0.001, 2), null)];
        var verdict = GapVerdict.Of("sgd", "adam", BaselineForecasts.AlwaysSecond(Sizes, others, Band), Band);
        foreach (BatchVerdict b in verdict.Batches)
            Assert.Equal(0.5, b.SecondAhead, 0.03);
        Assert.Equal(0.5, GapVerdict.Of("", "", BaselineForecasts.AlwaysSecond(Sizes, [], Band), Band).Batches[0].SecondAhead, 0.03);
        GapVerdict none = GapVerdict.Of("", "", BaselineForecasts.NoGap(Sizes, 0.002), Band);
        Assert.All(none.Batches, b => Assert.Equal(BatchWord.Level, b.Word));
        Assert.Null(BaselineForecasts.AnyOtherTask(Sizes, []));
        double[] at = BaselineForecasts.AnyOtherTask(Sizes, others)!.At(256);
        Assert.Equal(others.Average(o => o.Gaps.Gaps[3]), at.Average(), 0.001);
    }

    [Fact]
    public void A_trial_compares_over_tasks_and_baselines_see_the_other_tasks_only()
    {
        ForecastTask Task(string name, double crossing, double said) =>
            new(
                name,
                Sweep(crossing, 0.004, name[0]),
                new Dictionary<string, GapDraws> { ["pilot"] = Line(said, 0.3) },
                [
                    new AnchorGap(4, 0.05 * (2 - crossing), 0.01, double.PositiveInfinity),
                    new AnchorGap(256, 0.05 * (8 - crossing), 0.01, 4),
                ],
                0.05,
                0.02
            );
        IReadOnlyList<ForecastStanding> standings = ForecastTrial.Of(
            [Task("a", 3, 3.1), Task("b", 5, 4.9), Task("c", 7, 7), Task("c", 6.5, 6.6)],
            "pilot",
            Band
        );
        ForecastStanding Of(string name) => standings.Single(s => s.Forecaster == name);
        Assert.Equal(6, standings.Count);
        Assert.Equal(3, Of("pilot").Tasks);
        Assert.Null(Of("pilot").BitsSaved);
        // Crossings at 8, 32 and 128: the constants of the others are no help, nor is any constant answer.
        foreach (
            string baseline in (string[])[ForecastTrial.Shortness, ForecastTrial.OtherTasks, ForecastTrial.Always, ForecastTrial.NoGap]
        )
        {
            Assert.True(Of(baseline).BitsSaved!.Mean > 0.1, $"{Of(baseline)}");
            Assert.Equal(3, Of(baseline).BitsSaved!.Tasks);
            Assert.True(Of(baseline).Score.CrossoverBits > Of("pilot").Score.CrossoverBits);
        }
        // All four crossings are measured within a factor of 4.
        Assert.All(standings, s => Assert.Equal(4, s.Crossovers));
        Assert.Equal(4, Of("pilot").Near);
        Assert.Equal(4, Of(ForecastTrial.Interpolation).Near);
        Assert.Equal(0, Of(ForecastTrial.NoGap).Near);
        Assert.Equal(0, Of(ForecastTrial.Always).Near);
        // Straight lines through anchors of a straight line are as good as it gets.
        Assert.Equal(0, Of(ForecastTrial.Interpolation).BitsSaved!.Mean, 0.1);
    }

    /// <summary>G = 0.05·(log₂ B − θ), θ normal about a centre.</summary>
    private static GapDraws Line(double mean, double deviation)
    {
        var stream = RandomStream.For(9, "line");
        IReadOnlyList<double> grid = GapDraws.Between(Sizes);
        return new GapDraws
        {
            Sizes = Sizes,
            Grid = grid,
            Gaps =
            [
                .. Enumerable
                    .Range(0, 3000)
                    .Select(_ => mean + deviation * stream.NextGaussian())
                    .Select(theta => (double[])[.. grid.Select(b => 0.05 * (Math.Log2(b) - theta))]),
            ],
        };
    }

    private static MeasuredGaps Sweep(double crossing, double error, long seed)
    {
        var stream = RandomStream.For(seed, "sweep");
        return new MeasuredGaps(
            Sizes,
            [.. Sizes.Select(b => 0.05 * (Math.Log2(b) - crossing) + error * stream.NextGaussian())],
            [.. Sizes.Select(_ => (double[])[.. Enumerable.Range(0, 500).Select(_ => error * stream.NextGaussian())])]
        );
    }
}
