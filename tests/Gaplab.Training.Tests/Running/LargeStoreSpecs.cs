// A store of 100,000 finished runs, as benchmarks/run large-store makes it: listed, analysed and opened within bounds.
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed partial class LargeStoreSpecs(ITestOutputHelper output)
{
    // Other programs of the machine prolong the time by the clock, not that of the processor; two cores have twice the seconds.
    private const double Cores = 2;

    [Fact]
    public void A_store_of_100_000_runs_is_listed_in_2_seconds_analysed_in_20_and_a_gibibyte_and_its_page_opens_in_3()
    {
        LongStage.OrSkip("writes 400,000 files");
        using var folder = new TestFolder();
        string made = Directory.CreateDirectory(folder.File("large")).FullName;
        // In memory where that is allowed: some disks take minutes to delete so many files.
        using MemoryDisk? disk = MemoryDisk.TryMount(made, kilobytes: 4 << 20);
        string said = Of(Repository.At("artifacts/bin/Gaplab.Benchmarks/release/Gaplab.Benchmarks"), "large-store", "10", made);
        output.WriteLine(said);
        Assert.StartsWith("100000 runs written", said, StringComparison.Ordinal);
        foreach ((string what, double seconds) in ((string, double)[])[("study status", 2), ("study report with its page", 20)])
        {
            Match line = Assert.Single(Line().Matches(said), m => m.Groups["what"].Value.TrimEnd() == what);
            Assert.True(Number(line, "processor") <= Cores * seconds, line.Value);
            Assert.True(Number(line, "memory") <= 1, line.Value);
        }
        string page = Of("node", Repository.At("web/open-page.mjs"), Path.Combine(made, "report.html"));
        output.WriteLine($"the page opens in {page.Trim()} ms");
        Assert.InRange(double.Parse(page, CultureInfo.InvariantCulture), 1, 3000);
    }

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

    [GeneratedRegex(@"^(?<what>.+?) +[0-9.]+ s, +(?<processor>[0-9.]+) s of processor, (?<memory>[0-9.]+) GiB$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
