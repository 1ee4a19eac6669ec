// Stores that earlier versions made: today's ids, numbers and headlines are theirs, and nothing in them is trained again.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Training.Tests.Cli;

namespace Gaplab.Training.Tests.Running;

/// <summary>The stores of tests/stores, whose README says how they were made. Nothing is trained: numbers of training differ between
/// processors.</summary>
[Collection(nameof(StartedProgram))]
public sealed class OldStoreSpecs : IDisposable
{
    private const string Sealed = "sealed";
    private const double Tolerance = 1e-9; // logarithms and powers of the analysis may differ in their last digits between systems

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => ["quickstart", "imbalance", "vocabulary", "images", "molecules", Sealed];

    [Fact]
    public void Every_store_that_is_kept_is_tested() =>
        Assert.Equal(
            Names.Select(row => row.Data).Order(StringComparer.Ordinal),
            Directory.GetDirectories(Repository.At("tests/stores")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)
        );

    [Theory, MemberData(nameof(Names))]
    public void Its_file_and_overrides_plan_its_runs(string name)
    {
        string store = Copy(name);
        Assert.Equal(Recorded(name, "planned.txt"), Planned(store, Overrides(name)));

        // With all the rates that the sentinel came to as the grid's own, the plan is the whole store and nothing else.
        string[][] table = [.. Recorded(name, "runs.csv").Select(line => line.Split(','))];
        int optimizer = Array.IndexOf(table[0], "optimizer"),
            rate = Array.IndexOf(table[0], "lr");
        IEnumerable<string> rates = table
            .Skip(1)
            .GroupBy(row => row[optimizer], row => row[rate])
            .Select(g => $"optimizers.{g.Key}.lr=[{string.Join(", ", g.Distinct())}]");
        Assert.Equal(RunStore.Open(store).RunIds(), Planned(store, [.. Overrides(name), .. rates]).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_study_is_the_same_study_and_running_it_starts_no_worker(string name)
    {
        string store = Copy(name);
        StoreSnapshot before = StoreSnapshot.Of(store);
        Assert.Equal(Recorded(name, "runs.csv").Length - 1, before.Results.Count);

        RunnerEnd end = RunWithoutWorker(store, name);
        Assert.False(end.Interrupted);
        Assert.Empty(end.Missing);
        Assert.Empty(end.Waiting);

        (int code, string output, string errors) = CommandLines.Ask([
            "study",
            "run",
            File(store),
            "--store",
            store,
            .. Set(Overrides(name)),
        ]);
        Assert.True(code == 0, errors);
        Assert.Equal(Told(name, "report.txt"), Told(output).SkipWhile(line => !line.StartsWith("gap = ", StringComparison.Ordinal)));
        StoreSnapshot after = StoreSnapshot.Of(store);
        after.AssertSameAs(before);
        after.AssertKeeps(before);
        Assert.False(Directory.Exists(Path.Combine(store, "attempts")));
        Assert.False(Directory.Exists(Path.Combine(store, "damaged")));
    }

    [Fact]
    public void That_no_worker_is_started_would_be_noticed_if_one_were()
    {
        string store = Copy(Sealed),
            id = RunStore.Open(store).RunIds()[0];
        Directory.Delete(Path.Combine(store, "runs", id[..2], id), recursive: true);
        InputException error = Assert.Throws<InputException>(() => RunWithoutWorker(store, Sealed));
        Assert.Contains("a worker cannot be started", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_report_has_the_headline_and_the_numbers_it_had(string name)
    {
        string store = Copy(name);
        (int code, string output, string errors) = CommandLines.Ask("study", "report", store);
        Assert.True(code == 0, errors);
        Assert.Equal(Told(name, "report.txt"), Told(output));
        Assert.True(new FileInfo(Path.Combine(store, "report.html")).Length > 0);

        (code, output, errors) = CommandLines.Ask("study", "report", store, "--html", _folder.File("page.html"), "--json");
        Assert.True(code == 0, errors);
        using JsonDocument document = JsonDocument.Parse(output);
        AssertHolds(Recorded(name, "numbers.txt"), [.. Numbers(document.RootElement)]);
    }

    [Theory, MemberData(nameof(Names))]
    public void It_is_whole_and_its_table_and_what_a_crossover_says_of_it_are_unchanged(string name)
    {
        string store = Copy(name);
        int runs = Recorded(name, "runs.csv").Length - 1;
        (int code, string status, string errors) = CommandLines.Ask("study", "status", store, "--verify");
        Assert.True(code == 0, status + errors);
        Assert.Contains($": {runs} of {runs} runs done\n", status, StringComparison.Ordinal);
        Assert.Contains("every checksum holds", status, StringComparison.Ordinal);
        Assert.Equal(name != Sealed, status.Contains($"{runs} of {runs} results unverified", StringComparison.Ordinal));

        (code, string table, errors) = CommandLines.Ask("study", "export", store);
        Assert.True(code == 0, errors);
        Assert.Equal(Table(name), Without(table, "beta2"));

        (code, string crossover, errors) = CommandLines.Ask("crossover", At(name, "runs.csv"));
        Assert.True(code == 0, errors);
        Assert.Equal(Told(name, "crossover.txt"), Told(crossover));
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_runs_read_and_written_again_are_the_same_bytes(string name)
    {
        RunStore store = RunStore.Open(Copy(name)),
            again = RunStore.Open(_folder.File("again"), create: true);
        foreach (string id in store.RunIds())
        {
            RunFolder run = store.Run(id),
                copy = again.Run(id);
            copy.WriteSpec(run.ReadSpec()!);
            copy.WriteEnv(run.ReadEnv()!);
            copy.AppendMetrics(run.ReadMetrics());
            copy.StageResult(run.TryReadResult()!);
            copy.CommitResult();
            Assert.Equal(Text(run, "metrics.jsonl"), Text(copy, "metrics.jsonl"));
            string old = Text(run, "result.json");
            Assert.Equal(name == Sealed ? old : WithDigests(old, Text(run, "env.json")), Text(copy, "result.json"));
        }
    }

    /// <summary>A result from before digests, with what has been added to results since: the environment's checksum, and the digest of all
    /// of it.</summary>
    private static string WithDigests(string result, string environment)
    {
        const string Checksums = "  \"checksums\": {\n",
            End = "\n}\n";
        int at = result.IndexOf(Checksums, StringComparison.Ordinal) + Checksums.Length;
        result = result.Insert(at, $"    \"env.json\": \"{Sha(environment)}\",\n");
        string line = JsonNode.Parse(result)!.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.EndsWith(End, result, StringComparison.Ordinal);
        return $"{result[..^End.Length]},\n  \"digest\": \"{Sha(line)}\"{End}";
    }

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Text(RunFolder run, string name) => System.IO.File.ReadAllText(Path.Combine(run.Folder, name));

    private static string At(string name, string file) => Repository.At(Path.Combine("tests", "stores", name, file));

    private static string[] Recorded(string name, string file) => System.IO.File.ReadAllLines(At(name, file));

    /// <summary>The recorded table. It had the clip's fraction twice, under two names, of which one is left.</summary>
    private static string Table(string name)
    {
        return Without(string.Join('\n', Recorded(name, "runs.csv")) + "\n", "clip-fraction");
    }

    private static string Without(string csv, string column)
    {
        string[][] rows = [.. csv.TrimEnd('\n').Split('\n').Select(line => line.Split(','))];
        int at = Array.IndexOf(rows[0], column);
        return string.Concat(rows.Select(row => string.Join(',', row.Where((_, i) => i != at)) + "\n"));
    }

    private static string[] Overrides(string name) => Recorded(name, "overrides.txt");

    private static IEnumerable<string> Set(IEnumerable<string> overrides) => overrides.SelectMany(o => (string[])["--set", o]);

    private static string File(string store) => Path.Combine(store, "study.yaml");

    private string Copy(string name) => _folder.CopyOf(At(name, "store"), name);

    /// <summary>Runs a store's study with a worker that does not exist.</summary>
    private static RunnerEnd RunWithoutWorker(string store, string name)
    {
        using PreparedStudy study = PreparedStudy.Read(File(store), Overrides(name), 1, Catalogues.BuiltIn, _ => store);
        RunStore opened = RunStore.Open(store);
        Assert.Equal(opened.Study()!.Value.Hash, RunId.OfStudy(study.Plan.Study));
        Assert.Equal(opened.Study()!.Value.Hash, RunId.OfStudy(PlanDocument.TryLoad(opened, Catalogues.BuiltIn)!.Study));
        var options = new RunnerOptions { Workers = 1, Worker = new WorkerCommand(Path.Combine(store, "no-such-program"), []) };
        return new StudyRunner(study.Plan, opened, options, new NoPack()).Run(TestContext.Current.CancellationToken);
    }

    /// <summary>The ids that a plan names, in its order.</summary>
    private static string[] Planned(string store, IReadOnlyList<string> overrides)
    {
        (int code, string output, string errors) = CommandLines.Ask([
            "study",
            "plan",
            File(store),
            "--store",
            store,
            "--no-time",
            "--json",
            .. Set(overrides),
        ]);
        Assert.True(code == 0, errors);
        using JsonDocument document = JsonDocument.Parse(output);
        return [.. Texts(document.RootElement).Where(text => text.Length == 16 && text.All(char.IsAsciiHexDigitLower))];
    }

    /// <summary>The lines of a report that are its answer: tables, headlines, verdicts, effects. Advice and findings may be worded
    /// anew.</summary>
    private static string[] Told(string output) =>
        [
            .. output
                .Split('\n')
                .Where(line => line.Length > 0)
                .Where(line =>
                    !((string[])["  needs ", "  hint ", "  warning ", "results ", "report: "]).Any(start =>
                        line.StartsWith(start, StringComparison.Ordinal)
                    )
                )
                // What is said behind a verdict and a headline, and of the one β₂ behind a crossover, came later than the stores.
                .Select(line =>
                    line.StartsWith("verdict: ", StringComparison.Ordinal) ? line.Split(" (")[0] : line.Split(" It rests on ")[0]
                )
                .Select(line => line.Replace(", under β₂ = 0.95 alone", "", StringComparison.Ordinal)),
        ];

    /// <summary>The same of what was recorded. The end of an interval that is open has since been named by the batch size.</summary>
    private static string[] Told(string name, string file) =>
        [
            .. Told(System.IO.File.ReadAllText(At(name, file)))
                .Select(line =>
                    line.Replace("below the range …", "below 16 …", StringComparison.Ordinal)
                        .Replace("… above the range", "… above 32", StringComparison.Ordinal)
                ),
        ];

    private static IEnumerable<JsonElement> Leaves(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(p => Leaves(p.Value)),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(Leaves),
            _ => [json],
        };

    private static IEnumerable<string> Texts(JsonElement json) =>
        Leaves(json).Where(l => l.ValueKind == JsonValueKind.String).Select(l => l.GetString()!);

    private static IEnumerable<double> Numbers(JsonElement json) =>
        Leaves(json).Where(l => l.ValueKind == JsonValueKind.Number).Select(l => l.GetDouble());

    /// <summary>All recorded numbers are there, in their order. Keys may have other names, and there may be more of them.</summary>
    private static void AssertHolds(string[] recorded, double[] numbers)
    {
        int at = 0;
        foreach (double expected in recorded.Select(text => double.Parse(text, CultureInfo.InvariantCulture)))
        {
            int found = Array.FindIndex(numbers, at, n => Math.Abs(n - expected) <= Tolerance * Math.Max(1, Math.Abs(expected)));
            Assert.True(
                found >= 0,
                $"{expected:R} is not among the numbers from place {at} on: {string.Join(", ", numbers.Skip(at).Take(8))}"
            );
            at = found + 1;
        }
    }

    /// <summary>An observer to whom nothing may happen.</summary>
    private sealed class NoPack : IStudyObserver
    {
        public void Changed(StudySnapshot snapshot) { }

        public void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot) =>
            Assert.Fail($"a pack of {pack.Runs.Count} runs was trained");

        public void Decided(Arm arm, SentinelDecision decision) { }

        public void Noticed(string text) => Assert.Fail(text);

        public void Dispose() { }
    }
}
