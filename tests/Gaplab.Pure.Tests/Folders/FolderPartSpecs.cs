// What of a folder is read where several things lie in it, and that nothing in it is passed over in silence.
using Gaplab.Numerics;
using Gaplab.Pure.Tests.Import;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;

namespace Gaplab.Pure.Tests.Folders;

public sealed class FolderPartSpecs : IDisposable
{
    private static readonly string s_stores = Repository.At("tests/golden/tracker-stores");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_format_of_a_folder_is_read_and_the_others_are_named()
    {
        string runs = _folder.File("runs");
        WandbStore.Write(runs, SweepText.Runs);
        MlflowStore.Write(Path.Combine(runs, "mlruns"), SweepText.Runs);
        File.Copy(Path.Combine(s_stores, "optuna.db"), Path.Combine(runs, "study"));
        _folder.Write("runs/mine/config.json", """{"optimizer": "sgd", "lr": 0.1, "batch_size": 16}""");
        _folder.Write("runs/mine/metrics.csv", "step,val_loss\n1,2\n");
        ImportedRuns read = SweepImport.Runs([runs]);
        SweepText.IsThisSweep(read.Table);
        Assert.Equal([("runs", "mlflow-folder"), ("runs", "run-folders"), ("study", "optuna-sqlite")], read.Beside);
        string caveat = Assert.Single(read.Table.Caveats, c => c.StartsWith("not read", StringComparison.Ordinal));
        Assert.Equal("not read: mlflow-folder (runs), run-folders (runs), optuna-sqlite (study)", caveat);
        Assert.Contains(
            read.Table.Findings!,
            f => f.Kind == FindingKinds.FolderReading && f.Message.Contains("(study)", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("optuna.db")]
    [InlineData("optuna.journal")]
    [InlineData("mlflow.db")]
    public void A_store_is_found_wherever_it_lies_in_a_folder_and_whatever_it_is_called(string store)
    {
        Directory.CreateDirectory(_folder.File("project/data/deep"));
        File.Copy(Path.Combine(s_stores, store), _folder.File("project/data/deep/kept"));
        _folder.Write("project/README.md", "# A project");
        SweepText.IsThisSweep(SweepImport.Read(_folder.File("project")));
    }

    [Fact]
    public void The_tables_of_a_folder_are_one_table()
    {
        string header = "optimizer,lr,batch,seed,loss";
        string[] lines = [.. SweepText.Runs.Select(r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value}")];
        _folder.Write("results/adam.csv", string.Join('\n', lines.Where(l => l[0] == 'a').Prepend(header)));
        _folder.Write("results/part/sgd.csv", string.Join('\n', lines.Where(l => l[0] == 's').Prepend(header)));
        _folder.Write("results/notes.txt", "nothing");
        ImportedRuns read = SweepImport.Runs([_folder.File("results")]);
        SweepText.IsThisSweep(read.Table);
        Assert.Equal(SweepText.Runs.Count, read.Runs.Count(r => r.State == ImportedRun.Finished));
    }

    [Fact]
    public void A_folder_without_any_of_them_is_one_line()
    {
        _folder.Write("nothing/README.md", "# A project");
        string message = Assert.Throws<InputException>(() => SweepImport.Read(_folder.File("nothing"))).Message;
        Assert.Contains("is a folder without runs; expected ", message, StringComparison.Ordinal);
    }

    /// <summary>All that lies in the folder of real files is read, named as set aside, or named as of another format.</summary>
    [Fact]
    public void Of_the_real_folders_of_trackers_nothing_is_passed_over()
    {
        string root = Path.GetDirectoryName(Path.GetDirectoryName(TestFolder.RealData("trackers/optuna/3.2.0.a.db"))!)!;
        ImportedRuns read = SweepImport.Runs([root]);
        string[] wandb = [.. Directory.EnumerateFiles(Path.Combine(root, "wandb")).Select(f => "wandb/" + Path.GetFileName(f))];
        Assert.Equal(wandb.Order(StringComparer.Ordinal), read.Runs.Select(r => r.Path).Order(StringComparer.Ordinal));
        Assert.All(read.Runs, r => Assert.Equal(r.State == ImportedRun.Finished, r.Reason is null));
        Assert.Equal(
            [("trackers", "run-folders"), ("optuna/3.2.0.a.db", "optuna-sqlite"), ("optuna/4.0.0.dev.log", "optuna-journal")],
            read.Beside
        );
        string[] folders = [.. RunFinder.Find(FolderTree.Of(root), out _).Select(r => r.Folder.Shown)];
        Assert.Equal(["hf", "tensorboard"], folders);
        string[] all = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)];
        Assert.Equal(wandb.Length + 4, all.Length);
    }
}
