// Back-test and scoring of predictors on made-up tables whose answers are known.
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class PredictionSpecs
{
    /// <summary>SGD is ahead below batch size 32, Adam above, by 0.2 an octave, over four seeds that hardly differ.</summary>
    private static ComparisonAnalysis Measured()
    {
        var rows = new List<SweepRow>();
        foreach (long batch in (long[])[8, 16, 64, 128])
        foreach (string optimizer in (string[])["sgd", "adam"])
            for (int seed = 0; seed < 4; seed++)
            for (int rate = 0; rate < 3; rate++)
                rows.Add(
                    SweepRow.Finished(
                        ComparisonKey.Empty,
                        optimizer,
                        Math.Pow(2, rate),
                        batch,
                        $"{seed}",
                        null,
                        2
                            + Math.Abs(rate - 1)
                            + 1e-4 * seed * (optimizer == "sgd" ? 1.3 : 1)
                            + (optimizer == "sgd" ? 0.2 * (Math.Log2(batch) - 5) : 0)
                    )
                );
        return GapAnalysis.Analyse(new SweepTable(rows, "loss")).Comparisons[0];
    }

    private static GapPrediction Predicted(double crossing, double sign = 1) =>
        new(
            "",
            "sgd",
            "adam",
            [
                .. new double[] { 4, 32, 256 }.Select(b => new PredictedGap(
                    b,
                    sign * 0.1 * Math.Log2(b / crossing),
                    sign * 0.1 * Math.Log2(b / crossing) - 0.2,
                    sign * 0.1 * Math.Log2(b / crossing) + 0.2
                )),
            ],
            crossing,
            new Interval(crossing / 2, crossing * 1.5),
            "crossover"
        );

    [Fact]
    public void A_back_test_counts_signs_crossovers_and_intervals()
    {
        ComparisonAnalysis measured = Measured();
        Assert.Equal(32, measured.Isotonic!.Batch!.Value, 0.1);
        Backtest good = Backtest.Of([new("one", Predicted(40), measured)]);
        Assert.Equal((4, 4), good.Signs);
        Assert.Equal(2, good.Constant);
        Assert.Equal((1, 1), good.WithinFactorTwo);
        Assert.Equal(Math.Log2(40 / 32.0), good.Crossovers[0].Log2Error!.Value, 0.01);
        Assert.True(good.Crossovers[0].Covered);
        // Between predicted batch sizes the prediction is linear in log₂ B.
        Assert.Equal(0.1 * Math.Log2(16 / 40.0), good.Gaps.Single(c => c.Batch == 16).Predicted!.Value, 1e-12);

        Backtest wrong = Backtest.Of([new("one", Predicted(32, -1), measured)]);
        Assert.Equal((0, 4), wrong.Signs);
        Assert.Equal((0, 1), wrong.WithinFactorTwo);
        Assert.Equal((0, 1), Backtest.Of([new("one", Predicted(100), measured)]).WithinFactorTwo);
    }

    [Fact]
    public void Methods_are_counted_apart_and_compared_on_the_gaps_that_all_of_them_predict()
    {
        ComparisonAnalysis measured = Measured();
        // The miniature, the wrong way round, speaks of 32 and more: of the measured sizes that is 64 and 128.
        GapPrediction backwards = Predicted(32, -1);
        GapPrediction miniature = backwards with { Method = GapPrediction.ByMiniature, Gaps = [.. backwards.Gaps.Skip(1)] };
        IReadOnlyList<Backtest> tests = Backtest.ByMethod([new("one", Predicted(40), measured), new("one", miniature, measured)]);
        Assert.Equal([GapPrediction.ByModel, GapPrediction.ByMiniature], tests.Select(t => t.Method));
        Assert.Equal([(4, 4), (0, 2)], tests.Select(t => t.Signs));
        Assert.Equal([(2, 2), (0, 2)], Backtest.Common(tests));
        Assert.Contains(
            "On the 2 decided gaps that all of them predict, the sign is right in 2 by the gap model, 0 by the miniature.",
            BacktestSection.Headlines(tests)
        );
    }

    [Fact]
    public void A_prediction_reads_back_as_it_was_written()
    {
        string path = Path.GetTempFileName();
        GapPrediction made = Predicted(40);
        made.Write(path);
        GapPrediction read = GapPrediction.Read(path);
        Assert.Equal(made.Gaps, read.Gaps);
        Assert.Equal((made.First, made.Crossing, made.Interval), (read.First, read.Crossing, read.Interval));
        File.WriteAllText(path, "{}");
        Assert.Contains("prediction", Assert.Throws<InputException>(() => GapPrediction.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void Ranks_correlation_and_Holm_are_those_of_hand_calculation()
    {
        Assert.Equal([2, 3.5, 3.5, 1], RankCorrelation.Ranks([2, 5, 5, 1]));
        // Σd² = 4 over n = 5: ρ = 1 − 6·4/120.
        Assert.Equal(0.8, RankCorrelation.Spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 1e-12);
        Assert.Equal([0.03, 0.06, 0.06], Holm.Adjust([0.01, 0.04, 0.03]).Select(p => Math.Round(p, 12)));
        // Of 4! orders 2 give |ρ| = 1.
        Assert.InRange(
            RankCorrelation.PValue([1, 2, 3, 4], [1, 2, 3, 4], RandomStream.For(1, "test"), 20_000),
            2 / 24.0 - 0.01,
            2 / 24.0 + 0.01
        );
    }
}
