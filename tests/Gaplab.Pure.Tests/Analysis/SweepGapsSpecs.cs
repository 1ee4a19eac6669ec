// Measured gaps with the sweep's own error: against sums by hand.
using Gaplab.Numerics.Distributions;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class SweepGapsSpecs
{
    // Losses of seeds 1 and 2 at two rates.
    private static IEnumerable<SweepRow> Rows(string optimizer, long batch, (double One, double Two) low, (double One, double Two) high) =>
        [
            SweepRow.Finished(ComparisonKey.Empty, optimizer, 0.1, batch, "1", null, low.One),
            SweepRow.Finished(ComparisonKey.Empty, optimizer, 0.1, batch, "2", null, low.Two),
            SweepRow.Finished(ComparisonKey.Empty, optimizer, 0.2, batch, "1", null, high.One),
            SweepRow.Finished(ComparisonKey.Empty, optimizer, 0.2, batch, "2", null, high.Two),
        ];

    private static readonly SweepRow[] s_rows =
    [
        .. Rows("sgd", 4, (2.0, 2.2), (2.6, 1.9)),
        .. Rows("adam", 4, (1.8, 1.7), (3, 3)),
        .. Rows("sgd", 16, (2.0, 2.0), (3, 3)),
        .. Rows("adam", 16, (1.5, 1.5), (3, 3)),
    ];

    [Fact]
    public void Gaps_are_log_ratios_above_the_floor_and_errors_those_of_every_resample()
    {
        var band = new RelevanceBand(0.01, 1);
        MeasuredGaps measured = SweepGaps.Of(s_rows, "sgd", "adam", band)!;
        Assert.Equal([4L, 16], measured.Sizes);
        // SGD is best at 0.1 (2.1 against 2.25).
        double gap = Math.Log(1.1 / 0.75);
        Assert.Equal(gap, measured.Gaps[0], 1e-12);
        Assert.Equal(Math.Log(1 / 0.5), measured.Gaps[1], 1e-12);
        // Both seeds, either twice, with the rate chosen anew: of seed 2 alone SGD's other rate is best.
        double factor = StudentTDistribution.BootstrapInflation(2);
        double[] resampled = [Math.Log(1.0 / 0.8), gap, gap, Math.Log(0.9 / 0.7)];
        Assert.Equal(resampled.Select(r => factor * (r - gap)).Order(), measured.Errors[0].Order(), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.All(measured.Errors[1], e => Assert.Equal(0, e, 1e-12));
    }

    [Fact]
    public void One_seed_or_one_batch_size_is_nothing_to_score()
    {
        Assert.Null(SweepGaps.Of([.. s_rows.Where(r => r.Seed == "1")], "sgd", "adam", new RelevanceBand()));
        Assert.Null(SweepGaps.Of([.. s_rows.Where(r => r.Batch == 4)], "sgd", "adam", new RelevanceBand()));
        // Losses below the floor that is claimed have no gap.
        Assert.Null(SweepGaps.Of(s_rows, "sgd", "adam", new RelevanceBand(0.01, 1.75)));
    }
}
