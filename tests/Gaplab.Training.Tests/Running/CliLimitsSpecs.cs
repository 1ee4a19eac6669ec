// What a process may not have: open files, memory. One line, and no trace.
using System.Diagnostics;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class CliLimitsSpecs(SmallStudy study)
{
    [Theory]
    [InlineData("ulimit -n 64", "the process may open 64 files, and needs")]
    [InlineData("ulimit -v 2000000", "memory ran out")]
    public void A_limit_of_the_process_is_one_line_that_says_which(string limit, string expected)
    {
        (limit.Contains("-n", StringComparison.Ordinal) ? Faults.FewHandles : Faults.LittleMemory).Caused(1);
        using var folder = new TestFolder();
        ProgramEnd end = Shell(
            folder,
            $"{limit}; exec dotnet '{StartedProgram.Path}' study run '{study.File}' --store '{folder.File("store")}'"
        );
        Assert.Contains(expected, end.AssertRefused(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("store")), "a store was begun");
    }

    [Fact]
    public void With_the_fewest_open_files_that_are_allowed_a_study_ends_as_with_many()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        ProgramEnd end = Shell(
            folder,
            $"ulimit -n 128; exec dotnet '{StartedProgram.Path}' study run '{study.File}' --store '{store}' --workers 2"
        );
        end.AssertSucceeded();
        var tally = new FaultTally(Faults.FewHandles);
        tally.Struck(store);
        tally.Ended(store, study.Reference);
    }

    internal static ProgramEnd Shell(TestFolder folder, string script)
    {
        var start = new ProcessStartInfo("sh", ["-c", script])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new ProgramEnd(process.ExitCode, output.Result, errors.Result);
    }
}
