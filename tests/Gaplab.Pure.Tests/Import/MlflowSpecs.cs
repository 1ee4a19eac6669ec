// MLflow's stores: NaN and infinity as SQL keeps them, resumed, deleted and nested runs, damaged files, the levels of a file store.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class MlflowSpecs : IDisposable
{
    private static readonly (string, string)[] s_params = [("optimizer", "sgd"), ("lr", "0.1"), ("batch_size", "16"), ("seed", "1")];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_of_a_database_end_as_they_did_and_deleted_ones_are_set_aside()
    {
        (SourceTable table, ImportNotes notes) = Table(Repository.At("tests/golden/tracker-stores/mlflow-ends.db"));
        Assert.Equal([("deleted in MLflow"), ("deleted in MLflow")], notes.SetAside.Select(s => s.Why));
        int loss = table.Column("metrics.val_loss"),
            step = table.Column("step");
        string[][][] runs = [.. table.Rows.GroupBy(r => r.Fields[0]).Select(g => g.Select(r => r.Fields).ToArray())];
        Assert.Equal(
            ["2@100 NaN@200", "2@100 -Infinity@200", "1@100", "@", "3@100 2.5@200 1.25@300"],
            runs.Select(r => string.Join(' ', r.Select(f => $"{f[loss]}@{f[step]}")))
        );
        Assert.Equal(["FINISHED", "FINISHED", "KILLED", "FINISHED", "FINISHED"], runs.Select(r => r[0][table.Column("status")]));
        Assert.All(table.Rows, r => Assert.Equal("sweep", r.Fields[table.Column("experiment")]));
        Assert.DoesNotContain(table.Header, h => h.StartsWith("tags.", StringComparison.Ordinal));

        SweepTable sweep = SweepImport.Read(Repository.At("tests/golden/tracker-stores/mlflow-ends.db"));
        Assert.Equal(
            [RunStatus.Diverged, RunStatus.Diverged, RunStatus.Missing, RunStatus.Missing, RunStatus.Usable],
            sweep.Rows.OrderBy(r => r.Provenance, StringComparer.Ordinal).Select(r => r.Status)
        );
        Assert.Equal(1.25, Assert.Single(sweep.Rows, r => r.Status == RunStatus.Usable).Metric);
    }

    [Fact]
    public void A_run_that_only_holds_others_is_set_aside_and_the_machines_metrics_are_no_steps()
    {
        (SourceTable table, ImportNotes notes) = Table(Repository.At("tests/golden/tracker-stores/mlflow.db"));
        Assert.Equal("only holds the runs that are nested in it", Assert.Single(notes.SetAside).Why);
        Assert.Equal(SweepText.Runs.Count * 3, table.Rows.Count);
        Assert.Equal(["100", "200", "300"], table.Rows.Take(3).Select(r => r.Fields[table.Column("step")]));
        Assert.DoesNotContain(table.Header, h => h.Contains("system", StringComparison.Ordinal));
        Assert.All(table.Rows, r => Assert.Equal("a", r.Fields[table.Column("tags.cluster")]));
    }

    [Fact]
    public void A_file_store_is_read_from_each_of_its_levels()
    {
        string root = _folder.File("mlruns");
        MlflowStore.Write(root, SweepText.Runs);
        SweepText.IsThisSweep(SweepImport.Read(root));
        SweepText.IsThisSweep(SweepImport.Read(Path.Combine(root, "1")));
        SweepText.IsThisSweep(SweepImport.Read(_folder.Path + "/"));
        Assert.Equal(3, Table(Path.Combine(root, "1", $"{7:x32}")).Table.Rows.Count);
        Assert.Equal(SweepText.Runs.Count * 3, Table(root).Table.Rows.Count);
        Assert.True(SweepImport.Recognises(root));
        Directory.CreateDirectory(Path.Combine(_folder.File("other"), "metrics"));
        Assert.False(SweepImport.Recognises(_folder.File("other")));
    }

    [Fact]
    public void What_cannot_be_read_of_a_file_store_is_set_aside_with_its_path()
    {
        string root = _folder.File("mlruns"),
            one = Path.Combine(root, "1");
        MlflowStore.Experiment(root, "1", "sweep");
        MlflowStore.Experiment(Path.Combine(root, ".trash"), "2", "old", "deleted");
        MlflowStore.Run(Path.Combine(root, ".trash", "2", "gone"), "3", s_params, "1 1.5 0\n");
        MlflowStore.Run(Path.Combine(one, "a"), "3", s_params, "1 3 100\n2 nan 200\n3 2.5 200\n4 2.25 300 a-model a-data\n5 2");
        MlflowStore.Run(Path.Combine(one, "b"), "5", s_params, "1 9\n2 x 3\n");
        MlflowStore.Run(Path.Combine(one, "c"), "3", s_params, "1 1 1\n", "deleted");
        MlflowStore.Run(Path.Combine(one, "d"), "3", s_params, "");
        MlflowStore.Run(Path.Combine(one, "e"), "3", s_params, "1 -inf 1\n");
        File.Delete(Path.Combine(one, "d", "meta.yaml"));
        _folder.Write("mlruns/1/f/meta.yaml", "");
        _folder.Write("mlruns/1/g/meta.yaml", "{[");
        _folder.Write("mlruns/1/h/meta.yaml", new string('[', 500_000));
        _folder.Write("mlruns/1/i/meta.yaml", "x: 1\n");
        _folder.Write("mlruns/1/k/meta.yaml", "run_id: !<:> k\n");
        _folder.Write("mlruns/1/a/params/long", new byte[70_000]);
        // Nothing is made of a tag, and what is nested is passed over.
        _folder.Write(
            "mlruns/1/j/meta.yaml",
            "run_id: !!python/object/apply:os.system ['x']\nrun_uuid: j\nstatus: !!int 3\nx: {run_id: 1, status: 4}\n"
        );
        (SourceTable table, ImportNotes notes) = Table(root);
        int loss = table.Column("metrics.val/loss"),
            step = table.Column("step");
        Assert.Equal(
            ["a 3@100", "a 2.5@200", "a 2.25@300", "b 9@0", "e -Infinity@1"],
            table.Rows.Select(r => $"{r.Fields[0]} {r.Fields[loss]}@{r.Fields[step]}")
        );
        Assert.Equal(
            ["FINISHED", "KILLED", "FINISHED"],
            table.Rows.GroupBy(r => r.Fields[0]).Select(g => g.First().Fields[table.Column("status")])
        );
        Assert.Equal(
            [
                "1/a/metrics/val/loss, line 5: cut off at the end of the file",
                "1/b/metrics/val/loss, line 2: not 'time value step'",
                "1/c: deleted in MLflow",
                "1/d: has no meta.yaml",
                "1/f: its meta.yaml is empty",
                "1/g: its meta.yaml: line 1: a key is a list or a mapping; expected a name",
                "1/h: its meta.yaml: holds a list; expected settings by name",
                "1/i: its meta.yaml is not that of a run",
                "1/k: its meta.yaml: not valid YAML: Global tags must be valid URIs. (Parameter 'value')",
                ".trash/2/gone: deleted in MLflow",
                "run j: logged no parameters and no metrics (FINISHED)",
            ],
            notes.SetAside.Where(s => !s.Where.EndsWith("long", StringComparison.Ordinal)).Select(s => $"{s.Where}: {s.Why}")
        );
        Assert.Equal("1/a/params/long", Assert.Single(notes.SetAside, s => s.Why.Contains("more than 65536 bytes")).Where);
    }

    [Fact]
    public void A_store_without_runs_is_one_line()
    {
        string root = _folder.File("mlruns");
        MlflowStore.Experiment(root, "0", "Default");
        Assert.Equal(
            "mlruns: holds no runs of MLflow; expected runs with parameters and metrics",
            Assert.Throws<InputException>(() => SweepImport.Read(root)).Message
        );
    }

    /// <summary>Beyond the bound only the last value of each metric is kept, and the verdict says so.</summary>
    [Fact]
    public void Of_histories_beyond_measure_the_last_values_count()
    {
        var store = new MlflowRuns("big");
        MlflowRun run = new()
        {
            Id = "a",
            Experiment = "e",
            Status = "FINISHED",
        };
        store.Add(run);
        for (int i = 0; i <= MlflowRuns.MostRows; i++)
        {
            store.Log(run, "loss", i, i, 1.0 / (i + 1));
            if (i < 10)
                store.Log(run, "early", i, i, i);
        }
        var notes = new ImportNotes();
        SourceTable table = store.Table(notes);
        Assert.Equal(
            ["a", "", "e", "FINISHED", $"{MlflowRuns.MostRows}", $"{1.0 / (MlflowRuns.MostRows + 1)}", "9"],
            Assert.Single(table.Rows).Fields
        );
        Assert.Equal(["last value of each run only: too many were logged to compare histories"], notes.Caveats);
    }

    /// <summary>A script that stops at a loss that is no number ends as failed; MLflow has no word for it.</summary>
    [Theory]
    [InlineData("nan", RunStatus.Diverged)]
    [InlineData("inf", RunStatus.Diverged)]
    [InlineData("1.5", RunStatus.Missing)]
    public void A_failed_run_diverged_if_its_last_loss_is_no_number(string last, RunStatus expected)
    {
        string root = _folder.File("mlruns");
        MlflowStore.Experiment(root, "1", "sweep");
        MlflowStore.Run(Path.Combine(root, "1", "whole"), "3", s_params[..3], "1 1 1\n");
        MlflowStore.Run(Path.Combine(root, "1", "failed"), "4", s_params[..3], $"1 nan 1\n2 3 2\n3 {last} 3\n");
        Assert.Equal(expected, SweepImport.Read(root).Rows.Single(r => r.Provenance!.Contains("failed", StringComparison.Ordinal)).Status);
    }

    /// <summary>Runs of which most have one row: each run's id says which rows are its own.</summary>
    [Fact]
    public void One_run_with_a_history_among_runs_of_one_value_is_one_run()
    {
        string root = _folder.File("mlruns");
        MlflowStore.Experiment(root, "1", "sweep");
        for (int i = 0; i < 5; i++)
            MlflowStore.Run(
                Path.Combine(root, "1", $"r{i}"),
                "3",
                [.. s_params[..3], ("seed", $"{i}")],
                i == 0 ? "1 3 1\n2 1.5 2\n" : "1 2 2\n"
            );
        SweepTable table = SweepImport.Read(root);
        Assert.Equal([1.5, 2, 2, 2, 2], table.Rows.Select(r => r.Metric).Order());
    }

    [Fact]
    public void Several_experiments_are_compared_apart_and_other_metrics_tell_no_runs_apart()
    {
        string root = _folder.File("mlruns");
        foreach (string id in (string[])["1", "2"])
        {
            MlflowStore.Experiment(root, id, "of-" + id);
            for (int i = 0; i < 4; i++)
            {
                MlflowStore.Run(Path.Combine(root, id, $"r{id}{i}"), "3", s_params[..3], $"1 {1 + 0.01 * i} 1\n");
                _folder.Write($"mlruns/{id}/r{id}{i}/metrics/precision", $"1 0.{i % 2} 1\n");
            }
        }
        SweepTable table = SweepImport.Read(root);
        Assert.Equal(["of-1", "of-2"], table.Rows.Select(r => r.Comparison.Pairs.Single().Value).Distinct());
        Assert.DoesNotContain(table.Findings!, f => f.Id == "unexplained-repeats");
        Assert.Empty(SweepImport.Read(root, new() { Groups = [] }).Rows[0].Comparison.Pairs);
    }

    private static (SourceTable Table, ImportNotes Notes) Table(string path)
    {
        var notes = new ImportNotes();
        SweepSource source = SweepSource.At(path);
        return (SweepFormats.Of(source, SweepFormats.All).Read(source, notes), notes);
    }
}
