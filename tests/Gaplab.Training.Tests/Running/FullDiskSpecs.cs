// A full disk: one line, exit code 2, nothing half-written, and the same command finishes once there is room.
namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class FullDiskSpecs(SmallStudy study)
{
    [Fact]
    public void A_disk_that_fills_up_is_one_line_and_the_same_command_finishes_when_there_is_room()
    {
        using var folder = new TestFolder();
        using MemoryDisk? disk = MemoryDisk.TryMount(folder.File("disk"), kilobytes: 8 << 10);
        if (disk is null)
            Assert.Skip("mounting a small tmpfs is not allowed here");
        string store = Path.Combine(disk.Path, "store"),
            ballast = Path.Combine(disk.Path, "ballast");
        string[] command = ["study", "run", study.File, "--store", store, "--workers", "2"];
        using (StartedProgram program = StartedProgram.Start(folder.Path, command))
        {
            // Some runs are finished and others have begun.
            while (program.IsAlive && StoreSnapshot.Of(store).Results.Count == 0)
                Thread.Sleep(20);
            Fill(ballast);
            ProgramEnd end = program.Wait();
            OneLine(end);
        }
        var tally = new FaultTally(Faults.DiskFull);
        tally.Struck(store);
        StoreSnapshot before = StoreSnapshot.Of(store);
        Assert.InRange(before.Results.Count, 1, study.Reference.Results.Count - 1);
        foreach ((string id, (string Result, string Metrics) run) in before.Results)
            Assert.Equal(study.Reference.Results[id], run);
        Assert.DoesNotContain(Directory.EnumerateFiles(store, "*.tmp", SearchOption.AllDirectories), _ => true);

        // Still full: the same answer, and nothing is lost by asking.
        OneLine(StartedProgram.Run(folder.Path, command));
        tally.Struck(store);

        File.Delete(ballast);
        ProgramEnd last = StartedProgram.Run(folder.Path, command);
        last.AssertSucceeded();
        tally.Ended(store, study.Reference);
    }

    private static void OneLine(ProgramEnd end)
    {
        string line = end.AssertRefused();
        Assert.StartsWith("gaplab: ", line, StringComparison.Ordinal);
        Assert.Contains("free", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Output, StringComparison.Ordinal);
    }

    /// <summary>Writes until there is no byte left.</summary>
    private static void Fill(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (int size in (int[])[65536, 4096, 1])
        {
            byte[] block = new byte[size];
            try
            {
                while (true)
                    stream.Write(block);
            }
            catch (IOException)
            {
                // Full for blocks of this size.
            }
        }
    }
}
