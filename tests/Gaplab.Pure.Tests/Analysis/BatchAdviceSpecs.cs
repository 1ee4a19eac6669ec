// Advice against numerical integration, the interval's own definition, and the refusal to extrapolate.
using Gaplab.Numerics.Distributions;
using Gaplab.Results.Advice;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public class BatchAdviceSpecs
{
    private static readonly FlipPoint s_flip = new(20, new Interval(10, 40), "adam", true);

    private static GapEvidence Runs(double degrees, params (double Batch, double Gap, double? Half)[] points) =>
        new(
            "measured: 24 runs",
            "sgd",
            "adam",
            [
                .. points.Select(p => new GapPoint(
                    p.Batch,
                    p.Gap,
                    p.Gap - p.Half,
                    p.Gap + p.Half,
                    0.1 * Math.Sqrt(p.Batch),
                    0.001 * Math.Sqrt(p.Batch)
                )),
            ],
            s_flip,
            degrees
        );

    private static BatchAdvice Ask(double batch, params GapEvidence[] sources) =>
        BatchAdvice.Of(batch, "validation-loss", ("sgd", 4), ("adam", 8), sources);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(double.PositiveInfinity)]
    public void An_interval_that_just_touches_zero_gives_97_and_a_half_percent_either_way(double degrees)
    {
        GapEvidence runs = Runs(degrees, (8, 0.1, 0.1), (64, -0.2, 0.2));
        Assert.Equal(0.975, runs.SecondAhead(runs.Points[0])!.Value, 1e-9);
        Assert.Equal(0.025, runs.SecondAhead(runs.Points[1])!.Value, 1e-9);
    }

    [Theory]
    [InlineData(2, 0.03, 0.05)]
    [InlineData(3, 0.03, 0.02)]
    [InlineData(5, -0.01, 0.08)]
    [InlineData(double.PositiveInfinity, 0.02, 0.03)]
    public void The_expected_regret_is_the_integral_of_the_loss_over_the_error(double degrees, double gap, double half)
    {
        GapEvidence runs = Runs(degrees, (8, gap, half));
        double Cumulative(double x) =>
            double.IsInfinity(degrees) ? NormalDistribution.Cumulative(x) : StudentTDistribution.Cumulative(degrees, x);
        double scale =
            half / (double.IsInfinity(degrees) ? NormalDistribution.Quantile(0.975) : StudentTDistribution.Quantile(degrees, 0.975));
        // E max(0, sT − |gap|) = s ∫_{|gap|/s}^∞ P(T > z) dz, by Simpson in z = a + u/(1−u).
        double a = Math.Abs(gap) / scale,
            sum = 0;
        const int N = 20000;
        for (int i = 0; i < N; i++)
        {
            double u = (i + 0.5) / N;
            sum += Cumulative(-(a + u / (1 - u))) / ((1 - u) * (1 - u)) / N;
        }
        double regret = runs.ExpectedRegret(runs.Points[0])!.Value;
        Assert.InRange(regret, scale * sum * 0.9995, scale * sum * 1.0005 + 1e-12);
    }

    [Fact]
    public void Between_two_batch_sizes_it_interpolates_and_says_so()
    {
        BatchAdvice advice = Ask(32, Runs(3, (16, 0.1, 0.02), (64, 0.3, 0.04)));
        Assert.Equal("adam", advice.Recommended);
        Assert.Equal(0.2, advice.Gap!.Value, 1e-12);
        Assert.Equal(0.17, advice.Low!.Value, 1e-12);
        Assert.Equal(0.1 * Math.Sqrt(32), advice.First.LearningRate!.Value, 1e-12);
        Assert.Contains("interpolated", advice.Origin, StringComparison.Ordinal);
        Assert.DoesNotContain("interpolated", Ask(64, Runs(3, (16, 0.1, 0.02), (64, 0.3, 0.04))).Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_the_range_it_extrapolates_nothing()
    {
        BatchAdvice advice = Ask(128, Runs(3, (16, 0.1, 0.02), (64, 0.3, 0.04)));
        Assert.Null(advice.Recommended);
        Assert.Null(advice.Gap);
        Assert.Contains("above the largest that the source knows, 64", Assert.Single(advice.Objections), StringComparison.Ordinal);
        Assert.Contains(
            "below the smallest that the source knows, 16",
            Assert.Single(Ask(8, Runs(3, (16, 0.1, 0.02), (64, 0.3, 0.04))).Objections),
            StringComparison.Ordinal
        );
        Assert.StartsWith("not determined at batch size 128", advice.ToLines()[0], StringComparison.Ordinal);
        Assert.Null(advice.ToJson()["confidence"]);
    }

    [Fact]
    public void A_prediction_answers_where_no_run_does_and_its_disagreement_is_told()
    {
        GapEvidence runs = Runs(3, (16, 0.1, 0.02), (64, 0.3, 0.04));
        GapEvidence predicted = Runs(double.PositiveInfinity, (1, -0.3, 0.1), (512, -0.5, 0.1)) with { Origin = "predicted" };
        Assert.Equal("predicted, interpolated in log2 of the batch size", Ask(128, runs, predicted).Origin);
        Assert.Equal("sgd", Ask(128, runs, predicted).Recommended);
        BatchAdvice inside = Ask(64, runs, predicted);
        Assert.Equal("adam", inside.Recommended);
        Assert.Contains(inside.Objections, o => o.Contains("disagrees", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.01, 0.05)] // within its interval of zero
    [InlineData(0.01, null)] // one seed
    public void Without_confidence_nothing_is_recommended(double gap, double? half)
    {
        BatchAdvice advice = Ask(16, Runs(half is null ? 0 : 3, (16, gap, half)));
        Assert.Null(advice.Recommended);
        Assert.Equal("adam", advice.LooksAhead);
        Assert.NotEmpty(advice.Objections);
    }

    [Fact]
    public void A_trailing_optimizer_at_its_grids_edge_forbids_a_recommendation()
    {
        GapEvidence runs = Runs(3, (16, 0.1, 0.02));
        runs = runs with
        {
            Points = [runs.Points[0] with { Undermined = "sgd's best learning rate at batch size 16, 3, is the largest tried" }],
        };
        BatchAdvice advice = Ask(16, runs);
        Assert.Null(advice.Recommended);
        Assert.Contains(advice.Objections, o => o.Contains("the largest tried: learning rates beyond it", StringComparison.Ordinal));
    }
}
