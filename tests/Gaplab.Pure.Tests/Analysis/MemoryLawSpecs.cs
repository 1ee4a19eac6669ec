// How the crossover moves with β₂: against closed forms, a published table, and simulated sweeps whose law is known.
using System.Text.Json.Nodes;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class MemoryLawSpecs(ITestOutputHelper output)
{
    private static readonly double[] s_beta2 = [0.9, 0.95, 0.99, 0.999];

    /// <summary>One learning rate that is best and its neighbours; the loss of SGD does not depend on the batch size.</summary>
    private static ComparisonAnalysis Analyse(
        IReadOnlyList<long> batches,
        int seeds,
        Func<double, long, double> adam,
        Func<string, double> noise
    ) => Sweeps.Analyse(Table(batches, seeds, adam, noise));

    private static SweepTable Table(IReadOnlyList<long> batches, int seeds, Func<double, long, double> adam, Func<string, double> noise) =>
        new(
            [
                .. from batch in batches
                from seed in Enumerable.Range(1, seeds)
                from rate in new[] { 1.0, 2, 4 }
                from beta2 in s_beta2.Cast<double?>().Append(null)
                let name = beta2 is null ? "sgd" : "adam"
                select SweepRow.Finished(
                    ComparisonKey.Empty,
                    name,
                    rate,
                    batch,
                    $"{seed}",
                    0.9,
                    1 + (rate == 2 ? 0 : 0.5) + (beta2 is { } b ? adam(b, batch) : 0) + noise($"{name}/{beta2}/{batch}/{rate}/{seed}")
                ) with
                {
                    Beta2 = beta2,
                },
            ],
            "loss"
        );

    [Fact]
    public void A_law_without_noise_has_its_slope_and_the_bounds_of_its_brackets()
    {
        // B* = 300·(1 − β₂): 30, 15, 3, and 0.3 which is out of range; the gap is linear in log₂ B.
        long[] batches = [2, 4, 8, 16, 32, 64];
        ComparisonAnalysis analysis = Analyse(batches, 3, (b, batch) => Math.Log2(300 * (1 - b) / batch), _ => 0);
        MemoryLaw law = Assert.Single(analysis.Memory);
        Assert.Equal(("adam", "sgd"), (law.Optimizer, law.Other));
        Assert.Equal([30, 15, 3], law.Arms.Select(a => a.Interpolated).OfType<double>().Select(b => Math.Round(b, 9)));
        Assert.Equal([new(16, 32), new(8, 16), new(2, 4), null], law.Arms.Select(a => a.Between));
        LawSlope slope = law.Slopes[0];
        Assert.Equal(("1 − β₂", 3), (slope.Variable, slope.Arms));
        Assert.Equal(1, slope.Slope, 9);

        // Every resample is the point estimate: what is left is where in its bracket each crossing lies, here tried out end by end.
        double[] x = [Math.Log2(0.1), Math.Log2(0.05), Math.Log2(0.01)];
        double mean = x.Average(),
            squares = x.Sum(v => (v - mean) * (v - mean));
        double[] slopes =
        [
            .. from a in new[] { 4, 5 }
            from b in new[] { 3, 4 }
            from c in new[] { 1, 2 }
            select ((x[0] - mean) * a + (x[1] - mean) * b + (x[2] - mean) * c) / squares,
        ];
        Assert.Equal(slopes.Min(), slope.Interval.Low!.Value, 9);
        Assert.Equal(slopes.Max(), slope.Interval.High!.Value, 9);
        Assert.Equal(LawVerdict.Undecided, slope.Verdict);
    }

    [Fact]
    public void It_stands_in_the_lines_in_the_json_and_on_the_page()
    {
        SweepTable table = Table([2, 4, 8, 16, 32, 64], 3, (b, batch) => Math.Log2(300 * (1 - b) / batch), _ => 0);
        GapAnalysis analysis = GapAnalysis.Analyse(table);
        IReadOnlyList<string> lines = analysis.ToLines();
        Assert.Contains("  beta2 0.9: B* = 30 (between 16 and 32; 95% interval 16 … 32)", lines);
        Assert.Contains("  beta2 0.999: no crossing in range", lines);
        Assert.Contains(lines, l => l.StartsWith("  log B* on log(1 − β₂) has slope 1.00 (95% interval ", StringComparison.Ordinal));
        JsonNode memory = analysis.ToJson()["comparisons"]![0]!["memory"]![0]!;
        Assert.Equal([16L, 32], memory["arms"]![0]!["between"]!.AsArray().Select(b => (long)b!));
        Assert.Equal("undecided", (string?)memory["slopes"]![0]!["verdict"]);
        var page = CrossoverReport.Build(
            new CrossoverReportInput
            {
                Analysis = analysis,
                Title = "t",
                Source = "s",
                Command = "c",
            }
        );
        Section section = page.Sections.Single(s => s.Id == "memory");
        Assert.Equal(4, section.Table!.Rows.Count);
        // The law's line through crossings that follow it is theirs: 300 times 0.1 and 0.01.
        JsonNode[] law =
        [
            .. section.Chart!.Spec["concat"]![0]!["layer"]![0]!["data"]!["values"]!
                .AsArray()
                .Where(p => (bool)p!["pale"]!)
                .OfType<JsonNode>(),
        ];
        Assert.Equal([0.1, 0.01], law.Select(p => Math.Round((double)p["x"]!, 9)));
        Assert.Equal([30, 3], law.Select(p => Math.Round((double)p["y"]!, 9)));
        Assert.Single(page.Sections, s => s.Id == "memory-losses");
    }

    /// <summary>Comparisons whose B* = c·(1 − β₂)^power at batch sizes an octave apart, c of each its own.</summary>
    private static GapAnalysis Several(int comparisons, double power, double spread, Func<string, double> noise, long draw = 11)
    {
        var stream = RandomStream.For(draw, "several");
        return GapAnalysis.Analyse(
            new SweepTable(
                [
                    .. Enumerable
                        .Range(0, comparisons)
                        .SelectMany(k =>
                        {
                            double constant = 100 * Math.Pow(2, 3 * stream.NextDouble()),
                                own = power + spread * stream.NextGaussian();
                            return Table(
                                [1, 2, 4, 8, 16, 32, 64, 128, 256],
                                3,
                                (b, batch) => Math.Log2(constant * Math.Pow(1 - b, own) / batch),
                                name => noise($"{k}/{name}")
                            )
                                .Rows.Select(r => r with { Comparison = new([new("task", $"{k}")]) });
                        }),
                ],
                "loss"
            )
        );
    }

    [Theory]
    [InlineData(1, LawVerdict.Confirmed)]
    [InlineData(0.6, LawVerdict.Refuted)]
    public void Several_comparisons_decide_together_what_octaves_leave_open_in_each(double power, LawVerdict verdict)
    {
        GapAnalysis analysis = Several(10, power, 0.02, _ => 0);
        JointLaw law = analysis.MemoryLaws.Single(l => l.Variable == "1 − β₂");
        output.WriteLine($"{law}");
        Assert.Equal(("adam", 10, verdict), (law.Optimizer, law.Comparisons, law.Verdict));
        Assert.InRange(power, law.Interval.Low!.Value, law.Interval.High!.Value);
        Assert.All(analysis.Comparisons, c => Assert.NotEqual(LawVerdict.Confirmed, c.Memory[0].Slopes[0].Verdict));
        // The slope itself, by normal equations with a constant for every comparison.
        (double X, double Y, int Task)[] points =
        [
            .. analysis.Comparisons.SelectMany(
                (c, k) =>
                    c.Memory[0]
                        .Arms.Where(a => a.Interpolated is not null)
                        .Select(a => (Math.Log(1 - a.Beta2), Math.Log(a.Interpolated!.Value), k))
            ),
        ];
        double Centred(Func<(double X, double Y, int Task), double> of, (double X, double Y, int Task) at) =>
            of(at) - points.Where(p => p.Task == at.Task).Average(of);
        double expected = points.Sum(p => Centred(q => q.X, p) * p.Y) / points.Sum(p => Math.Pow(Centred(q => q.X, p), 2));
        Assert.Equal(expected, law.Slope, 9);
        Assert.Contains(analysis.ToLines(), l => l.StartsWith("adam, 10 comparisons with ", StringComparison.Ordinal));
        Assert.Equal(law.Slope, (double)analysis.ToJson()["memoryLaws"]![0]!["slope"]!);
    }

    [Fact]
    public void Three_comparisons_decide_nothing_and_one_has_no_common_slope()
    {
        Assert.All(Several(3, 0.5, 0, _ => 0).MemoryLaws, l => Assert.Equal(LawVerdict.Undecided, l.Verdict));
        Assert.Empty(Several(1, 1, 0, _ => 0).MemoryLaws);
    }

    /// <summary>100 simulated suites of eight comparisons: slopes that differ by 0.1, noise of seeds, batch sizes an octave apart. The 95%
    /// interval must hold the mean slope 90 times (of a binomial at 0.95, 89 or fewer have a probability of 0.01).</summary>
    [Fact]
    public void The_common_interval_holds_the_true_slope()
    {
        int held = 0;
        for (int k = 0; k < 100; k++)
        {
            int own = k;
            double Noise(string name) => 0.15 * RandomStream.For(own, "joint/" + name).NextGaussian();
            JointLaw law = Several(8, 0.9, 0.1, Noise, draw: k).MemoryLaws[0];
            held += law.Interval.Low <= 0.9 && law.Interval.High >= 0.9 ? 1 : 0;
        }
        output.WriteLine($"{held} of 100");
        Assert.InRange(held, 90, 100);
    }

    [Theory]
    [InlineData(1, LawVerdict.Confirmed)]
    [InlineData(0.6, LawVerdict.Refuted)]
    public void Fine_batch_sizes_decide_it(double power, LawVerdict verdict)
    {
        long[] batches = [.. Enumerable.Range(4, 60).Select(i => (long)Math.Round(Math.Pow(2, i / 6.0))).Distinct()];
        ComparisonAnalysis analysis = Analyse(batches, 3, (b, batch) => Math.Log2(900 * Math.Pow(1 - b, power) / batch), _ => 0);
        LawSlope slope = Assert.Single(analysis.Memory).Slopes[0];
        Assert.Equal(verdict, slope.Verdict);
        Assert.InRange(slope.Slope, power - 0.05, power + 0.05);
    }

    [Fact]
    public void The_interval_of_a_slope_holds_the_truth_as_often_as_it_says()
    {
        // Adam's loss rises by (M/B)^γ(1−β₂)^γ above a level that is lower than SGD's: B* ∝ 1 − β₂ exactly, under noise and coarse sizes.
        long[] batches = [2, 4, 8, 16, 32, 64, 128];
        const int Sweeps = 200;
        int held = 0,
            decided = 0;
        for (int s = 0; s < Sweeps; s++)
        {
            var stream = new RandomStream((ulong)(s + 1));
            double m = 300 * Math.Pow(2, 2 * stream.NextDouble() - 1),
                gamma = 1 + stream.NextDouble(),
                lead = 0.03 + 0.05 * stream.NextDouble(),
                spread = 0.002 + 0.01 * stream.NextDouble();
            ComparisonAnalysis analysis = Analyse(
                batches,
                3,
                (b, batch) => lead * (Math.Pow(m * (1 - b) / batch, gamma) - 1),
                _ => spread * stream.NextGaussian()
            );
            if (analysis.Memory[0].Slopes is not [var slope, ..])
                continue;
            decided++;
            if (!(slope.Interval.Low > 1) && !(slope.Interval.High < 1))
                held++;
        }
        Assert.True(decided > 0.9 * Sweeps, $"{decided}");
        Assert.True(held >= 0.95 * decided, $"{held} of {decided}");
    }

    [Fact]
    public void A_published_table_shows_its_penalty_as_the_power_that_was_read_off_it()
    {
        ComparisonAnalysis analysis = Assert.Single(
            GapAnalysis.Analyse(SweepImport.Read(Repository.At("tests/tables/marek-adamw.csv")), new() { First = "adamw" }).Comparisons
        );
        MemoryLaw law = Assert.Single(analysis.Memory);
        MemoryArm shortest = law.Arms[0];
        Assert.Equal((null, 0.95), (law.Other, shortest.Beta2));
        // ln(0.1663/0.0371)/ln 4 through the ends; the line through the three leading points.
        Assert.Equal(-1.08, shortest.ExcessExponent!.Value, 0.005);
        Assert.All(law.Arms.Skip(1), a => Assert.Null(a.ExcessExponent));
        Assert.Empty(law.Slopes);
    }

    [Fact]
    public void A_crossing_that_turns_the_other_way_is_shown_and_is_none_of_a_memory()
    {
        MemoryLaw law = Assert.Single(Analyse([2, 4, 8, 16, 32, 64], 3, (b, batch) => Math.Log2(batch / (300 * (1 - b))), _ => 0).Memory);
        Assert.Equal([30, 15, 3], law.Arms.Select(a => a.Interpolated).OfType<double>().Select(b => Math.Round(b, 9)));
        Assert.Empty(law.Slopes);
    }

    [Fact]
    public void One_beta2_is_no_law() => Assert.Empty(Sweeps.Analyse(Sweeps.FromCsv(Sweeps.WorkedCsv())).Memory);
}
