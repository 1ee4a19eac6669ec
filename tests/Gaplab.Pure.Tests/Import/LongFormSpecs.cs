// Tables with a row per epoch, step or evaluation: one value per run, never replicates.
using System.Globalization;
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class LongFormSpecs
{
    private const int Epochs = 4;

    /// <summary>The loss of an epoch: falls by 0.2 an epoch to its last value, rises again by 0.01 at the end when asked.</summary>
    private static string Loss(TextRun run, int epoch, double last = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Loss + 0.2 * (Epochs - epoch) + (epoch == Epochs ? last : 0):0.0000}");

    private static string Long(string header, Func<TextRun, int, string> line) =>
        header + "\n" + string.Concat(SweepText.Runs.SelectMany(r => Enumerable.Range(1, Epochs).Select(e => line(r, e) + "\n")));

    private static string Id(TextRun r) => $"{r.Optimizer}-{r.Rate}-{r.Batch}-{r.Seed}";

    private static void SaysSo(SweepTable table)
    {
        Assert.Equal(SweepText.Runs.Count, table.Rows.Count);
        Assert.Contains(table.Findings!, f => f.Id == "history-reduced");
        string caveat = Assert.Single(table.Caveats, c => c.Contains(" of each run by ", StringComparison.Ordinal));
        Assert.Contains(
            GapAnalysis.Analyse(table).ToLines(),
            l =>
                l.StartsWith("verdict: second-better-throughout (", StringComparison.Ordinal)
                && l.Contains(caveat, StringComparison.Ordinal)
        );
        Assert.Contains($"\"{caveat}\"", AnswerJson.Text(GapAnalysis.Analyse(table).ToJson()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epoch")]
    [InlineData("step")]
    [InlineData("_step")]
    [InlineData("trainer/global_step")]
    [InlineData("Iteration")]
    public void A_row_per_epoch_with_a_seed_column_is_one_run_a_seed(string counter) =>
        SaysSo(
            SweepText.IsRead(
                Long(
                    $"optimizer,lr,batch_size,seed,{counter},val_loss",
                    (r, e) => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{Loss(r, e)}"
                )
            )
        );

    [Theory]
    [InlineData("run_id")]
    [InlineData("name")]
    public void A_row_per_epoch_with_run_ids_is_one_run_an_id(string id)
    {
        SaysSo(
            SweepText.IsRead(
                Long(
                    $"{id},optimizer,lr,batch_size,seed,epoch,val_loss",
                    (r, e) => $"{Id(r)},{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{Loss(r, e)}"
                )
            )
        );
        SaysSo(
            SweepText.IsRead(
                Long($"{id},optimizer,lr,batch_size,epoch,val_loss", (r, e) => $"{Id(r)},{r.Optimizer},{r.Rate},{r.Batch},{e},{Loss(r, e)}")
            )
        );
    }

    [Fact]
    public void Without_ids_and_seeds_a_run_begins_where_the_counter_starts_again() =>
        SaysSo(
            SweepText.IsRead(Long("optimizer,lr,batch_size,epoch,val_loss", (r, e) => $"{r.Optimizer},{r.Rate},{r.Batch},{e},{Loss(r, e)}"))
        );

    [Fact]
    public void Samples_and_times_count_where_ids_tell_the_runs() =>
        SaysSo(
            SweepText.IsRead(
                Long(
                    "run_id,optimizer,lr,batch_size,seed,tokens,val_loss",
                    (r, e) => $"{Id(r)},{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e * 1000},{Loss(r, e)}"
                )
            )
        );

    [Fact]
    public void The_length_of_a_finished_run_is_no_history()
    {
        SweepTable runtimes = SweepText.IsRead(
            SweepText.Csv(
                "optimizer,lr,batch_size,val_loss,time,epoch",
                r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Value},{100 + 7 * r.Seed},10"
            )
        );
        Assert.Equal(SweepText.Runs.Count, runtimes.Rows.Count);
        // Runs of different length may be replicates or different budgets: that is asked, and not whether they are histories.
        string lengths = SweepText.Csv(
            "run_id,optimizer,lr,batch_size,val_loss,epoch",
            r => $"{Id(r)},{r.Optimizer},{r.Rate},{r.Batch},{r.Value},{5 + r.Seed}"
        );
        Assert.Contains("--group epoch, --group \"\" or --map epoch=seed", SweepText.Refusal(lengths), StringComparison.Ordinal);
        Assert.Equal(SweepText.Runs.Count, SweepText.IsRead(lengths, new ImportOptions { Groups = [] }).Rows.Count);
        // Epochs at which replicates stopped: neither a history nor to be guessed.
        Assert.Contains(
            "--map epoch=ignore",
            SweepText.Refusal(
                SweepText.Csv(
                    "optimizer,lr,batch_size,val_loss,epoch",
                    r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Value},{new[] { 7, 9, 8 }[r.Seed - 1]}"
                )
            ),
            StringComparison.Ordinal
        );
        SweepText.IsRead(
            SweepText.Csv("optimizer,lr,batch_size,val_loss,epoch", r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Value},{6 + r.Seed % 2}"),
            new ImportOptions { Map = ["epoch=ignore"] }
        );
    }

    [Fact]
    public void Train_and_validation_values_on_different_rows_give_the_last_value_that_is_there()
    {
        string csv =
            "epoch,step,train_loss,val_loss,optimizer,lr,batch_size,seed\n"
            + string.Concat(
                SweepText.Runs.SelectMany(r =>
                    Enumerable
                        .Range(1, Epochs)
                        .Select(e =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{e},{10 * e - 5},{r.Loss + 0.1 * (Epochs - e) - 0.1:0.0000},,{r.Optimizer},{r.Rate},{r.Batch},{r.Seed}\n"
                                    + $"{e},{10 * e},,{Loss(r, e)},{r.Optimizer},{r.Rate},{r.Batch},{r.Seed}\n"
                            )
                        )
                )
            );
        SweepTable table = SweepText.IsRead(csv);
        SaysSo(table);
        Assert.DoesNotContain(table.Rows, r => r.Status == RunStatus.Diverged);
        SweepText.IsRead(csv, new ImportOptions { Metric = "train_loss" });
        // A last row of the other kind does not take the value away.
        SweepText.IsRead(csv + string.Concat(SweepText.Runs.Select(r => $"4,45,0.5,,{r.Optimizer},{r.Rate},{r.Batch},{r.Seed}\n")));
    }

    [Fact]
    public void The_best_row_counts_when_asked_and_the_metric_is_then_biased()
    {
        // The last epoch of SGD is worse than the one before it.
        string csv = Long(
            "optimizer,lr,batch_size,seed,epoch,val_loss",
            (r, e) => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{Loss(r, e, r.Optimizer == "sgd" ? 0.5 : 0)}"
        );
        Gap last = Sweeps.Analyse(Sweeps.FromCsv(csv)).Gaps[0],
            best = Sweeps.Analyse(Sweeps.FromCsv(csv, new ImportOptions { Take = HistoryValue.Best })).Gaps[0];
        Assert.Equal((0.6, 0.3), (Math.Round(last.Value, 9), Math.Round(best.Value, 9)));
        Assert.False(Sweeps.FromCsv(csv).BiasedByBatchSize);
        SweepTable table = Sweeps.FromCsv(csv, new ImportOptions { Take = HistoryValue.Best });
        Assert.True(table.BiasedByBatchSize);
        Assert.Contains("best 'val_loss' of each run by 'epoch'", table.Caveats);
        Assert.Contains(GapAnalysis.Analyse(table).Findings, f => f.Id == "biased-metric");
    }

    [Fact]
    public void The_best_of_a_score_is_its_highest()
    {
        string csv = Long(
            "optimizer,lr,batch_size,seed,epoch,val_acc",
            (r, e) =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{1 - r.Loss / 4 + (e == 2 ? 0.1 : 0):0.00000}"
                )
        );
        SweepTable table = Sweeps.FromCsv(csv, new ImportOptions { HigherIsBetter = true, Take = HistoryValue.Best });
        Assert.All(table.Rows, (r, i) => Assert.Equal(1.1 - SweepText.Runs[i].Loss / 4, r.Metric, 4));
    }

    [Fact]
    public void To_ask_for_a_row_of_a_history_that_is_none_is_refused() =>
        Assert.Contains(
            "one row per run",
            SweepText.Refusal(
                SweepText.Csv("optimizer,lr,batch_size,seed,val_loss", r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value}"),
                new ImportOptions { Take = HistoryValue.Last }
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_run_whose_last_value_is_nan_diverged_however_it_began()
    {
        SweepTable table = Sweeps.FromCsv(
            Long(
                "optimizer,lr,batch_size,seed,epoch,val_loss",
                (r, e) => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{(r.Rate == "0.3" && e > 2 ? "nan" : Loss(r, e))}"
            )
        );
        Assert.All(table.Rows, r => Assert.Equal(r.LearningRate == 0.3 ? RunStatus.Diverged : RunStatus.Usable, r.Status));
    }

    [Fact]
    public void A_logged_schedule_is_one_run_at_its_peak()
    {
        // The rate falls by a factor 10 for the last two epochs: rows of one run have two rates.
        string Rate(TextRun r, int e) => e <= 2 ? r.Rate : $"{r.Rate}e-1";
        SweepText.IsRead(
            Long(
                "run_id,optimizer,lr,batch_size,seed,epoch,val_loss",
                (r, e) => $"{Id(r)},{r.Optimizer},{Rate(r, e)},{r.Batch},{r.Seed},{e},{Loss(r, e)}"
            )
        );
        string csv = Long(
            "optimizer,lr,batch_size,seed,epoch,val_loss",
            (r, e) => $"{r.Optimizer},{Rate(r, e)},{r.Batch},{r.Seed},{e},{Loss(r, e)}"
        );
        SweepText.IsRead(csv);
        // In another order nothing tells which rows are of one run.
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(
            "--map COLUMN=run",
            SweepText.Refusal(string.Join('\n', [lines[0], .. lines[1..].Reverse()])),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_resumed_run_counts_once_with_its_later_rows()
    {
        string csv =
            "run_id,optimizer,lr,batch_size,seed,step,val_loss\n"
            + string.Concat(
                SweepText.Runs.SelectMany(r =>
                    new[] { (1, 3.0), (2, 2.5), (3, 9.0), (2, 2.4), (3, r.Loss) }.Select(p =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{Id(r)},{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{p.Item1},{p.Item2:0.0000}\n"
                        )
                    )
                )
            );
        SaysSo(SweepText.IsRead(csv));
    }

    [Fact]
    public void Rows_that_repeat_a_step_without_anything_that_tells_are_refused()
    {
        // Two runs of one seed, sorted by epoch.
        string csv =
            "optimizer,lr,batch_size,seed,epoch,val_loss\n"
            + string.Concat(
                SweepText.Runs.SelectMany(r =>
                    Enumerable
                        .Range(1, Epochs)
                        .SelectMany(e =>
                            new[] { 0, 0.001 }.Select(d =>
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{r.Loss + 0.2 * (Epochs - e) + d:0.0000}\n"
                                )
                            )
                        )
                )
            );
        Assert.Contains("--map COLUMN=run", SweepText.Refusal(csv), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_not_known_parts_runs_of_one_step()
    {
        string csv =
            "optimizer,lr,batch_size,seed,width,epoch,val_loss\n"
            + string.Concat(
                SweepText.Runs.SelectMany(r =>
                    Enumerable
                        .Range(1, Epochs)
                        .SelectMany(e => new[] { 64, 128 }.Select(w => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{w},{e},{Loss(r, e)}\n"))
                )
            );
        SweepTable table = Sweeps.FromCsv(csv);
        Assert.Equal(2 * SweepText.Runs.Count, table.Rows.Count);
        Assert.Contains(
            table.Findings!,
            f => f.Id == "unexplained-repeats" && f.Message.Contains("--group width", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Runs_that_end_early_are_missing_or_counted_as_the_user_says_where_the_answer_hangs_on_it()
    {
        // Runs of a further rate were cut off after their first epoch, at a value that no other has: they would win.
        string csv =
            Long("optimizer,lr,batch_size,seed,epoch,val_loss", (r, e) => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{Loss(r, e)}")
            + string.Concat(new[] { 1, 2, 3 }.Select(s => $"sgd,0.2,16,{s},1,0.5\n"));
        string message = SweepText.Refusal(csv);
        Assert.Contains("3 runs end early", message, StringComparison.Ordinal);
        Assert.Contains("--short counted|missing", message, StringComparison.Ordinal);
        SweepText.IsRead(csv, new ImportOptions { Short = ShortRun.Missing });
        Assert.Contains("3 of 39 runs end early", Sweeps.FromCsv(csv, new ImportOptions { Short = ShortRun.Counted }).Caveats);
        Assert.True(Sweeps.Analyse(Sweeps.FromCsv(csv, new ImportOptions { Short = ShortRun.Counted })).Gaps[0].Value < 0);
    }

    [Theory]
    [InlineData("phase", "val")]
    [InlineData("split", "Validation")]
    public void Of_rows_of_several_splits_only_the_evaluation_is_compared(string column, string split)
    {
        string csv =
            $"optimizer,lr,batch_size,seed,epoch,{column},loss\n"
            + string.Concat(
                SweepText.Runs.SelectMany(r =>
                    Enumerable
                        .Range(1, Epochs)
                        .Select(e =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},train,{(r.Optimizer == "sgd" ? 0.5 : 0.9):0.0}\n"
                                    + $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{e},{split},{Loss(r, e)}\n"
                            )
                        )
                )
            );
        SweepTable table = SweepText.IsRead(csv);
        SaysSo(table);
        Assert.Contains(table.Caveats, c => c.EndsWith($" rows only, by '{column}'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_is_listed_twice_counts_once_and_two_values_of_one_id_are_asked_about()
    {
        string csv = SweepText.Csv("run_id,optimizer,lr,batch_size,val_loss", r => $"{Id(r)},{r.Optimizer},{r.Rate},{r.Batch},{r.Value}");
        string[] lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        SweepTable table = SweepText.IsRead(csv + string.Join('\n', lines[1..10]) + "\n");
        Assert.Contains(table.Findings!, f => f.Id == "repeated-rows" && f.Message.Contains("9 were left out", StringComparison.Ordinal));
        Assert.Contains(
            "line 2 and line 38: one run by 'run_id'",
            SweepText.Refusal(csv + "sgd-0.03-16-1,sgd,0.03,16,0.5\n"),
            StringComparison.Ordinal
        );
    }
}
