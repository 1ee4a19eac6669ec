// A store whose disk becomes read-only: the study ends in one line, every reader reads on, and the same command finishes when it may write.
namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class ReadOnlyStoreSpecs(SmallStudy study)
{
    [Fact]
    public void A_study_whose_store_becomes_read_only_ends_in_one_line_is_read_as_before_and_goes_on_when_it_may_write()
    {
        using var folder = new TestFolder();
        using MemoryDisk? disk = MemoryDisk.TryMount(folder.File("disk"), kilobytes: 64 << 10);
        if (disk is null)
            Assert.Skip("mounting a small tmpfs is not allowed here");
        string store = Path.Combine(disk.Path, "store");
        string[] command = ["study", "run", study.File, "--store", store, "--workers", "2"];
        var tally = new FaultTally(Faults.ReadOnly);
        using (StartedProgram program = StartedProgram.Start(folder.Path, command))
        {
            while (program.IsAlive && StoreSnapshot.Of(store).Results.Count == 0)
                Thread.Sleep(20);
            // Refused while a file is open for writing.
            while (program.IsAlive && !disk.TryRemount(readOnly: true))
                Thread.Sleep(1);
            Refused(program.Wait());
        }
        tally.Struck(store);
        Assert.InRange(StoreSnapshot.Of(store).Results.Count, 1, study.Reference.Results.Count - 1);

        Refused(StartedProgram.Run(folder.Path, command));
        foreach (
            string[] reader in (string[][])
                [
                    ["study", "status", store],
                    ["study", "export", store],
                    ["study", "report", store, "--html", folder.File("page.html")],
                    ["verify", store],
                ]
        )
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, reader);
            Assert.True(end.ExitCode == 0, $"{string.Join(' ', reader)}: {end}");
        }
        tally.Struck(store);

        Assert.True(disk.TryRemount(readOnly: false));
        StartedProgram.Run(folder.Path, command).AssertSucceeded();
        tally.Ended(store, study.Reference);
    }

    private static void Refused(ProgramEnd end)
    {
        string line = end.AssertRefused();
        Assert.StartsWith("gaplab: ", line, StringComparison.Ordinal);
        Assert.Contains("read-only", line, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", end.Output + end.Errors, StringComparison.Ordinal);
    }
}
