// A store whose disk becomes read-only: the study ends in one line, every reader reads on, and the same command finishes when it may write.
using System.Diagnostics;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class ReadOnlyStoreSpecs(SmallStudy study)
{
    [Fact]
    public void A_study_whose_store_becomes_read_only_ends_in_one_line_is_read_as_before_and_goes_on_when_it_may_write()
    {
        using var folder = new TestFolder();
        string disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk), "mounting a small tmpfs is not allowed here");
        try
        {
            string store = Path.Combine(disk, "store");
            string[] command = ["study", "run", study.File, "--store", store, "--workers", "2"];
            var tally = new FaultTally(Faults.ReadOnly);
            using (StartedProgram program = StartedProgram.Start(folder.Path, command))
            {
                while (program.IsAlive && StoreSnapshot.Of(store).Results.Count == 0)
                    Thread.Sleep(20);
                // Refused while a file is open for writing.
                while (program.IsAlive && !Run("mount", "-o", "remount,ro", disk))
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

            Assert.True(Run("mount", "-o", "remount,rw", disk));
            StartedProgram.Run(folder.Path, command).AssertSucceeded();
            tally.Ended(store, study.Reference);
        }
        finally
        {
            Run("umount", "-l", disk);
        }
    }

    private static void Refused(ProgramEnd end)
    {
        string line = end.AssertRefused();
        Assert.StartsWith("gaplab: ", line, StringComparison.Ordinal);
        Assert.Contains("read-only", line, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", end.Output + end.Errors, StringComparison.Ordinal);
    }

    private static bool Run(string program, params string[] arguments)
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
