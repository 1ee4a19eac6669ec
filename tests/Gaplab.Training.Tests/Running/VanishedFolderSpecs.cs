// A folder that vanishes under its writer: the attempt fails and is told, and nothing is made anew in part.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class VanishedFolderSpecs(SmallStudy study)
{
    private static string[] Command(string file, string store) =>
        [
            "study",
            "run",
            file,
            "--store",
            store,
            "--workers",
            "2",
            "--set",
            "sentinel.enabled=false",
            "--set",
            "grid.batch=4",
            "--set",
            "budget.samples=6000",
            "--set",
            "checkpoint.every-seconds=0.3",
        ];

    [Fact]
    public void A_run_folder_deleted_while_it_trains_is_a_failed_attempt_and_the_run_is_made_whole()
    {
        using var folder = new TestFolder();
        string store = folder.File("store"),
            reference = folder.File("reference");
        StartedProgram.Run(folder.Path, Command(study.File, reference)).AssertSucceeded();
        using StartedProgram program = StartedProgram.Start(folder.Path, Command(study.File, store));
        string run = Path.GetDirectoryName(Path.GetDirectoryName(FirstCheckpoint(program, store))!)!;
        Directory.Delete(run, recursive: true);
        ProgramEnd end = program.Wait();
        end.AssertSucceeded();
        Assert.Contains("while", end.Output, StringComparison.Ordinal);
        Attempt attempt = Assert.Single(Assert.Single(RunStore.Open(store).ReadAttempts()).Value);
        Assert.Equal(Outcome.Failed, attempt.Outcome);
        Assert.Contains(
            "while the run trained",
            attempt.Cause.Replace("its run", "the run", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        var tally = new FaultTally(Faults.FolderDeleted);
        tally.Struck(store);
        tally.Ended(store, StoreSnapshot.Of(reference));
    }

    [Fact]
    public void Whatever_a_writer_misses_first_in_a_store_that_is_deleted_its_cause_is_that_the_store_is_gone()
    {
        using var folder = new TestFolder();
        string path = folder.File("store");
        RunStore.Open(path, create: true).Bind("small", "0", "study: small");
        Exception[] missed =
        [
            AtomicFile.Explain(Path.Combine(path, "runs", "3f", "plan"), new DirectoryNotFoundException("no such folder")),
            new VanishedRunException("the run is gone"),
        ];
        var full = new InputException("no space left on device");
        foreach (Exception error in missed)
            Assert.Same(error, RunStore.CauseOf(path, error));
        Directory.Delete(path, recursive: true);
        foreach (Exception error in missed)
            Assert.Contains("was deleted while its study ran", RunStore.CauseOf(path, error).Message, StringComparison.Ordinal);
        Assert.Same(full, RunStore.CauseOf(path, full));
    }

    [Fact]
    public void A_store_deleted_while_its_study_trains_is_one_line_and_nothing_of_it_is_there()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        using StartedProgram program = StartedProgram.Start(folder.Path, Command(study.File, store));
        _ = FirstCheckpoint(program, store);
        while (Directory.Exists(store))
        {
            // A writer may put a file into a folder that is being emptied.
            try
            {
                Directory.Delete(store, recursive: true);
            }
            catch (IOException) { }
        }
        ProgramEnd end = program.Wait();
        string line = end.AssertRefused();
        Assert.Contains("was deleted while its study ran", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(store), "a part of the store was made again");
        Faults.FolderDeleted.Caused(1);
    }

    [Fact]
    public void A_digit_of_the_metrics_changed_while_a_run_trains_is_a_failed_attempt()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        using StartedProgram program = StartedProgram.Start(folder.Path, Command(study.File, store));
        string metrics = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(FirstCheckpoint(program, store))!)!, "metrics.jsonl");
        using (var file = new FileStream(metrics, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Position = "{\"step\":".Length;
            file.WriteByte((byte)'7');
        }
        ProgramEnd end = program.Wait();
        end.AssertSucceeded();
        Assert.Contains(
            "is not what was written",
            Assert.Single(Assert.Single(RunStore.Open(store).ReadAttempts()).Value).Cause,
            StringComparison.Ordinal
        );
        Assert.Contains("has changed since the checkpoint was taken", end.Output, StringComparison.Ordinal);
        string id = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(metrics)!)!);
        Assert.StartsWith(
            "{\"step\":0,",
            File.ReadAllText(Path.Combine(store, "runs", id[..2], id, "metrics.jsonl")),
            StringComparison.Ordinal
        );
        StoreSnapshot.AssertClean(store);
    }

    private static string FirstCheckpoint(StartedProgram program, string store)
    {
        while (program.IsAlive)
        {
            try
            {
                if (
                    Directory.Exists(store)
                    && Directory.EnumerateFiles(store, "*.safetensors", SearchOption.AllDirectories).FirstOrDefault() is { } found
                )
                    return found;
            }
            catch (DirectoryNotFoundException) { } // a folder has been published while it was listed
            Thread.Sleep(10);
        }
        throw new InvalidOperationException($"the study ended before its first checkpoint\n{program.Wait()}");
    }
}
