// A headline claims no more than its numbers: what it says of ranges, of zeros, of few seeds and of places between batch sizes.
using Gaplab.Numerics.Distributions;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class HeadlineSpecs
{
    /// <summary>Bracketed grids over four seeds: at each batch size the gap of each seed.</summary>
    private static ComparisonAnalysis Analyse(params (long Batch, double[] Gaps)[] sizes) =>
        Sweeps.Analyse(
            new SweepTable(
                [
                    .. from size in sizes
                    from seed in Enumerable.Range(0, size.Gaps.Length)
                    from rate in new[] { 1.0, 2, 4 }
                    from optimizer in new[] { "sgd", "adam" }
                    select SweepRow.Finished(
                        ComparisonKey.Empty,
                        optimizer,
                        rate,
                        size.Batch,
                        $"{seed}",
                        null,
                        3 + (rate == 2 ? 0 : 0.5) + 0.01 * seed + (optimizer == "sgd" ? size.Gaps[seed] : 0)
                    ),
                ],
                "loss"
            )
        );

    [Fact]
    public void Ahead_at_every_size_takes_an_interval_of_every_size_that_says_so()
    {
        // Gaps of the kind that a real text gave: clear at 64 and 256, within the seeds at 4 and 16.
        ComparisonAnalysis analysis = Analyse(
            (4, [0.02, -0.01, 0.03, 0.003]),
            (16, [0.03, -0.01, 0.05, -0.014]),
            (64, [0.07, 0.09, 0.08, 0.085]),
            (256, [0.15, 0.17, 0.16, 0.165])
        );
        Assert.All(analysis.Gaps, g => Assert.True(g.Value > 0));
        Assert.Equal(Verdict.SecondBetterInPart, analysis.Verdict);
        Assert.Equal("adam is ahead at 64 and 256; not decided at 4 and 16; no crossing seen.", analysis.Headline);
        Assert.DoesNotContain("every", analysis.Headline, StringComparison.Ordinal);
        Assert.Contains(
            analysis.Needs,
            n => n.Contains("seeds", StringComparison.Ordinal) && n.Contains("batch size 4 and 16", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Throughout_is_for_intervals_that_hold_together()
    {
        double[] clear = [0.10, 0.11, 0.105, 0.095];
        Assert.Equal(Verdict.SecondBetterThroughout, Analyse((4, clear), (16, clear), (64, clear), (256, clear)).Verdict);

        // Each interval excludes zero by itself; corrected for four of them, none does.
        double[] bare = [0.10, 0.03, 0.15, 0.08];
        ComparisonAnalysis each = Analyse((4, bare), (16, bare), (64, bare), (256, bare));
        Assert.All(each.Gaps, g => Assert.Equal((1, 0), (g.Decided, g.DecidedAtOnce)));
        Assert.Equal(Verdict.SecondBetterInPart, each.Verdict);
        Assert.Contains("by its own interval, but not at all of them at once", each.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corrected_interval_is_the_interval_at_the_level_divided_among_the_sizes()
    {
        double[] gaps = [0.10, 0.05, 0.14, 0.08];
        Gap one = Analyse((4, gaps), (16, gaps)).Gaps[0],
            two = Analyse((4, gaps), (16, gaps), (64, gaps), (256, gaps)).Gaps[0];
        // One learning rate is best for both optimizers in every resample: the resamples are means of the paired differences.
        double[] means = [.. from a in gaps from b in gaps from c in gaps from d in gaps select (a + b + c + d) / 4];
        foreach ((Gap gap, double level) in new[] { (one, 1 - 0.05 / 2), (two, 1 - 0.05 / 4) })
        {
            double[] sorted = [.. means.Order()];
            double Type7(double p) =>
                sorted[(int)(255 * p)] + (255 * p - (int)(255 * p)) * (sorted[Math.Min(255, (int)(255 * p) + 1)] - sorted[(int)(255 * p)]);
            double factor =
                StudentTDistribution.Quantile(3, (1 + level) / 2) / NormalDistribution.Quantile((1 + level) / 2) * Math.Sqrt(4.0 / 3);
            Assert.Equal(0.0925 + factor * (Type7((1 - level) / 2) - 0.0925), gap.Corrected.Low!.Value, 9);
            Assert.Equal(0.0925 + factor * (Type7((1 + level) / 2) - 0.0925), gap.Corrected.High!.Value, 9);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fewer_than_three_seeds_give_point_estimates_that_say_so(int seeds)
    {
        double[] Of(double gap) => [.. Enumerable.Range(0, seeds).Select(s => gap + 0.0001 * s)];
        ComparisonAnalysis throughout = Analyse((4, Of(0.1)), (16, Of(0.2)), (64, Of(0.3))),
            crossing = Analyse((4, Of(-0.1)), (16, Of(0.2)), (64, Of(0.3)));
        foreach (ComparisonAnalysis analysis in new[] { throughout, crossing })
        {
            Assert.Equal(Verdict.NotDetermined, analysis.Verdict);
            Assert.Contains(seeds == 1 ? "one seed" : "2 seeds; a verdict takes 3", analysis.Headline, StringComparison.Ordinal);
            Assert.Contains("the point estimates say", analysis.Headline, StringComparison.Ordinal);
            Assert.Contains(analysis.Needs, n => n.Contains('3', StringComparison.Ordinal));
        }
        Assert.Contains("adam overtakes sgd at batch size", crossing.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void Exactly_zero_is_level_and_no_lead()
    {
        double[] zero = [0, 0, 0, 0],
            lead = [0.05, 0.05, 0.05, 0.05];
        ComparisonAnalysis analysis = Analyse((16, zero), (64, zero), (256, lead));
        Assert.Equal("adam is ahead at 256; level at 16 and 64; no crossing seen.", analysis.Headline);
        Assert.Equal(Verdict.SecondBetterInPart, analysis.Verdict);
        ComparisonAnalysis one = Analyse((16, [0]), (64, [0]), (256, [0.05]));
        Assert.EndsWith("the point estimates say: adam is ahead at 256; level at 16 and 64.", one.Headline, StringComparison.Ordinal);
        Assert.Equal(Verdict.Tie, Analyse((16, zero), (64, zero)).Verdict);
        Assert.Equal("One batch size, 16: sgd and adam are level.", Analyse((16, zero)).Headline);
    }

    [Fact]
    public void One_batch_size_whose_interval_holds_zero_is_not_called_a_lead()
    {
        Assert.StartsWith(
            "One batch size, 16: not decided; the point estimates say: adam is ahead by",
            Analyse((16, [0.03, -0.02, 0.01, 0.005])).Headline,
            StringComparison.Ordinal
        );
        Assert.StartsWith("One batch size, 16: adam is ahead by", Analyse((16, [0.1, 0.11, 0.09, 0.1])).Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crossover_between_batch_sizes_far_apart_has_no_number_but_its_bracket()
    {
        double[] sgd = [-0.30, -0.28, -0.29, -0.31],
            adam = [0.02, 0.025, 0.022, 0.021];
        ComparisonAnalysis wide = Analyse((4, sgd), (64, adam));
        Assert.Equal(Verdict.Crossover, wide.Verdict);
        Assert.Equal("adam overtakes sgd between batch sizes 4 and 64 (95% interval 4 … 64).", wide.Headline);
        Assert.Equal(
            (new Bracket(4, 64), null, new Interval(4, 64)),
            (wide.Isotonic!.Between, wide.Isotonic.Batch, wide.Isotonic.Interval)
        );
        Assert.Contains(wide.Needs, n => n.Contains("such as 16", StringComparison.Ordinal));
        ComparisonAnalysis narrow = Analyse((16, sgd), (64, adam));
        Assert.NotNull(narrow.Isotonic!.Batch);
        Assert.StartsWith("adam overtakes sgd at batch size ", narrow.Headline, StringComparison.Ordinal);
        Assert.Equal(new Interval(16, 64), narrow.Isotonic.Interval);
    }
}
