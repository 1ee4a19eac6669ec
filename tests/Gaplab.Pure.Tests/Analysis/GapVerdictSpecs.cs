// The verdict on drawn gap curves: words, B*, its onset and bins, what makes it, and the next run, on curves whose answer is known.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class GapVerdictSpecs
{
    private static readonly long[] Sizes = [4, 16, 64, 256];
    private static readonly RelevanceBand Band = new();

    [Fact]
    public void The_band_is_symmetric_and_measured_above_the_floor()
    {
        var band = new RelevanceBand(0.01, 1.0);
        Assert.Equal(0, band.Side(band.LogGap(1.1009, 1.1)));
        Assert.Equal(1, band.Side(band.LogGap(1.1011, 1.1)));
        Assert.Equal(-1, band.Side(band.LogGap(1.1, 1.1011)));
        Assert.Equal(0.001, band.HalfWidth(1.1, 1.3), 1e-12);
        Assert.Equal(0.001, band.HalfWidth(1.3, 1.1), 1e-12);
        Assert.Equal(0, band.HalfWidth(0.9, 1.1));
        Assert.Equal("1 % of the loss above its floor of 1", band.Says);
        Assert.Equal("1 % of the loss (its floor is not known and counted as 0)", Band.Says);
        Assert.Contains(
            "expected a part",
            Assert.Throws<InputException>(() => RelevanceBand.Of(0, null)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(new[] { -0.1, -0.05, 0.05, 0.1 }, 1, 5.0, true, 4)] // between 16 and 64, half-way in log₂
    [InlineData(new[] { -0.1, -0.005, 0.005, 0.1 }, 1, 5.0, true, 4)] // leaves the band at both ends only
    [InlineData(new[] { -0.005, 0.005, 0.05, 0.1 }, 0, double.NaN, false, 0)] // never leaves it below
    [InlineData(new[] { 0.1, 0.05, -0.05, -0.1 }, 1, 5.0, false, 5)] // the other way
    [InlineData(new[] { -0.1, 0.1, -0.1, 0.1 }, 3, 3.0, true, 5)]
    [InlineData(new[] { -0.1, -0.1, -0.1, 0.0 }, 0, double.NaN, false, 4)]
    [InlineData(new[] { 0.001, -0.001, 0.0, 0.005 }, 0, double.NaN, false, 5)]
    [InlineData(new[] { -0.1, double.NaN, 0.1, 0.1 }, 1, 4.0, true, 2)]
    public void A_curve_crosses_where_it_leaves_the_band_on_both_sides(double[] gaps, int changes, double log2, bool toSecond, int bin)
    {
        double[] x = [2, 4, 6, 8];
        var curve = BandCrossing.Of(x, gaps, Band.LogHalfWidth);
        Assert.Equal(changes, curve.Changes);
        Assert.Equal(toSecond, curve.ToSecond);
        if (changes == 1)
            Assert.Equal(log2, curve.Log2Batch, 1e-9);
        // Bins: 0 below, 1 to 3 between, 4 above, 5 none.
        Assert.Equal(changes == 1 && toSecond ? (log2 > 4 ? 2 : 1) : bin, CrossoverBins.IndexOf(Sizes, curve));
    }

    [Fact]
    public void Probabilities_intervals_and_B_star_are_those_of_a_normal_family_of_curves()
    {
        // G = 0.05·(log₂ B − θ), θ normal(5, 0.4): everything follows from θ.
        GapDraws draws = Family(5, 0.4);
        var verdict = GapVerdict.Of("sgd", "adam", draws, Band);
        double half = Band.LogHalfWidth / 0.05;
        double Phi(double t) => NormalDistribution.Cumulative((t - 5) / 0.4);
        foreach (BatchVerdict b in verdict.Batches)
        {
            double x = Math.Log2(b.Batch);
            Assert.Equal(1 - Phi(x + half), b.FirstAhead, 0.012);
            Assert.Equal(Phi(x - half), b.SecondAhead, 0.012);
            Assert.Equal(0.05 * (x - 5), b.Gap, 0.001);
            Assert.Equal(0.05 * (x - 5 - 0.4 * 1.2816), b.Low, 0.001);
        }
        Assert.Equal(1, verdict.Crossing, 0.005);
        Assert.Equal(32, verdict.BStar!.Value, 0.8);
        Assert.Equal(Math.Pow(2, 5 - 0.4 * 1.2816), verdict.Interval.Low!.Value, 0.7);
        Assert.Equal(Phi(6) - Phi(4), verdict.Bins.Between[1], 0.012);
        Assert.Equal(1, verdict.Bins.All.Sum(), 1e-12);
        Assert.StartsWith("adam overtakes sgd at batch size 3", GapVerdictText.Headline(verdict), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wide_B_star_is_no_number()
    {
        // 80% within ±1.2816 octaves: a factor 5.9.
        var verdict = GapVerdict.Of("sgd", "adam", Family(5, 1), Band);
        Assert.True(verdict.Crossing > 0.8);
        Assert.Null(verdict.BStar);
        Assert.Contains("where is not determined", GapVerdictText.Headline(verdict), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_crossing_the_onset_is_told()
    {
        // Level, then a hinge: G = 0.02·max(0, log₂ B − θ), which leaves the band half an octave later.
        var stream = RandomStream.For(1, "hinge");
        GapDraws draws = Drawn(_ => 5 + 0.2 * stream.NextGaussian(), (x, theta) => 0.02 * Math.Max(0, x - theta));
        var verdict = GapVerdict.Of("sgd", "adam", draws, Band);
        Assert.Equal(0, verdict.Crossing);
        Assert.Equal(1, verdict.OnsetSide);
        Assert.Equal(5 + Band.LogHalfWidth / 0.02, Math.Log2(verdict.Onset!.Value), 0.05);
        string headline = GapVerdictText.Headline(verdict);
        Assert.StartsWith("No crossover in range: adam is ahead at 64 and 256; level at 4 and 16.", headline, StringComparison.Ordinal);
        Assert.Contains("adam's lead exceeds 1 % from batch size 45", headline, StringComparison.Ordinal);
        Assert.Equal(1, verdict.Bins.Below);
    }

    [Fact]
    public void What_makes_a_crossover_is_read_off_the_curves_with_a_long_memory()
    {
        GapDraws draws = Family(5, 0.4);
        GapVerdict Of(Func<double[], double[]> remedied) =>
            GapVerdict.Of("sgd", "adam", draws with { LongMemory = [.. draws.Gaps.Select(remedied)] }, Band) with
            {
                Remedy = "β₂ = 0.999",
            };
        GapVerdict memory = Of(g => [.. g.Select(v => Math.Max(v, 0.002))]),
            steps = Of(g => g),
            both = Of(g => [.. g.Select(_ => -0.1)]);
        Assert.Equal((1, 0, 0), (memory.Branches!.Memory, memory.Branches.Steps, memory.Branches.ShortTraining));
        Assert.Contains(GapVerdictText.Reasons(memory), r => r.Contains("with β₂ = 0.999 at batch size 4 it goes away"));
        Assert.Equal((0, 1), (steps.Branches!.Memory, steps.Branches.Steps));
        Assert.Contains(GapVerdictText.Reasons(steps), r => r.StartsWith("Steps make the crossover", StringComparison.Ordinal));
        Assert.Contains(GapVerdictText.Reasons(steps), r => r.StartsWith("Short training: sgd", StringComparison.Ordinal));
        Assert.Equal(1, both.Branches!.ShortTraining);
    }

    [Fact]
    public void A_verdict_has_three_faces()
    {
        GapVerdict verdict = GapVerdict.Of("sgd", "adam", Family(5, 0.4), Band) with
        {
            Next = new NextRun(16, 9000, 1, 54_000, 0.7, 2.2),
            Doubt = "the sampler's populations disagree",
        };
        string text = string.Join("\n", GapVerdictText.Lines(verdict));
        foreach (
            string part in (string[])
                ["adam overtakes sgd", "80% interval", "But the sampler's", "16 to 64", "both optimizers at batch size 16"]
        )
            Assert.Contains(part, text, StringComparison.Ordinal);
        JsonObject json = GapVerdictText.Json(verdict);
        Assert.Equal(verdict.BStar, (double?)json["batch"]);
        Assert.Equal(4, json["batches"]!.AsArray().Count);
        Assert.Equal("second", (string?)json["batches"]![3]!["word"]);
        Assert.Equal(0.7, (double?)json["next"]!["bits"]);
        Section section = GapVerdictText.Section(verdict, new Provenance("s.yaml", "gaplab predict s.yaml", []));
        Assert.Equal(4, section.Table!.Rows.Count);
        Assert.Contains(GapVerdictText.Headline(verdict), section.Prose);
    }

    [Fact]
    public void The_next_run_tells_what_a_normal_posterior_says_it_must()
    {
        // θ normal(5, 1), an observation of the gap at B with error σ: posterior variance 1/(1 + (slope/σ)²), wherever B lies.
        GapDraws draws = Family(5, 1, count: 4000);
        RunCandidate Candidate(double deviation, double cost) =>
            new(
                32,
                1000,
                1,
                cost,
                // The second's loss is one: the first's is the gap's exponential, small.
                [.. draws.Gaps.Select(g => (0.05 * -g[0], deviation))],
                [.. draws.Gaps.Select(_ => (1.0, 1e-3))]
            );
        IReadOnlyList<NextRun> each = NextRun.Each(draws, Band, [Candidate(0.0025, 10), Candidate(0.01, 5), Candidate(10, 1)]);
        // g[0] = 0.05·(2 − θ): the first's loss is 0.0025·(θ − 2).
        double Sd(double deviation) => 1 / Math.Sqrt(1 + Math.Pow(0.0025 / deviation, 2));
        Assert.Equal(Math.Pow(2, 2 * 1.2816 * Sd(0.0025)), each[0].Factor!.Value, 0.25);
        Assert.Equal(Math.Pow(2, 2 * 1.2816 * Sd(0.01)), each[1].Factor!.Value, 0.3);
        Assert.True(each[0].Bits > each[1].Bits && each[1].Bits > each[2].Bits);
        Assert.Equal(0, each[2].Bits, 0.02);
        Assert.Equal(10, NextRun.Choose(draws, Band, [Candidate(10, 1), Candidate(0.0025, 10)])!.Cost);
        Assert.Equal(3, NextRun.Choose(draws, Band, [Candidate(0.0025, 3), Candidate(0.00249, 10)])!.Cost);
        Assert.Null(NextRun.Choose(draws, Band, [Candidate(100, 1)]));
        Assert.Null(NextRun.Choose(draws, Band, []));
    }

    private static GapDraws Family(double mean, double deviation, int count = 6000)
    {
        var stream = RandomStream.For(5, "family");
        return Drawn(_ => mean + deviation * stream.NextGaussian(), (x, theta) => 0.05 * (x - theta), count);
    }

    private static GapDraws Drawn(Func<int, double> draw, Func<double, double, double> gap, int count = 6000)
    {
        IReadOnlyList<double> grid = GapDraws.Between(Sizes);
        return new GapDraws
        {
            Sizes = Sizes,
            Grid = grid,
            Gaps = [.. Enumerable.Range(0, count).Select(draw).Select(theta => (double[])[.. grid.Select(b => gap(Math.Log2(b), theta))])],
        };
    }
}
