// Tables with a row per measurement: one metric is taken, and no run is lost that never measured it.
using Gaplab.Numerics;
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class MeltedRowsSpecs
{
    /// <summary>Two steps of two metrics for each run of the sweep.</summary>
    private static string Melted(string names = "metric", string values = "value") =>
        $"run,optimizer,lr,batch,seed,state,step,{names},{values}\n" + string.Concat(SweepText.Runs.Select(Measured));

    private static string Measured(TextRun run, int number)
    {
        string made = $"{number},{run.Optimizer},{run.Rate},{run.Batch},{run.Seed},finished";
        return $"{made},1,train_loss,9\n{made},1,val_loss,8\n{made},2,train_loss,0.5\n{made},2,val_loss,{run.Value}\n";
    }

    [Theory]
    [InlineData("metric", "value")]
    [InlineData("variable", "value")]
    [InlineData("Metric Name", "Metric Value")]
    public void The_best_known_metric_is_taken_and_the_others_are_named(string names, string values)
    {
        SweepTable table = SweepText.IsRead(Melted(names, values));
        Assert.Equal("val_loss", table.Metric);
        Assert.Contains(
            table.Findings!,
            f =>
                f.Id == "metric-chosen"
                && f.Message.Contains($"2 metrics, named in column '{names}': val_loss is taken; train_loss", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Another_is_taken_when_it_is_asked_for_and_one_that_is_not_there_is_refused()
    {
        SweepTable table = Sweeps.FromCsv(Melted(), new ImportOptions { Metric = "train_loss" });
        Assert.Equal(("train_loss", 36), (table.Metric, table.Rows.Count));
        Assert.All(table.Rows, r => Assert.Equal(0.5, r.Metric));
        Assert.Contains(
            "has no such metric in column 'metric', which has train_loss, val_loss",
            Assert.Throws<InputException>(() => Sweeps.FromCsv(Melted(), new ImportOptions { Metric = "f1" })).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "names metrics of which none is known as a loss; say which with --metric NAME: up, down",
            Assert
                .Throws<InputException>(() =>
                    Sweeps.FromCsv(
                        Melted().Replace("val_loss", "down", StringComparison.Ordinal).Replace("train_loss", "up", StringComparison.Ordinal)
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_run_that_diverged_before_it_measured_the_metric_is_one_that_diverged()
    {
        string[] lines = Melted().Split('\n');
        string text = string.Join(
            '\n',
            lines
                .Where(l => !(l.StartsWith("0,", StringComparison.Ordinal) && l.Contains("val_loss", StringComparison.Ordinal)))
                .Select(l => l.StartsWith("0,", StringComparison.Ordinal) ? l.Replace("finished", "diverged", StringComparison.Ordinal) : l)
        );
        SweepTable table = Sweeps.FromCsv(text);
        Assert.Equal(36, table.Rows.Count);
        SweepRow row = Assert.Single(table.Rows, r => r.Status == RunStatus.Diverged);
        Assert.Equal(("sgd", 0.03, 16L, "1"), (row.Optimizer, row.LearningRate, row.Batch, row.Seed));
    }

    /// <summary>A metric that is called so, beside a column of values of something else.</summary>
    [Fact]
    public void Numbers_in_a_column_of_that_name_are_a_metric()
    {
        string text = SweepText.Csv("optimizer,lr,batch,seed,metric,value", r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value},7");
        Assert.Equal("metric", SweepText.IsRead(text).Metric);
    }
}
