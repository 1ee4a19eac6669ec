// Folders of runs as sweeps: the layouts of tools give one table, every run is accounted for, and damage is one line.
using System.Globalization;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Pure.Tests.Import;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Folders;

public sealed class RunFolderFormatSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Layouts => [.. RunTree.Layouts.Keys];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_same_sweep_in_every_layout_is_one_table(string layout)
    {
        RunTree.Write(_folder, "runs", layout);
        Assert.True(SweepImport.Recognises(_folder.File("runs")));
        ImportedRuns runs = SweepImport.Runs([_folder.File("runs")]);
        SweepText.IsThisSweep(layout == "tensorboard" ? Rounded(runs.Table) : runs.Table);
        Assert.Equal(SweepText.Runs.Count, runs.Runs.Count);
        Assert.All(runs.Runs, r => Assert.Equal(("run-folders", "finished", null), (r.Format, r.State, r.Reason)));
    }

    /// <summary>Event files hold floats.</summary>
    private static SweepTable Rounded(SweepTable table) =>
        table with
        {
            Rows = [.. table.Rows.Select(r => r with { Metric = Math.Round(r.Metric, 4) })],
        };

    [Fact]
    public void All_layouts_together_are_one_table_too()
    {
        string[] three = ["lightning", "hydra", "names"];
        foreach (string layout in three)
            RunTree.Write(_folder, layout, layout);
        ImportedRuns runs = SweepImport.Runs([.. three.Select(_folder.File)]);
        Assert.Equal(3 * SweepText.Runs.Count, runs.Table.Rows.Count);
        Assert.Equal(
            3,
            runs.Runs.Count(r =>
                r.Values["optimizer"].EndsWith("dam", StringComparison.OrdinalIgnoreCase)
                && r.Values["lr"] == "0.003"
                && r.Values["batch"] == "16"
                && r.Values["seed"] == "1"
            )
        );
    }

    [Fact]
    public void The_batch_is_that_of_all_devices_and_passes_and_says_of_what_it_is_made()
    {
        RunTree.Write(_folder, "runs", "trainer");
        SweepTable table = SweepImport.Read(_folder.File("runs"));
        Assert.Contains(
            table.Findings!,
            f =>
                f.Id == "folder-reading"
                && f.Message == "The batch of 36 of 36 runs is per_device_train_batch_size x gradient_accumulation_steps x world_size."
        );
        // Who says that a column is the batch means the column.
        Assert.Equal(
            [2L, 8],
            SweepImport
                .Read(_folder.File("runs"), new ImportOptions { Map = ["config.per_device_train_batch_size=batch"] })
                .Rows.Select(r => r.Batch)
                .Distinct()
        );
    }

    [Fact]
    public void What_is_no_run_is_set_aside_with_its_reason_and_what_has_holes_too()
    {
        RunTree.Write(_folder, "runs", "hydra");
        _folder.Write("runs/lost/metrics.csv", "step,val_loss\n1,2\n");
        _folder.Write("runs/empty/config.yaml", "lr: 1\n");
        _folder.Write("runs/hole/config.yaml", "optimizer: sgd\nbatch_size: 16\nseed: 1\n");
        _folder.Write("runs/hole/metrics.csv", "step,val_loss\n256,2\n");
        _folder.Write("runs/torn/config.json", """{"optimizer": "sgd", "lr": 0.1, "batch_size": 1""");
        _folder.Write("runs/torn/metrics.csv", "step,val_loss\n256,2\n");
        _folder.Write("runs/none/config.yaml", "optimizer: sgd\nlr: 0.1\nbatch_size: 16\nseed: 1\n");
        _folder.Write("runs/none/metrics.csv", "");
        ImportedRuns runs = SweepImport.Runs([_folder.File("runs")]);
        SweepText.IsThisSweep(runs.Table);
        Assert.Equal(
            [
                ("empty", "config.yaml without metrics"),
                ("hole", "no learning rate"),
                ("lost", "metrics.csv without a config beside or above it"),
                ("none", "no metric in its files"),
                ("torn", "no optimizer"),
            ],
            runs.Runs.Where(r => r.State == "set-aside").Select(r => (r.Path, r.Reason!)).Order()
        );
        Assert.Equal(["3 unreadable entries set aside", "2 incomplete runs set aside"], runs.Table.Caveats.Take(2));
        Assert.Contains(runs.Table.Findings!, f => f.Message.Contains("config.json: line 1: not valid JSON", StringComparison.Ordinal));

        // What holds for all of them can be said.
        Assert.Equal(37, SweepImport.Read(_folder.File("runs"), new ImportOptions { Defaults = ["lr=0.1"] }).Rows.Count);
    }

    [Fact]
    public void A_run_that_diverged_or_failed_says_so()
    {
        RunTree.Write(_folder, "runs", "ray");
        _folder.Write("runs/train_fn_00000/error.txt", "Traceback (most recent call last):\n");
        const string Diverged = """{"val_loss": NaN, "training_iteration": 2}""";
        _folder.Write("runs/train_fn_00001/result.json", Diverged.Replace("NaN", "3", StringComparison.Ordinal) + "\n" + Diverged + "\n");
        ImportedRuns runs = SweepImport.Runs([_folder.File("runs")]);
        Assert.Equal(
            [("missing", "its state is 'failed'"), ("diverged", "its metric is not finite, or its state says so")],
            runs.Runs.Take(2).Select(r => (r.State, r.Reason!))
        );
        Assert.Equal(
            (1, 1),
            (runs.Table.Rows.Count(r => r.Status == RunStatus.Missing), runs.Table.Rows.Count(r => r.Status == RunStatus.Diverged))
        );
    }

    [Fact]
    public void Runs_of_different_length_are_refused_until_it_is_said_at_how_many_samples()
    {
        RunTree.Write(_folder, "runs", "lightning");
        // One more evaluation at twice the samples, of a loss that would win.
        File.AppendAllText(_folder.File("runs/lightning_logs/version_0/metrics.csv"), "2,512,,0.5\n");
        string message = Assert.Throws<InputException>(() => SweepImport.Read(_folder.File("runs"))).Message;
        Assert.Equal(
            "runs: runs of batch size 16 end after 4096 to 8192 samples, 17 of 36 runs before others; say --equal samples=4096 "
                + "(all runs reach it), --short missing (leaves them out) or --short counted",
            message
        );
        SweepTable table = SweepImport.Read(_folder.File("runs"), new ImportOptions { EqualSamples = 4096 });
        SweepText.IsThisSweep(table);
        Assert.Contains("at 4096 samples", table.Caveats);
        // Halfway, the evaluation before counts.
        Assert.All(
            SweepImport.Read(_folder.File("runs"), new ImportOptions { EqualSamples = 3000 }).Rows,
            r => Assert.Equal(3.1, r.Metric)
        );
        ImportedRuns censored = SweepImport.Runs([_folder.File("runs")], new ImportOptions { EqualSamples = 8192 });
        Assert.Equal(("finished", 35), (censored.Runs[0].State, censored.Runs.Count(r => r.State == "censored")));
        Assert.Equal("ended at 4096 of 8192 samples", censored.Runs[1].Reason);
        Assert.Equal(
            17,
            SweepImport
                .Read(_folder.File("runs"), new ImportOptions { Short = ShortRun.Missing })
                .Rows.Count(r => r.Status == RunStatus.Missing)
        );
    }

    [Fact]
    public void A_table_of_evaluations_is_cut_at_equal_samples_too()
    {
        string rows = string.Concat(
            SweepText
                .Runs.Index()
                .Select(r =>
                    $"r{r.Index},{r.Item.Optimizer},{r.Item.Rate},{r.Item.Batch},{r.Item.Seed},{RunTree.Steps(r.Item)},{r.Item.Value}\n"
                    + (
                        r.Index == 0
                            ? ""
                            : $"r{r.Index},{r.Item.Optimizer},{r.Item.Rate},{r.Item.Batch},{r.Item.Seed},{2 * RunTree.Steps(r.Item)},0\n"
                    )
                )
        );
        string path = _folder.Write("histories.csv", "run_id,optimizer,lr,batch_size,seed,step,val_loss\n" + rows);
        SweepText.IsThisSweep(SweepImport.Read(path, new ImportOptions { EqualSamples = 4096 }));
        ImportedRuns twice = SweepImport.Runs([path], new ImportOptions { EqualSamples = 8192 });
        Assert.Equal(
            ("censored", "ended at 4096 of 8192 samples"),
            (twice.Runs.Single(r => r.State != "finished").State, twice.Runs.Single(r => r.State != "finished").Reason)
        );
        Assert.All(twice.Table.Rows.Where(r => r.Status == RunStatus.Usable), r => Assert.Equal(0, r.Metric));
        path = _folder.Write("bare.csv", "optimizer,lr,batch_size,val_loss\nsgd,1,8,2\n");
        Assert.StartsWith(
            "--equal samples: no column of bare.csv counts samples or steps",
            Assert.Throws<InputException>(() => SweepImport.Read(path, new ImportOptions { EqualSamples = 1 })).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Seeds_side_by_side_below_one_config_are_runs_and_parts_of_the_data_are_not()
    {
        foreach (string optimizer in (string[])["sgd", "adam"])
        {
            _folder.Write($"runs/{optimizer}/config.yaml", $"optimizer: {optimizer}\nlr: 0.1\nbatch_size: 8\n");
            for (int seed = 0; seed < 3; seed++)
            {
                _folder.Write($"runs/{optimizer}/seed={seed}/metrics.csv", $"step,loss\n9,{seed + 1}\n");
                _folder.Write($"runs/{optimizer}/seed={seed}/train/metrics.csv", $"step,accuracy\n9,0.5\n");
            }
        }
        ImportedRuns runs = SweepImport.Runs([_folder.File("runs")]);
        Assert.Equal(
            ["adam/seed=0", "adam/seed=1", "adam/seed=2", "sgd/seed=0", "sgd/seed=1", "sgd/seed=2"],
            runs.Runs.Select(r => r.Path)
        );
        Assert.Equal(["0", "1", "2", "0", "1", "2"], runs.Table.Rows.Select(r => r.Seed));

        _folder.Write("one/config.yaml", "optimizer: sgd\nlr: 0.1\nbatch_size: 8\n");
        _folder.Write("one/train/metrics.csv", "step,loss\n9,1\n");
        _folder.Write("one/val/metrics.csv", "step,loss\n9,2\n");
        ImportedRun one = Assert.Single(SweepImport.Runs([_folder.File("one")]).Runs);
        Assert.Equal(("1", "2"), (one.Values["train/loss"], one.Values["val/loss"]));
    }

    [Fact]
    public void A_loss_by_the_words_of_its_name_is_the_metric_and_lengths_count_in_the_batch_that_was_said()
    {
        foreach ((string run, int steps) in ((string, int)[])[("a", 100), ("b", 100), ("c", 50)])
        {
            _folder.Write($"runs/{run}/hparams.yaml", "optimizer: sgd\nlr: 0.1\n");
            _folder.Write($"runs/{run}/metrics.csv", $"step,epoch_val_loss,epoch_loss_weight\n{steps / 2},3,1\n{steps},2,1\n");
        }
        ImportOptions said = new() { Defaults = ["batch=64"] };
        Assert.Contains(
            "end after 3200 to 6400 samples, 1 of 3 runs before others; say --equal samples=3200",
            Assert.Throws<InputException>(() => SweepImport.Read(_folder.File("runs"), said)).Message,
            StringComparison.Ordinal
        );
        SweepTable table = SweepImport.Read(_folder.File("runs"), said with { EqualSamples = 3200 });
        Assert.Equal("epoch_val_loss", table.Metric);
        Assert.Equal([3, 3, 2.0], table.Rows.Select(r => r.Metric));
        // A run that is the folder itself has its name.
        Assert.Equal("a", Assert.Single(SweepImport.Runs([_folder.File("runs/a") + "/"], said).Runs).Path);
    }

    [Fact]
    public void The_largest_rate_that_was_logged_is_taken_where_no_config_says_one()
    {
        _folder.Write("runs/a/config.yaml", "optimizer: sgd\nbatch_size: 8\n");
        _folder.Write("runs/a/metrics.csv", "step,lr,val_loss\n1,0.01,3\n2,0.1,2\n3,0.001,1\n");
        SweepTable table = SweepImport.Read(_folder.File("runs"));
        Assert.Equal(0.1, Assert.Single(table.Rows).LearningRate);
        Assert.Contains("learning rate of 1 of 1 runs: the largest that was logged", table.Caveats);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("parquet")]
    [InlineData("json")]
    public void The_table_that_is_written_reads_back_as_the_same_sweep(string ending)
    {
        RunTree.Write(_folder, "runs", "trainer");
        _folder.Write("runs/out-3/error.txt", "out of memory");
        ImportedRuns runs = SweepImport.Runs([_folder.File("runs")]);
        string path = _folder.File("table." + ending);
        RunsFile.Write(new OutputFile(path), runs);
        SweepTable read = SweepImport.Read(path, new ImportOptions { Metric = "eval_loss" });
        Assert.Equal(
            runs.Table.Rows.Select(r => (r.Optimizer, r.LearningRate, r.Batch, r.Seed, r.Metric, r.Status)),
            read.Rows.Select(r => (r.Optimizer, r.LearningRate, r.Batch, r.Seed, r.Metric, r.Status))
        );
    }

    [Theory]
    [InlineData("where", "config.lr=5", "--where config.lr=5: no run has it; 'config.lr' is ")]
    [InlineData("where", "colour=5", "--where colour=5: runs has no column 'colour'; ")]
    [InlineData("where", "lr", "--where lr: expected KEY=VALUE")]
    [InlineData("default", "colour=5", "--default colour=5: 'colour' is no column of runs and none of optimizer, lr, batch")]
    public void What_is_said_of_runs_that_are_not_there_is_refused_in_one_line(string option, string pair, string says)
    {
        RunTree.Write(_folder, "runs", "lightning");
        string message = Assert
            .Throws<InputException>(() =>
                SweepImport.Read(
                    _folder.File("runs"),
                    option == "where" ? new ImportOptions { Where = [pair] } : new ImportOptions { Defaults = [pair] }
                )
            )
            .Message;
        Assert.StartsWith(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Where_chooses_runs_and_default_fills_what_they_do_not_say()
    {
        RunTree.Write(_folder, "runs", "lightning");
        SweepTable table = SweepImport.Read(
            _folder.File("runs"),
            new ImportOptions { Where = ["optimizer=torch.optim.sgd.SGD", "lr=0.10"] }
        );
        Assert.Equal(6, table.Rows.Count);
        Assert.Contains("6 of 18 runs, those with lr=0.10", table.Caveats);

        _folder.Write("bare/a/config.yaml", "lr: 0.1\n");
        _folder.Write("bare/a/metrics.csv", "step,loss\n1,2\n");
        string message = Assert.Throws<InputException>(() => SweepImport.Read(_folder.File("bare"))).Message;
        Assert.Contains("no batch-size column", message, StringComparison.Ordinal);
        Assert.EndsWith("or what it is of all runs: --default batch=VALUE", message, StringComparison.Ordinal);
        SweepRow row = Assert.Single(
            SweepImport.Read(_folder.File("bare"), new ImportOptions { Defaults = ["batch=64", "optimizer=adamw"] }).Rows
        );
        Assert.Equal(("adamw", 64L, 0.1), (row.Optimizer, row.Batch, row.LearningRate));
    }

    [Fact]
    public void A_folder_without_runs_is_one_line()
    {
        _folder.Write("none/readme.md", "nothing");
        Assert.StartsWith(
            $"{_folder.File("none")}: is a folder without runs; expected ",
            Assert.Throws<InputException>(() => SweepImport.Read(_folder.File("none"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Damaged_configs_and_logs_give_a_table_or_one_line()
    {
        string[] files = ["hparams.yaml", "metrics.csv"];
        RunTree.Write(_folder, "runs", "lightning");
        string at = _folder.File("runs/lightning_logs/version_0");
        byte[][] whole = [.. files.Select(f => File.ReadAllBytes(Path.Combine(at, f)))];
        FixedSeeds.Check(
            ByteDamage.Any.Array[1, 4],
            100,
            damages =>
            {
                for (int f = 0; f < files.Length; f++)
                    File.WriteAllBytes(Path.Combine(at, files[f]), ByteDamage.All(damages, whole[f]));
                try
                {
                    GapAnalysis.Analyse(SweepImport.Read(_folder.File("runs")));
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                    Assert.InRange(e.Message.Length, 10, 700);
                }
            }
        );
    }

    [Fact]
    public void The_history_of_a_real_trainer_is_read_with_its_batch()
    {
        string state = TestFolder.RealData("trackers/hf/aig.trainer_state.json");
        Directory.CreateDirectory(_folder.File("real/run"));
        File.Copy(state, _folder.File("real/run/trainer_state.json"));
        _folder.Write("real/run/args.json", """{"optim": "adamw_torch"}""");
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(state));
        var history = document.RootElement.GetProperty("log_history").EnumerateArray().ToArray();
        string batch = document.RootElement.TryGetProperty("train_batch_size", out var size) ? size.GetRawText() : "";
        double peak = history.Max(h => h.TryGetProperty("learning_rate", out var rate) ? rate.GetDouble() : 0);
        string name = history
            .SelectMany(h => h.EnumerateObject().Select(p => p.Name))
            .First(n => n.EndsWith("loss", StringComparison.Ordinal));
        double last = history.Last(h => h.TryGetProperty(name, out _)).GetProperty(name).GetDouble();
        ImportedRun run = Assert.Single(
            SweepImport.Runs([_folder.File("real")], new ImportOptions { Metric = name, Defaults = ["batch=8"] }).Runs
        );
        Assert.Equal(batch.Length > 0 ? batch : "8", run.Values["batch"]);
        Assert.Equal(peak, double.Parse(run.Values["lr"], CultureInfo.InvariantCulture));
        Assert.Equal(last, double.Parse(run.Values[name], CultureInfo.InvariantCulture));
    }
}
