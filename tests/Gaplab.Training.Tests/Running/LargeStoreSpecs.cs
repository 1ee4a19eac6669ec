// A store of 100,000 finished runs, as benchmarks/run large-store makes it: every command that reads it stays within its memory, and the
// page opens. What it takes by the clock is the benchmark's to say.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaplab.Serving;
using Gaplab.Studies;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed partial class LargeStoreSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task A_store_of_100_000_runs_is_read_and_served_within_its_memory_and_its_page_opens()
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
        Assert.Empty(
            ((string[])["study status", "study report with its page", "verify", "serve until the answer"]).Except(read.Select(What))
        );
        Assert.All(read, line => Assert.True(Number(line, "memory") <= Most(What(line)), line.Value));
        string report = Path.Combine(made, "report.html");
        Assert.InRange(new FileInfo(report).Length, 1 << 20, 16 << 20);
        string page = Of("node", Repository.At("web/open-page.mjs"), report);
        output.WriteLine($"the page opens in {page.Trim()} ms");
        Assert.True(double.Parse(page, CultureInfo.InvariantCulture) > 0, page);
        await Served(Path.Combine(made, "store"));
    }

    /// <summary>What is served of it is what gaplab study report --json prints, in every number.</summary>
    private static async Task Served(string store)
    {
        await using StoreServer server = await StoreServer.Start(new ServedStores([store], Catalogues.BuiltIn));
        using var handler = new HttpClientHandler { AutomaticDecompression = DecompressionMethods.GZip };
        using var client = new HttpClient(handler);
        CancellationToken stop = TestContext.Current.CancellationToken;
        Uri root = new(new Uri(server.Address), "/");
        await client.GetStringAsync(new Uri(server.Address), stop);
        while ((await client.GetStringAsync(new Uri(root, "api/stores"), stop)).Contains("\"opening\"", StringComparison.Ordinal))
            await Task.Delay(100, stop);
        string served = await client.GetStringAsync(new Uri(root, "api/0/analysis"), stop),
            printed = Of("dotnet", StartedProgram.Path, "study", "report", store, "--json");
        // The command says of the files, besides, which are damaged.
        JsonObject said = JsonNode.Parse(printed)!.AsObject();
        JsonObject shown = JsonNode.Parse(served)!.AsObject();
        Assert.NotEmpty(shown["comparisons"]!.AsArray());
        Assert.All(shown, part => Assert.True(JsonNode.DeepEquals(said[part.Key], part.Value), part.Key));
    }

    // Of a server, which stays for days beside the study, less is asked than of a command.
    private static double Most(string what) => what == "serve until the answer" ? 0.3 : 1;

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
