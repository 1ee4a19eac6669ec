// A store of 100,000 finished runs, as benchmarks/run large-store makes it: every command that reads it stays within its memory, and the
// page opens. What it takes by the clock is the benchmark's to say.
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed partial class LargeStoreSpecs(ITestOutputHelper output)
{
    [Fact]
    public void A_store_of_100_000_runs_is_read_within_a_gibibyte_and_its_page_opens()
    {
        LongStage.OrSkip("writes 400,000 files");
        using var folder = new TestFolder();
        string made = Directory.CreateDirectory(folder.File("large")).FullName;
        // In memory where that is allowed: some disks take minutes to delete so many files.
        using MemoryDisk? disk = MemoryDisk.TryMount(made, kilobytes: 4 << 20);
        string said = Of(Repository.At("artifacts/bin/Gaplab.Benchmarks/release/Gaplab.Benchmarks"), "large-store", "10", made);
        output.WriteLine(said);
        Assert.StartsWith("100000 runs written", said, StringComparison.Ordinal);
        Match[] read = [.. Line().Matches(said).Cast<Match>()];
        Assert.Empty(((string[])["study status", "study report with its page", "verify"]).Except(read.Select(What)));
        Assert.All(read, line => Assert.True(Number(line, "memory") <= 1, line.Value));
        string report = Path.Combine(made, "report.html");
        Assert.InRange(new FileInfo(report).Length, 1 << 20, 16 << 20);
        string page = Of("node", Repository.At("web/open-page.mjs"), report);
        output.WriteLine($"the page opens in {page.Trim()} ms");
        Assert.True(double.Parse(page, CultureInfo.InvariantCulture) > 0, page);
    }

    private static string What(Match line) => line.Groups["what"].Value.TrimEnd();

    private static double Number(Match line, string group) => double.Parse(line.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Of(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GAPLAB_ROOT"] = Repository.At(".");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said + errors.Result);
        return said;
    }

    [GeneratedRegex(@"^(?<what>.+?) +[0-9.]+ s, +[0-9.]+ s of processor, (?<memory>[0-9.]+) GiB$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
