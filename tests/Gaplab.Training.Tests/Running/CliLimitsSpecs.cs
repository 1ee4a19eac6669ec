// What a process may not have: open files, memory, the right to read. One line, and no trace.
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
        using var folder = new TestFolder();
        ProgramEnd end = Shell(
            folder,
            $"{limit}; exec dotnet '{StartedProgram.Path}' study run '{study.File}' --store '{folder.File("store")}'"
        );
        Assert.Contains(expected, end.AssertRefused(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("store")), "a store was begun");
    }

    [Fact]
    public void A_run_that_may_not_be_read_is_named_and_not_taken_for_one_that_was_never_made()
    {
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"),
            "needs root, to be somebody else for a moment"
        );
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder),
            run = Directory.GetDirectories(Path.Combine(store, "runs")).SelectMany(Directory.GetDirectories).First();
        Shell(folder, $"chmod -R a+rX '{folder.Path}' '{AppContext.BaseDirectory}'; chmod 000 '{run}'");
        ProgramEnd end = Shell(
            folder,
            $"exec setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/tmp dotnet '{StartedProgram.Path}' study export '{store}'"
        );
        Shell(folder, $"chmod 755 '{run}'");
        Assert.SkipWhen(end.ExitCode is 126 or 127 or 131 or 145, "the program's own files are not readable to others here");
        Assert.True(end.ExitCode == 3, end.ToString());
        Assert.Contains($"damaged    run {Path.GetFileName(run)}, ", end.Errors, StringComparison.Ordinal);
        Assert.Contains("permission denied", end.Errors, StringComparison.Ordinal);
    }

    private static ProgramEnd Shell(TestFolder folder, string script)
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
