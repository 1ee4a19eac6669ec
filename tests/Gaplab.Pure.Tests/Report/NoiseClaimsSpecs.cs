// The claims about noise: verdicts follow the control and the intervals, never the bare α.
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Report;

public sealed class NoiseClaimsSpecs
{
    [Fact]
    public void Noise_that_reads_below_two_like_its_control_is_not_heavy_tailed()
    {
        NoiseRow[] rows = [.. Enumerable.Range(0, 4).Select(i => Row($"r{i}", "sgd", "point", "pooled", 1.2, 1.2, heavy: false))];
        ClaimResult claim = Claim("a-sgd", rows);
        Assert.Equal("did not hold", claim.Verdict);
        Assert.Contains("below 2 in 4 and heavier than the control in 0 of 4", claim.Measured, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 3, "held")]
    [InlineData(3, 2, "held in part")]
    [InlineData(2, 1, "did not hold")]
    public void Heavy_tails_hold_along_the_axes_on_which_most_series_leave_their_control(int iterations, int pooled, string verdict)
    {
        NoiseRow[] rows =
        [
            .. Enumerable
                .Range(0, 4)
                .SelectMany(i =>
                    new[]
                    {
                        Row($"r{i}", "sgd", "point", "iterations", 1.5, 2, i < iterations),
                        Row($"r{i}", "sgd", "point", "pooled", 1.5, 1.8, i < pooled),
                    }
                ),
        ];
        Assert.Equal(verdict, Claim("a-sgd", rows).Verdict);
    }

    [Fact]
    public void A_series_without_a_control_decides_nothing() =>
        Assert.Equal("not decided", Claim("a-adam", [Row("r0", "adam", "window", "pooled", 1.1, double.NaN, null)]).Verdict);

    [Theory]
    [InlineData(1.6, 1.9, "held")]
    [InlineData(1.9, 1.6, "did not hold")]
    public void Adam_is_lighter_where_it_lies_nearer_to_its_own_control_in_every_run(double sgd, double adam, string verdict)
    {
        // Adam's control reads 1.0 for its correlation alone: the bare α of Adam is far below SGD's either way.
        NoiseRow[] rows =
        [
            .. Enumerable
                .Range(0, 3)
                .SelectMany(i =>
                    new[]
                    {
                        Row($"r{i}", "sgd", "window", "iterations", 1 / (1 / sgd + 0.001 * i), 2, true),
                        Row($"r{i}", "adam", "window", "iterations", 1 / (1 / adam - 0.5 + 1.0), 1, true),
                    }
                ),
        ];
        Assert.Equal(verdict, Claim("a-lighter", rows).Verdict);
    }

    [Theory]
    [InlineData(-0.10, -0.12, -0.11, "held")]
    [InlineData(0.10, 0.12, 0.11, "did not hold")]
    [InlineData(-0.10, 0.12, -0.01, "not decided")]
    public void Generalisation_is_decided_by_the_interval_over_seeds(double a, double b, double c, string verdict)
    {
        MatchedLossRow[] losses = [.. ((double[])[a, b, c]).Select((d, i) => new MatchedLossRow(16, i, 1, 2 + d, 2, d, d))];
        Assert.Equal(verdict, NoiseClaims.Of(new NoiseResults([], [], losses, [])).Single(r => r.Id == "e").Verdict);
        Assert.Equal("not decided", NoiseClaims.Of(new NoiseResults([], [], losses[..1], [])).Single(r => r.Id == "e").Verdict);
    }

    private static ClaimResult Claim(string id, NoiseRow[] rows) =>
        NoiseClaims.Of(new NoiseResults(rows, [], [], [])).Single(c => c.Id == id);

    private static NoiseRow Row(string run, string noise, string place, string axis, double alpha, double control, bool? heavy) =>
        new()
        {
            Geometry = "sgd",
            RunBatch = 16,
            Variant = "",
            Fraction = 0,
            Step = 0,
            Run = run,
            Noise = noise,
            Place = place,
            Batch = 16,
            Axis = axis,
            Layer = "all",
            Alpha = alpha,
            Low = alpha,
            High = alpha,
            ControlAlpha = control,
            McCulloch = alpha,
            Hill = alpha,
            Kurtosis = 0,
            Heavy = heavy,
            Verdict = "",
        };
}
