// A folder of a store that its user may not read or not write: said in one line, and nothing is lost. Root ignores rights, so the program
// is started as another user.
namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class NoRightsSpecs(SmallStudy study)
{
    private const string Nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/tmp";

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
        CliLimitsSpecs.Shell(folder, $"chmod -R a+rX '{folder.Path}' '{AppContext.BaseDirectory}'; chmod 000 '{run}'");
        ProgramEnd end = CliLimitsSpecs.Shell(folder, $"exec {Nobody} dotnet '{StartedProgram.Path}' study export '{store}'");
        CliLimitsSpecs.Shell(folder, $"chmod 755 '{run}'");
        Assert.SkipWhen(end.ExitCode is 126 or 127 or 131 or 145, "the program's own files are not readable to others here");
        Assert.True(end.ExitCode == 3, end.ToString());
        Assert.Contains($"damaged    run {Path.GetFileName(run)}, ", end.Errors, StringComparison.Ordinal);
        Assert.Contains("permission denied", end.Errors, StringComparison.Ordinal);
        Faults.NoRights.Caused(1);
    }

    [Theory]
    [InlineData("runs")]
    [LongInlineData("work")]
    [LongInlineData("claims")]
    public void A_folder_that_may_not_be_written_is_one_line_and_the_study_goes_on_when_it_may(string which)
    {
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"),
            "needs root, to be somebody else for a moment"
        );
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder),
            run = Directory.GetDirectories(Path.Combine(store, "runs")).SelectMany(Directory.GetDirectories).First(),
            place = Path.Combine(store, which);
        Directory.Delete(run, recursive: true); // one is to be made again
        File.Copy(study.File, folder.File("small.yaml"));
        Directory.CreateDirectory(place);
        string command =
            $"exec {Nobody} dotnet '{StartedProgram.Path}' study run '{folder.File("small.yaml")}' --store '{store}' --workers 1";
        CliLimitsSpecs.Shell(
            folder,
            $"chmod -R a+rX '{AppContext.BaseDirectory}' '{Repository.At("artifacts/native")}'; chown -R 65534:65534 '{folder.Path}'; "
                + $"chown -R 0:0 '{place}'; chmod -R a+rX,go-w '{place}'"
        );
        var tally = new FaultTally(Faults.NoRights);
        ProgramEnd end = CliLimitsSpecs.Shell(folder, command);
        Assert.SkipWhen(end.ExitCode is 126 or 127 or 131 or 145, "the program's own files are not readable to others here");
        Assert.Matches("(?i)denied|not allowed|no right|may not", end.AssertRefused());
        tally.Struck(store);
        CliLimitsSpecs.Shell(folder, $"chown -R 65534:65534 '{folder.Path}'");
        end = CliLimitsSpecs.Shell(folder, command);
        end.AssertSucceeded();
        tally.Ended(store, study.Reference);
    }
}
