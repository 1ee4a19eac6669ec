// A full disk: one line, exit code 2, nothing half-written, and the same command finishes once there is room.
using System.Diagnostics;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class FullDiskSpecs(SmallStudy study)
{
    [Fact]
    public void A_disk_that_fills_up_is_one_line_and_the_same_command_finishes_when_there_is_room()
    {
        using var folder = new TestFolder();
        string disk = folder.File("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Mount("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk), "mounting a small tmpfs is not allowed here");
        try
        {
            string store = Path.Combine(disk, "store"),
                ballast = Path.Combine(disk, "ballast");
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
        finally
        {
            Mount("umount", "-l", disk);
        }
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

    /// <summary>Runs mount or umount.</summary>
    /// <returns>Whether it did what it was asked.</returns>
    internal static bool Mount(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
