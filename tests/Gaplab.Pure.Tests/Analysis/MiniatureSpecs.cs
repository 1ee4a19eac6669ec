// Reading a study's gap from its miniature, on made-up sweeps whose gaps are known.
using Gaplab.Results.Advice;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class MiniatureSpecs
{
    /// <summary>Two seeds at batch sizes 1, 4, 16 and 64; Adam's tuned loss is 2, SGD's 2·exp(gap) with the gap rising by 0.1 an octave
    /// from zero at batch size 8, ±0.01 by the seed.</summary>
    private static ComparisonAnalysis Miniature(double zero = 8, double scatter = 0.01)
    {
        var rows = new List<SweepRow>();
        foreach (long batch in (long[])[1, 4, 16, 64])
            for (int seed = 0; seed < 2; seed++)
                foreach (double rate in (double[])[0.1, 0.3, 0.9])
                {
                    double off = rate == 0.3 ? 0 : 1;
                    rows.Add(
                        SweepRow.Finished(
                            ComparisonKey.Empty,
                            "sgd",
                            rate,
                            batch,
                            $"{seed}",
                            null,
                            2 * Math.Exp(0.1 * Math.Log2(batch / zero) + (seed == 0 ? scatter : -scatter)) + off
                        )
                    );
                    rows.Add(SweepRow.Finished(ComparisonKey.Empty, "adam", rate, batch, $"{seed}", null, 2 + off));
                }
        return GapAnalysis.Analyse(new SweepTable(rows, "loss")).Comparisons[0];
    }

    [Fact]
    public void Batch_sizes_and_the_crossover_are_the_miniatures_times_its_scale()
    {
        GapPrediction read = MiniatureReading.Of(Miniature(), 4, "sgd", "adam", "g")!;
        Assert.Equal((GapPrediction.ByMiniature, "g", "crossover"), (read.Method, read.Comparison, read.Verdict));
        Assert.Equal([4, 16, 64, 256], read.Gaps.Select(g => g.Batch));
        // ln of the mean over ±0.01 is cosh(0.01).
        Assert.All(read.Gaps, g => Assert.Equal(0.1 * Math.Log2(g.Batch / 32) + Math.Log(Math.Cosh(0.01)), g.Gap, 1e-12));
        // The fit interpolates the losses' difference, 2·(e^±0.1·cosh 0.01 − 1) at 4 and 16, in log₂ B.
        double below = 1 - Math.Exp(-0.1) * Math.Cosh(0.01),
            above = Math.Exp(0.1) * Math.Cosh(0.01) - 1,
            crossing = Math.Pow(2, 2 + 2 * below / (below + above));
        Assert.Equal(4 * crossing, read.Crossing!.Value, 1e-9);
        Assert.All(read.Gaps, g => Assert.Equal((0.3, 0.3), (g.FirstRate, g.SecondRate)));
        // From equal noise to equal steps, and beyond by the two seeds: 0.01 of a gap is a tenth of an octave.
        Assert.InRange(read.Interval.Low!.Value, crossing * Math.Pow(2, -0.11), crossing * Math.Pow(2, -0.09));
        Assert.InRange(read.Interval.High!.Value, 16 * crossing * Math.Pow(2, 0.09), 16 * crossing * Math.Pow(2, 0.11));
    }

    [Fact]
    public void Intervals_reach_from_the_reading_at_equal_steps_to_that_at_equal_noise()
    {
        GapPrediction read = MiniatureReading.Of(Miniature(scatter: 1e-9), 4, "sgd", "adam", "")!;
        // At 64 the miniature's batch size is 16; its neighbours two octaves away are 4 and 64. At the ends nothing is extrapolated: an end
        // that wants it is open.
        foreach (
            (int at, double? low, double? high) in ((int, double?, double?)[])
                [(0, null, -0.1), (1, -0.3, 0.1), (2, -0.1, 0.3), (3, 0.1, null)]
        )
        {
            Assert.Equal((low is null, high is null), (read.Gaps[at].Low is null, read.Gaps[at].High is null));
            Assert.Equal(low ?? 0, read.Gaps[at].Low ?? 0, 1e-6);
            Assert.Equal(high ?? 0, read.Gaps[at].High ?? 0, 1e-6);
        }
        // An octave away lies halfway between two of the miniature's batch sizes.
        Assert.Equal(0.0, MiniatureReading.Of(Miniature(scatter: 1e-9), 2, "sgd", "adam", "")!.Gaps[1].High!.Value, 1e-6);
    }

    [Fact]
    public void One_optimizer_throughout_is_no_crossover_and_losses_below_zero_are_no_prediction()
    {
        GapPrediction adam = MiniatureReading.Of(Miniature(zero: 0.5), 4, "sgd", "adam", "")!,
            sgd = MiniatureReading.Of(Miniature(zero: 500), 4, "sgd", "adam", "")!;
        Assert.Equal(("second-better-throughout", null, Interval.None), (adam.Verdict, adam.Crossing, adam.Interval));
        Assert.Equal(("first-better-throughout", null), (sgd.Verdict, sgd.Crossing));
        SweepRow[] negative =
        [
            .. from optimizer in (string[])["sgd", "adam"]
            from seed in (string[])["0", "1"]
            select SweepRow.Finished(ComparisonKey.Empty, optimizer, 0.1, 8, seed, null, -1),
        ];
        Assert.Null(MiniatureReading.Of(GapAnalysis.Analyse(new SweepTable(negative, "loss")).Comparisons[0], 4, "sgd", "adam", ""));
    }

    [Fact]
    public void A_miniature_keeps_its_name_in_files_and_in_advice()
    {
        string path = Path.GetTempFileName();
        GapPrediction made = MiniatureReading.Of(Miniature(), 4, "sgd", "adam", "")!;
        made.Write(path);
        GapPrediction read = GapPrediction.Read(path);
        Assert.Equal((made.Method, made.Crossing, made.Interval), (read.Method, read.Crossing, read.Interval));
        Assert.Equal(made.Gaps, read.Gaps);
        File.Delete(path);
        BatchAdvice advice = BatchAdvice.Of(
            256,
            "loss",
            ("sgd", 4),
            ("adam", 8),
            [GapEvidence.Predicted(read, "predicted from the study's miniature")!]
        );
        Assert.Equal("adam", advice.Recommended);
        Assert.Contains(advice.Objections, o => o.Contains("smaller batches", StringComparison.Ordinal));
    }

    [Fact]
    public void One_seed_or_a_best_rate_at_the_edge_leaves_no_interval_and_no_confidence()
    {
        SweepRow[] Rows(int seeds, double sgdRate) =>
            [
                .. from batch in (long[])[1, 4, 16]
                from seed in Enumerable.Range(0, seeds)
                from rate in (double[])[0.1, 0.3, 0.9]
                from optimizer in (string[])["sgd", "adam"]
                select SweepRow.Finished(
                    ComparisonKey.Empty,
                    optimizer,
                    rate,
                    batch,
                    $"{seed}",
                    null,
                    2 + (optimizer == "sgd" ? 0.5 + 0.01 * seed + Math.Abs(rate - sgdRate) : Math.Abs(rate - 0.3))
                ),
            ];
        GapPrediction Read(int seeds, double sgdRate) =>
            MiniatureReading.Of(GapAnalysis.Analyse(new SweepTable(Rows(seeds, sgdRate), "loss")).Comparisons[0], 4, "sgd", "adam", "")!;
        Assert.All(Read(2, 0.3).Gaps.Skip(1), g => Assert.NotNull(g.Low));
        foreach (GapPrediction bare in (GapPrediction[])[Read(1, 0.3), Read(2, 0.9)])
        {
            Assert.All(bare.Gaps, g => Assert.Equal((null, null), (g.Low, g.High)));
            Assert.Null(BatchAdvice.Of(16, "loss", ("sgd", 4), ("adam", 8), [GapEvidence.Predicted(bare, "m")!]).Confidence);
        }
    }

    [Fact]
    public void The_fit_and_not_the_last_gap_says_who_is_ahead_above_the_crossover()
    {
        var rows = new List<SweepRow>();
        foreach ((long batch, double gap) in ((long, double)[])[(1, -1), (4, 2), (16, 2), (64, -0.1)])
            for (int seed = 0; seed < 2; seed++)
                rows.AddRange([
                    SweepRow.Finished(ComparisonKey.Empty, "sgd", 0.1, batch, $"{seed}", null, 4 + gap),
                    SweepRow.Finished(ComparisonKey.Empty, "adam", 0.1, batch, $"{seed}", null, 4),
                ]);
        GapPrediction read = MiniatureReading.Of(GapAnalysis.Analyse(new SweepTable(rows, "loss")).Comparisons[0], 4, "sgd", "adam", "")!;
        Assert.Equal(("crossover", "adam"), (read.Verdict, read.AheadAbove));
        Assert.Equal("adam", GapEvidence.Predicted(read, "m")!.Flip!.Above);
        Assert.Equal("sgd", (read with { Above = null }).AheadAbove);
    }
}
