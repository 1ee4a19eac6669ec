// Verdicts, edges, seeds, momentum and findings of a gap analysis.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class GapAnalysisSpecs
{
    private static SweepRow Run(
        string optimizer,
        double rate,
        long batch,
        string seed,
        double loss,
        double? momentum = null,
        double? clip = null
    ) => SweepRow.Finished(ComparisonKey.Empty, optimizer, rate, batch, seed, momentum, loss, null, clip);

    /// <summary>A bracketed sweep: gap(B) given, learning rates 1, 2, 4 with the best in the middle, seeds that move both alike.</summary>
    private static SweepTable Bracketed(params (long Batch, double Gap)[] gaps) =>
        new(
            [
                .. from g in gaps
                from seed in Enumerable.Range(0, 4)
                from rate in new[] { 1.0, 2, 4 }
                from optimizer in new[] { "sgd", "adam" }
                select Run(
                    optimizer,
                    rate,
                    g.Batch,
                    $"{seed}",
                    3 + (rate == 2 ? 0 : 0.1) + 0.002 * seed + (optimizer == "sgd" ? g.Gap + 0.001 * (seed % 2) : 0.0005)
                ),
            ],
            "loss"
        );

    [Fact]
    public void A_positive_gap_means_the_second_is_ahead_for_losses_and_for_scores()
    {
        SweepTable losses = Sweeps.Tuned("sgd 8 3.0", "adam 8 2.5");
        Assert.Equal(0.5, Sweeps.Analyse(losses).Gaps[0].Value, 12);
        ComparisonAnalysis scores = Sweeps.Analyse(Sweeps.Tuned("sgd 8 0.7", "adam 8 0.9"), new AnalysisOptions { HigherIsBetter = true });
        Assert.Equal(0.2, scores.Gaps[0].Value, 12);
        Assert.Equal(0.9, scores.Gaps[0].Second.Value, 12);
    }

    [Fact]
    public void The_best_of_scores_is_the_highest()
    {
        var rows = new List<SweepRow>
        {
            Run("sgd", 1, 8, "1", 0.5),
            Run("sgd", 2, 8, "1", 0.8),
            Run("sgd", 4, 8, "1", 0.6),
            Run("adam", 1, 8, "1", double.NaN),
            Run("adam", 2, 8, "1", 0.9),
        };
        Gap gap = Sweeps.Analyse(new SweepTable(rows, "acc"), new AnalysisOptions { HigherIsBetter = true }).Gaps[0];
        Assert.Equal((2, 0.8, GridEdge.None), (gap.First.LearningRate!.Value, gap.First.Value, gap.First.Edge));
        Assert.Equal((2, 0.9, GridEdge.High), (gap.Second.LearningRate!.Value, gap.Second.Value, gap.Second.Edge));
        Assert.Equal(double.NegativeInfinity, gap.Second.Trials[0].Mean);
    }

    [Fact]
    public void A_clear_sign_change_is_a_crossover()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(Bracketed((8, -0.2), (16, -0.1), (32, 0.1), (64, 0.2)));
        Assert.Equal(Verdict.Crossover, analysis.Verdict);
        Assert.InRange(analysis.Crossovers[0].Batch!.Value, 22, 23);
        Assert.Equal(new Interval(16, 32), analysis.Isotonic!.Interval);
        Assert.Equal(1, analysis.Isotonic!.FractionCrossing);
        Assert.Empty(analysis.Needs);
    }

    [Fact]
    public void A_gap_of_one_sign_says_who_is_better_throughout()
    {
        Assert.Equal(Verdict.SecondBetterThroughout, Sweeps.Analyse(Bracketed((8, 0.1), (16, 0.2), (32, 0.3), (64, 0.4))).Verdict);
        Assert.Equal(Verdict.FirstBetterThroughout, Sweeps.Analyse(Bracketed((8, -0.1), (16, -0.2), (32, -0.3), (64, -0.1))).Verdict);
    }

    [Fact]
    public void A_gap_that_changes_sign_twice_beyond_doubt_is_reported_as_such()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(Bracketed((8, -0.2), (16, 0.2), (32, 0.2), (64, -0.3)));
        Assert.Equal(Verdict.SeveralCrossovers, analysis.Verdict);
        Assert.Equal(["sgd", "adam"], analysis.Crossovers.Select(c => c.From));
        Assert.All(analysis.Crossovers, c => Assert.Equal(Interval.None, c.Interval));
    }

    [Fact]
    public void One_seed_gives_no_interval_and_determines_nothing()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(Sweeps.Tuned("sgd 8 2.8", "sgd 64 2.7", "adam 8 2.9", "adam 64 2.5"));
        Assert.All(analysis.Gaps, g => Assert.Equal(Interval.None, g.Interval));
        Assert.Equal(Interval.None, Assert.Single(analysis.Crossovers).Interval);
        Assert.Equal(Verdict.NotDetermined, analysis.Verdict);
        Assert.Contains("3", Assert.Single(analysis.Needs));
        Assert.Equal(0, analysis.Resamples);
        Assert.Contains(analysis.Findings, f => f.Id == "few-seeds");
    }

    [Fact]
    public void A_noisy_gap_is_not_determined_and_says_how_many_seeds_would_do()
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(
            Sweeps.Tuned("sgd 8 2.80 2.90 2.84", "sgd 64 2.70 2.80 2.72", "adam 8 2.86 2.85 2.87", "adam 64 2.75 2.70 2.72")
        );
        Assert.Equal(Verdict.NotDetermined, analysis.Verdict);
        Assert.NotEmpty(analysis.Needs);
    }

    [Fact]
    public void The_number_of_seeds_asked_for_finds_the_gap_in_four_of_five_paired_t_tests()
    {
        TunedMetric tuned = Sweeps.Analyse(Sweeps.Tuned("sgd 8 1", "adam 8 1")).Tuned[0];
        const double deviation = 0.0541;
        var gap = new Gap(8, 0.05, new Interval(-0.0361, 0.1361), Interval.None, null, null, null, GapBound.None, tuned, tuned)
        {
            StandardError = deviation / 2,
        };
        int seeds = VerdictRule.SeedsToResolve(gap, 4);
        // The tests themselves, drawn: with so many seeds at least 80% find it, with one fewer they do not.
        double Found(int s)
        {
            Gaplab.Numerics.Streams.RandomStream stream = Gaplab.Numerics.Streams.RandomStream.For(s, "seeds");
            const int Tests = 40_000;
            double critical = Gaplab.Numerics.Distributions.StudentTDistribution.Quantile(s - 1, 0.975);
            return Enumerable
                    .Range(0, Tests)
                    .Count(_ =>
                    {
                        double[] d = [.. Enumerable.Range(0, s).Select(_ => 0.05 + deviation * stream.NextGaussian())];
                        double mean = d.Average(),
                            sd = Math.Sqrt(d.Sum(v => (v - mean) * (v - mean)) / (s - 1));
                        return Math.Abs(mean) * Math.Sqrt(s) / sd > critical;
                    }) / (double)Tests;
        }
        Assert.InRange(Found(seeds), 0.8 - 0.008, 1);
        Assert.InRange(Found(seeds - 1), 0, 0.8 + 0.008);
    }

    [Fact]
    public void An_edge_of_the_optimizer_that_is_behind_limits_the_verdict_and_one_of_the_leader_does_not()
    {
        SweepTable table = Bracketed((8, 0.1), (16, 0.2), (32, 0.3), (64, 0.4));
        ComparisonAnalysis behind = Sweeps.Analyse(
            table with
            {
                Rows = [.. table.Rows.Where(r => !(r.Optimizer == "sgd" && r.LearningRate == 4))],
            }
        );
        Assert.Equal(Verdict.EdgeLimited, behind.Verdict);
        Assert.All(behind.Gaps, g => Assert.Equal(GapBound.AtMost, g.Bound));
        Assert.Contains("sgd above 2", behind.Needs[0]);
        Assert.Contains(behind.Findings, f => f.Id == "unequal-budgets");
        ComparisonAnalysis ahead = Sweeps.Analyse(
            table with
            {
                Rows = [.. table.Rows.Where(r => !(r.Optimizer == "adam" && r.LearningRate == 4))],
            }
        );
        Assert.Equal(Verdict.SecondBetterThroughout, ahead.Verdict);
        Assert.All(ahead.Gaps, g => Assert.Equal(GapBound.AtLeast, g.Bound));
    }

    [Fact]
    public void A_crossover_stands_on_batch_sizes_without_an_edge()
    {
        SweepTable table = Bracketed((8, -0.2), (16, -0.1), (32, 0.1), (64, 0.2));
        ComparisonAnalysis last = Sweeps.Analyse(
            table with
            {
                Rows = [.. table.Rows.Where(r => !(r.Optimizer == "sgd" && r.LearningRate == 4 && r.Batch == 64))],
            }
        );
        Assert.Equal((Verdict.Crossover, GapBound.AtMost), (last.Verdict, last.Gaps[3].Bound));
        ComparisonAnalysis both = Sweeps.Analyse(
            table with
            {
                Rows = [.. table.Rows.Where(r => !(r.Optimizer == "sgd" && r.LearningRate == 4 && r.Batch >= 32))],
            }
        );
        Assert.Equal(Verdict.EdgeLimited, both.Verdict);
        Assert.Equal(2, both.Needs.Count);
    }

    [Fact]
    public void A_diverged_neighbour_brackets_the_best_learning_rate()
    {
        Gap gap = Sweeps.Analyse(new SweepTable(Sweeps.WorkedRows(), "loss")).Gaps[0];
        Assert.Equal(GridEdge.None, gap.First.Edge);
        Assert.True(double.IsPositiveInfinity(gap.First.Trials[3].Mean));
    }

    [Fact]
    public void Ties_go_to_the_smallest_learning_rate()
    {
        var rows = new List<SweepRow>
        {
            Run("sgd", 4, 8, "1", 2.5),
            Run("sgd", 1, 8, "1", 2.6),
            Run("sgd", 2, 8, "1", 2.5),
            Run("adam", 1, 8, "1", 2),
        };
        Assert.Equal(2, Sweeps.Analyse(new SweepTable(rows, "loss")).Gaps[0].First.LearningRate);
    }

    [Fact]
    public void Momentum_is_tuned_jointly_and_the_edge_is_judged_at_the_chosen_momentum()
    {
        var rows = new List<SweepRow> { Run("adam", 1, 8, "1", 2) };
        foreach (double rate in new[] { 0.1, 0.2, 0.4 })
            rows.Add(Run("sgd", rate, 8, "1", 3 + rate, momentum: 0));
        foreach (double rate in new[] { 0.4, 0.8 })
            rows.Add(Run("sgd", rate, 8, "1", 2 + rate, momentum: 0.9));
        Gap gap = Sweeps.Analyse(new SweepTable(rows, "loss")).Gaps[0];
        Assert.Equal((0.9, 0.4, GridEdge.Low), (gap.First.Moments.First!.Value, gap.First.LearningRate!.Value, gap.First.Edge));
        GapAnalysis apart = GapAnalysis.Analyse(new SweepTable(rows, "loss"), new AnalysisOptions { GroupByMomentum = true });
        Assert.Equal(3, apart.Comparisons.Count);
    }

    [Fact]
    public void A_killed_run_costs_its_seed_and_counts_against_no_optimizer()
    {
        List<SweepRow> rows = Sweeps.WorkedRows();
        int at = rows.FindIndex(r => r.Optimizer == "sgd" && r.Batch == 64 && r.LearningRate == 0.4 && r.Seed == "3");
        rows[at] = rows[at] with { Status = RunStatus.Missing, Metric = double.NaN };
        ComparisonAnalysis analysis = Sweeps.Analyse(new SweepTable(rows, "loss"));
        Assert.Equal(["1", "2"], analysis.Seeds);
        Assert.Equal(0.4, analysis.Gaps[1].First.LearningRate);
        Assert.Equal(2.67, analysis.Gaps[1].First.Value, 12);
        Assert.Contains(analysis.Findings, f => f.Id == "missing-runs");
        Assert.Contains(analysis.Findings, f => f.Id == "seeds-intersected");
    }

    [Fact]
    public void A_replicate_without_a_seed_that_did_not_finish_is_one_fewer_and_moves_no_other()
    {
        List<SweepRow> rows = [.. Sweeps.WorkedRows().Select(r => r with { Seed = null })];
        SweepRow failed = rows[0] with { Status = RunStatus.Missing, Metric = double.NaN };
        ComparisonAnalysis whole = Sweeps.Analyse(new SweepTable(rows, "loss")),
            more = Sweeps.Analyse(new SweepTable([failed, .. rows], "loss"));
        Assert.Equal(["1", "2", "3"], more.Seeds);
        Assert.Equal(whole.Gaps.Select(g => g.Interval), more.Gaps.Select(g => g.Interval));
        Assert.Contains(more.Findings, f => f.Id == "missing-runs");
    }

    [Fact]
    public void An_optimizer_that_diverges_everywhere_at_a_batch_size_has_no_number_there_but_a_finding()
    {
        SweepTable table = Sweeps.Tuned("sgd 8 2.8 2.81 2.8", "sgd 64 NaN 2.7 2.7", "adam 8 2.7 2.7 2.69", "adam 64 2.5 2.5 2.51");
        GapAnalysis analysis = GapAnalysis.Analyse(table);
        Assert.Equal(double.PositiveInfinity, analysis.Comparisons[0].Gaps[1].Value);
        Assert.Contains(analysis.Comparisons[0].Findings, f => f.Id == "diverged-everywhere");
        JsonElement gap = JsonDocument
            .Parse(AnswerJson.Text(analysis.ToJson()))
            .RootElement.GetProperty("comparisons")[0]
            .GetProperty("gaps")[1];
        Assert.Equal(JsonValueKind.Null, gap.GetProperty("gap").ValueKind);
        Assert.True(gap.GetProperty("lowOpen").GetBoolean() && gap.GetProperty("sgd").GetProperty("diverged").GetBoolean());
        Assert.NotEmpty(analysis.ToLines());
    }

    [Fact]
    public void An_always_active_clip_on_sgd_is_called_normalised_sgd()
    {
        var rows = new List<SweepRow> { Run("sgd", 1, 8, "1", 2.5, clip: 0.99), Run("adam", 1, 8, "1", 2.4, clip: 0.2) };
        Finding finding = Assert.Single(Sweeps.Analyse(new SweepTable(rows, "loss")).Findings, f => f.Id == "always-clipped");
        Assert.Contains("normalised SGD", finding.Message);
    }

    [Fact]
    public void One_batch_size_one_optimizer_and_equal_ones_have_their_verdicts()
    {
        Assert.Equal(Verdict.OneBatchSize, Sweeps.Analyse(Sweeps.Tuned("sgd 8 2.8", "adam 8 2.7")).Verdict);
        ComparisonAnalysis alone = Sweeps.Analyse(Sweeps.Tuned("adamw 8 2.8", "adamw 16 2.7"));
        Assert.Equal(Verdict.NothingToCompare, alone.Verdict);
        Assert.Equal([8, 16], alone.Tuned.Select(t => t.Batch));
        Assert.Equal(Verdict.NothingToCompare, Sweeps.Analyse(Sweeps.Tuned("sgd 8 2.8", "adam 16 2.7")).Verdict);
        Assert.Equal(Verdict.Tie, Sweeps.Analyse(Sweeps.Tuned("sgd 8 2.8", "adam 8 2.8", "sgd 16 1", "adam 16 1")).Verdict);
    }

    [Fact]
    public void Json_has_the_stated_shape_and_no_number_that_is_not_finite()
    {
        string text = AnswerJson.Text(GapAnalysis.Analyse(new SweepTable(Sweeps.WorkedRows(), "loss")).ToJson());
        JsonElement root = JsonDocument.Parse(text).RootElement,
            comparison = root.GetProperty("comparisons")[0],
            gap = comparison.GetProperty("gaps")[2];
        Assert.Equal(["sgd", "adam"], root.GetProperty("pair").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(256, gap.GetProperty("batch").GetInt64());
        Assert.Equal(0.08, gap.GetProperty("gap").GetDouble(), 12);
        Assert.Equal("at-most", gap.GetProperty("oneSided").GetString());
        Assert.True(gap.GetProperty("sgd").GetProperty("edge").GetBoolean());
        Assert.Equal(0.004, gap.GetProperty("adam").GetProperty("lr").GetDouble());
        Assert.Equal("adam", comparison.GetProperty("crossovers")[0].GetProperty("to").GetString());
        Assert.Contains(comparison.GetProperty("verdict").GetString(), Verdict.All);
        Assert.DoesNotContain("Infinity", text);
        Assert.DoesNotContain("NaN", text);
    }

    [Fact]
    public void A_big_sweep_is_analysed_within_seconds()
    {
        RandomStream stream = RandomStream.For(1, "test/big-sweep");
        List<SweepRow> rows =
        [
            .. from o in new[] { "sgd", "adam" }
            from b in Enumerable.Range(0, 12)
            from lr in Enumerable.Range(0, 20)
            from s in Enumerable.Range(0, 20)
            select Run(o, Math.Pow(2, lr), 1L << b, $"{s}", 3 + 0.01 * Math.Pow(lr - 9, 2) + 0.01 * stream.NextGaussian()),
        ];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Sweeps.Analyse(new SweepTable(rows, "loss"));
        Assert.True(clock.Elapsed.TotalSeconds < 10, $"{rows.Count} runs took {clock.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public void A_pair_of_one_optimizer_is_refused() =>
        Assert.Throws<InputException>(() =>
            GapAnalysis.Analyse(Sweeps.Tuned("sgd 8 1"), new AnalysisOptions { First = "sgd", Second = "sgd" })
        );
}
