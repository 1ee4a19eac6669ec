// What a table leaves open: both readings are computed, and where the answer hangs on it the user is asked.
using System.Globalization;
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Import;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Import;

public sealed class OpenReadingSpecs
{
    private static string WithState(Func<TextRun, string> value) =>
        SweepText.Csv("state,optimizer,lr,batch_size,seed,val_loss", r => $"finished,{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{value(r)}");

    [Theory]
    [InlineData("")]
    [InlineData("None")]
    [InlineData("null")]
    [InlineData("N/A")]
    [InlineData("#N/A")]
    [InlineData("-")]
    public void A_finished_run_without_a_value_is_missing_where_nothing_hangs_on_it(string blank)
    {
        // The largest rate, beside one that is better: diverged or missing seeds of it change no edge of the three.
        string csv =
            WithState(r => r is { Rate: "0.3", Batch: 16 } ? blank : r.Value)
            + "finished,sgd,0.2,16,1,1.6\nfinished,sgd,0.2,16,2,1.6\nfinished,sgd,0.2,16,3,1.6\n";
        SweepTable table = SweepText.IsRead(csv);
        Assert.Equal(3, table.Rows.Count(r => r.Status == RunStatus.Missing));
        Assert.Contains(
            GapAnalysis.Analyse(table).Findings,
            f => f.Id == "blank-metric" && f.Message.Contains("--blank missing|diverged", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Where_a_grid_edge_hangs_on_a_blank_it_is_refused_until_the_user_says()
    {
        // Missing, the best SGD rate is the largest one tried; diverged, it is bracketed.
        string csv = WithState(r => r is { Rate: "0.3", Batch: 16 } ? "" : r.Value);
        string message = SweepText.Refusal(csv);
        Assert.Contains("3 finished runs have no 'val_loss'", message, StringComparison.Ordinal);
        Assert.Contains("missing 'edge-limited', diverged 'second-better-throughout'", message, StringComparison.Ordinal);
        Assert.Contains("--blank missing|diverged", message, StringComparison.Ordinal);
        Assert.Equal(
            GridEdge.High,
            Sweeps.Analyse(Sweeps.FromCsv(csv, new ImportOptions { Blank = BlankMetric.Missing })).Gaps[0].First.Edge
        );
        Assert.Equal(
            GridEdge.None,
            Sweeps.Analyse(Sweeps.FromCsv(csv, new ImportOptions { Blank = BlankMetric.Diverged })).Gaps[0].First.Edge
        );
        Assert.Equal(
            3,
            Sweeps.FromCsv(csv, new ImportOptions { Blank = BlankMetric.Diverged }).Rows.Count(r => r.Status == RunStatus.Diverged)
        );
    }

    [Fact]
    public void An_edge_of_the_optimizer_that_is_ahead_is_an_answer_too() =>
        Assert.Contains(
            "adam at B=16 is best at its largest rate missing, inside its grid diverged",
            SweepText.Refusal(WithState(r => r is { Rate: "0.01", Batch: 16 } ? "" : r.Value)),
            StringComparison.Ordinal
        );

    [Fact]
    public void Where_a_verdict_hangs_on_a_blank_it_is_refused_until_the_user_says()
    {
        // One seed of every Adam cell at 64: missing, its seed is lost everywhere; diverged, Adam has no setting there.
        string csv = WithState(r => r is { Optimizer: "adam", Batch: 64, Seed: 2 } ? "" : r.Value);
        Assert.Contains("the answer hangs on it", SweepText.Refusal(csv), StringComparison.Ordinal);
    }

    [Fact]
    public void A_blank_without_a_finished_state_is_missing_and_nan_is_diverged()
    {
        string csv = SweepText.Csv(
            "optimizer,lr,batch_size,seed,val_loss",
            r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{(r.Rate == "0.3" ? "" : r.Value)}"
        );
        SweepTable table = Sweeps.FromCsv(csv);
        Assert.Equal(6, table.Rows.Count(r => r.Status == RunStatus.Missing));
        Assert.Contains(table.Findings!, f => f is { Id: "blank-metric", Severity: Severity.Warning });
        Assert.Equal(
            6,
            Sweeps.FromCsv(csv, new ImportOptions { Blank = BlankMetric.Diverged }).Rows.Count(r => r.Status == RunStatus.Diverged)
        );
        Assert.Equal(
            6,
            Sweeps.FromCsv(csv.Replace(",\n", ",NaN\n", StringComparison.Ordinal)).Rows.Count(r => r.Status == RunStatus.Diverged)
        );
        string cut = "state,optimizer,lr,batch_size,seed,val_loss\nkilled,sgd,0.1,16,1,\nfinished,sgd,0.1,16,2,1\n";
        Assert.Equal(
            [RunStatus.Missing, RunStatus.Usable],
            Sweeps.FromCsv(cut, new ImportOptions { Blank = BlankMetric.Diverged }).Rows.Select(r => r.Status)
        );
    }

    [Fact]
    public void Repeats_that_a_column_tells_apart_are_refused_where_the_answer_flips()
    {
        // At width 64 Adam is ahead by 0.3, at width 128 SGD by 0.1: pooled, Adam by 0.1.
        string csv =
            "optimizer,lr,batch_size,seed,width,val_loss\n"
            + string.Concat(
                SweepText.Runs.SelectMany(r =>
                    new[] { (64, 0.2), (128, -0.2) }.Select(w =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{w.Item1},{r.Loss - (r.Optimizer == "adam" ? w.Item2 : 0):0.0000}\n"
                        )
                    )
                )
            );
        string message = SweepText.Refusal(csv);
        Assert.Contains("'width'", message, StringComparison.Ordinal);
        Assert.Contains("--group width", message, StringComparison.Ordinal);
        SweepTable pooled = SweepText.IsRead(csv, new ImportOptions { Groups = [] });
        Assert.Contains("72 of 72 runs pooled over 'width'", pooled.Caveats);
        Assert.Equal(
            [Verdict.SecondBetterThroughout, Verdict.FirstBetterThroughout],
            GapAnalysis.Analyse(Sweeps.FromCsv(csv, new ImportOptions { Groups = ["width"] })).Comparisons.Select(g => g.Verdict)
        );
    }

    [Fact]
    public void Without_a_seed_column_the_verdict_says_that_replicates_were_numbered()
    {
        string csv = SweepText.Csv("optimizer,lr,batch_size,val_loss", r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Value}");
        Assert.Contains(
            GapAnalysis.Analyse(SweepText.IsRead(csv)).ToLines(),
            l => l == "verdict: second-better-throughout (replicates numbered: no seed column)"
        );
        ComparisonAnalysis means = Sweeps.Analyse(Sweeps.FromCsv(csv, new ImportOptions { Repeats = TrialRepeats.Mean }));
        Assert.All(means.Gaps, g => Assert.Equal((0.1, Interval.None), (Math.Round(g.Value, 9), g.Interval)));
        Assert.Equal(Verdict.NotDetermined, means.Verdict);
    }

    [Fact]
    public void Where_the_sign_hangs_on_which_replicates_are_numbered_it_is_refused()
    {
        // Four rows of SGD against three of Adam: numbered, the fourth falls away and Adam is behind; by all rows it is ahead.
        string rows = string.Concat(
            new[] { 16, 64 }.Select(b =>
                string.Concat(new[] { 1.0, 1.01, 1.02, 2.0 }.Select(v => string.Create(CultureInfo.InvariantCulture, $"sgd,0.1,{b},{v}\n")))
                + string.Concat(new[] { 1.1, 1.11, 1.12 }.Select(v => string.Create(CultureInfo.InvariantCulture, $"adam,0.1,{b},{v}\n")))
            )
        );
        Assert.Contains(
            "--repeats numbered|mean",
            SweepText.Refusal("optimizer,lr,batch_size,val_loss\n" + rows),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Without_rates_the_verdict_says_that_values_are_taken_as_tuned()
    {
        SweepTable table = Sweeps.FromCsv(
            SweepText
                .Csv(
                    "optimizer,batch_size,seed,val_loss",
                    r => r.Rate is "0.1" or "0.003" ? $"{r.Optimizer},{r.Batch},{r.Seed},{r.Value}" : ""
                )
                .Replace("\n\n", "\n", StringComparison.Ordinal)
        );
        Assert.Contains(
            GapAnalysis.Analyse(table).ToLines(),
            l => l == "verdict: second-better-throughout (taken as tuned: no learning-rate column)"
        );
        Assert.Contains(
            "\"taken as tuned: no learning-rate column\"",
            AnswerJson.Text(GapAnalysis.Analyse(table).ToJson()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_tied_table_reads_as_gaps_of_exactly_zero_and_then_a_lead()
    {
        string csv =
            "optimizer,learning_rate,batch_size,seed,val_loss\n"
            + string.Concat(
                from batch in new[] { 16, 64, 256 }
                from o in new[] { ("sgd", 0.1), ("adam", 0.003) }
                from scale in new[] { 0.3, 1.0, 3.0 }
                from seed in new[] { 1, 2, 3, 4 }
                let loss = 1.5 + (scale == 1 ? 0 : 0.05) + (batch == 256 && o.Item1 == "sgd" ? 0.05 : 0) + 0.004 * seed
                select string.Create(CultureInfo.InvariantCulture, $"{o.Item1},{o.Item2 * scale:G4},{batch},{seed},{loss:0.0000}\n")
            );
        double[] gaps = [.. Sweeps.Analyse(Sweeps.FromCsv(csv)).Gaps.Select(g => g.Value)];
        Assert.Equal((0.0, 0.0), (gaps[0], gaps[1]));
        Assert.Equal(0.05, gaps[2], 9);
    }

    [Fact]
    public void The_page_says_beside_its_headline_how_the_verdict_was_come_by()
    {
        SweepTable table = Sweeps.FromCsv(
            SweepText.Csv("optimizer,lr,batch_size,val_loss", r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Value}")
        );
        var input = new CrossoverReportInput
        {
            Analysis = GapAnalysis.Analyse(table),
            Title = "t",
            Source = "s",
            Command = "c",
        };
        Assert.Contains("**How this was come by:** replicates numbered: no seed column.", CrossoverReport.Build(input).Summary);
    }

    [Fact]
    public void Trials_without_a_common_seed_are_a_caveat_of_their_comparison()
    {
        string csv = SweepText.Csv(
            "optimizer,lr,batch_size,seed,val_loss",
            r => $"{r.Optimizer},{r.Rate},{r.Batch},{(r.Optimizer == "sgd" ? r.Seed : r.Seed + 10)},{r.Value}"
        );
        Assert.Contains(
            GapAnalysis.Analyse(Sweeps.FromCsv(csv)).ToLines(),
            l => l == "verdict: not-determined (unpaired: no seed common to every trial)"
        );
    }

    [Fact]
    public void A_run_without_a_seed_is_not_merged_with_the_seed_of_its_number()
    {
        // Two rows without a seed beside seeds 1 to 3 of each cell: numbered from 1, they would be averaged with seeds 1 and 2.
        string csv =
            SweepText.Csv("optimizer,lr,batch_size,seed,val_loss", r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value}")
            + "sgd,0.1,16,,9\nsgd,0.1,16,,9\n";
        SweepTable table = SweepText.IsRead(csv);
        Assert.Contains("2 of 38 runs have no seed", table.Caveats);
        Assert.DoesNotContain(Sweeps.Analyse(table).Findings, f => f.Id == "duplicate-runs");
    }

    [Fact]
    public void A_column_without_a_value_is_no_column() =>
        Assert.Contains(
            "replicates numbered: no seed column",
            SweepText
                .IsRead(
                    SweepText.Csv(
                        "optimizer,lr,batch_size,seed,state,run_id,epoch,val_loss",
                        r => $"{r.Optimizer},{r.Rate},{r.Batch},,,,,{r.Value}"
                    )
                )
                .Caveats
        );
}
