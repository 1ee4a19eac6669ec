// Whatever happens to a byte of a store, no number changes in silence; what is damaged is named, left out and made again.
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;

namespace Gaplab.Training.Tests.Running;

public sealed class DamagedStoreSpecs(SmallStudy study)
{
    private static readonly Dictionary<string, string> NoBinding = new() { ["GAPLAB_NATIVE"] = "/nowhere/libgaplab_torch.so" };

    [Fact]
    public void A_flipped_byte_anywhere_in_a_store_changes_no_number_in_silence()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder),
            expected = Numbers(store, out IReadOnlyList<string> sound);
        Assert.Empty(sound);
        // Files of one kind have one name; each kind is hit as often as every other.
        string[][] kinds =
        [
            .. Directory
                .GetFiles(store, "*", SearchOption.AllDirectories)
                .Where(f => !f.EndsWith(".html", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .GroupBy(Kind)
                .Select(g => g.ToArray()),
        ];
        Assert.Equal(
            ["env.json", "index.jsonl", "metrics.jsonl", "plan.json", "result.json", "rounds", "spec.json", "study.json", "study.yaml"],
            kinds.Select(k => Kind(k[0])).Order(StringComparer.Ordinal)
        );
        RandomStream random = RandomStream.For(1, "test/flips");
        int named = 0;
        for (int i = 0; i < 160; i++)
        {
            string[] kind = kinds[i % kinds.Length];
            string file = kind[(int)(random.NextDouble() * kind.Length)];
            byte[] whole = File.ReadAllBytes(file),
                changed = [.. whole];
            string what = Damaged(ref changed, random, (i / kinds.Length) % 5);
            File.WriteAllBytes(file, changed);
            named += AssertSameOrNamed(store, expected, $"{what} in {Path.GetRelativePath(store, file)}");
            File.WriteAllBytes(file, whole);
        }
        Faults.DamagedStore.Caused(160);
        Assert.InRange(named, 100, 160);
        Assert.Equal(expected, Numbers(store, out _));

        // Rounds are numbered.
        static string Kind(string file) => Path.GetFileName(Path.GetDirectoryName(file)) is "rounds" ? "rounds" : Path.GetFileName(file);
    }

    [Fact]
    public void Files_and_folders_of_runs_that_change_places_are_noticed()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder),
            expected = Numbers(store, out _);
        string[] runs = [.. RunStore.Open(store).RunIds().Select(id => Path.Combine(store, "runs", id[..2], id))];
        foreach (string name in (string[])["result.json", "spec.json", "metrics.jsonl"])
        {
            byte[] one = File.ReadAllBytes(Path.Combine(runs[3], name)),
                other = File.ReadAllBytes(Path.Combine(runs[9], name));
            File.WriteAllBytes(Path.Combine(runs[3], name), other);
            File.WriteAllBytes(Path.Combine(runs[9], name), one);
            Assert.Equal(1, AssertSameOrNamed(store, expected, $"{name} swapped"));
            Faults.Exchanged.Caused(1);
            File.WriteAllBytes(Path.Combine(runs[3], name), one);
            File.WriteAllBytes(Path.Combine(runs[9], name), other);
        }
        // The whole of a run over another.
        foreach (string file in Directory.GetFiles(runs[3]))
            File.Copy(file, Path.Combine(runs[9], Path.GetFileName(file)), overwrite: true);
        Assert.Equal(1, AssertSameOrNamed(store, expected, "a run copied over another"));
        Faults.Exchanged.Caused(1);
    }

    [Fact]
    public void What_lies_where_no_run_belongs_is_named_once_and_what_cannot_be_read_is_said()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder),
            expected = Numbers(store, out _);
        string id = RunStore.Open(store).RunIds()[5],
            run = Path.Combine(store, "runs", id[..2], id),
            stray = Path.Combine(store, "runs", "zz", id);
        Directory.CreateDirectory(stray);
        foreach (string file in Directory.GetFiles(run))
            File.Copy(file, Path.Combine(stray, Path.GetFileName(file)));
        Assert.Equal(expected, Numbers(store, out IReadOnlyList<string> damaged));
        Assert.Contains($"runs/zz/{id}", Assert.Single(damaged), StringComparison.Ordinal);
        ProgramEnd status = StartedProgram.Run(folder.Path, NoBinding, "study", "status", store);
        Assert.Equal(3, status.ExitCode);
        Assert.Contains($"runs/zz/{id}", Assert.Single(status.ErrorLines), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(store, "runs", "zz"), recursive: true);

        // A link that leads round in a circle, a folder in the place of a file, a file in the place of a folder.
        string kept = folder.File("kept");
        Directory.Move(run, kept);
        Directory.CreateSymbolicLink(run, run);
        Assert.Contains($"run {id}, ", Only(store), StringComparison.Ordinal);
        File.Delete(run);
        File.WriteAllText(run, "");
        Assert.Contains("is no folder", Only(store), StringComparison.Ordinal);
        File.Delete(run);
        Directory.Move(kept, run);
        string result = Path.Combine(run, "result.json");
        File.Move(result, result + ".kept");
        Directory.CreateDirectory(result);
        Assert.Contains("result.json: is a folder", Only(store), StringComparison.Ordinal);
        Directory.Delete(result);
        File.CreateSymbolicLink(result, "nowhere");
        Assert.Contains("result.json: is a link that leads to no file", Only(store), StringComparison.Ordinal);

        static string Only(string store)
        {
            Numbers(store, out IReadOnlyList<string> damaged);
            Faults.Misplaced.Caused(1);
            return Assert.Single(damaged);
        }
    }

    [Fact]
    public void Every_reader_names_a_damaged_run_leaves_it_out_and_exits_3_and_study_run_makes_it_again()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder);
        RunStore opened = RunStore.Open(store);
        // A digit of a loss that decides something: of a run that was tuned.
        string id = Tuned(opened),
            result = Path.Combine(opened.Run(id).Folder, "result.json"),
            text = File.ReadAllText(result);
        string digits = string.Create(
            CultureInfo.InvariantCulture,
            $"\"validation-loss\": {opened.Run(id).TryReadResult()!.Metrics["validation-loss"]}"
        );
        Assert.Contains(digits, text, StringComparison.Ordinal);
        File.WriteAllText(
            result,
            text.Replace(
                digits,
                digits.Replace(": ", ": 0", StringComparison.Ordinal).Replace(": 0", ": 1", StringComparison.Ordinal)[..^1],
                StringComparison.Ordinal
            )
        );
        string page = folder.File("page.html");
        // Something for the back-test to hold against the runs, and for explain to hold against the gaps.
        new GapPrediction(
            "",
            "sgd",
            "adam",
            [new PredictedGap(4, 0.1, 0.05, 0.2), new PredictedGap(16, 0.2, 0.1, 0.3)],
            null,
            Interval.None,
            Verdict.SecondBetterThroughout
        ).Write(Path.Combine(store, GapPrediction.FileName));
        foreach (
            string[] command in (string[][])
                [
                    ["study", "report", store, "--html", page, "--json"],
                    ["study", "status", store, "--json"],
                    ["study", "export", store, "--json"],
                    ["advise", store, "--batch", "8", "--json"],
                    ["power", store, "--gap", "0.1", "--json"],
                    ["backtest", store, "--json"],
                    ["explain", store, study.CopyOfReference(folder, "second"), study.CopyOfReference(folder, "third"), "--json"],
                    ["study", "export", store],
                    ["study", "export", store, "--tidy"],
                ]
        )
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, NoBinding, command);
            Assert.True(end.ExitCode == 3, $"{string.Join(' ', command)}: {end}");
            Assert.Contains($"damaged    run {id}, result.json: ", end.Errors, StringComparison.Ordinal);
            if (!command.Contains("--json"))
            {
                if (command.Contains("--tidy"))
                    Assert.DoesNotContain(id, end.Output, StringComparison.Ordinal);
                continue;
            }
            using JsonDocument document = JsonDocument.Parse(end.Output);
            JsonElement root =
                document.RootElement.ValueKind == JsonValueKind.Array
                    ? document.RootElement.EnumerateArray().Single(r => r.GetProperty("run").GetString() == id)
                    : document.RootElement;
            JsonElement damaged = Assert.Single(root.GetProperty("damaged").EnumerateArray());
            Assert.Equal((id, "result.json"), (damaged.GetProperty("run").GetString(), damaged.GetProperty("file").GetString()));
        }
        Assert.Contains("1 file damaged and left out", File.ReadAllText(page), StringComparison.Ordinal);

        File.Delete(Path.Combine(store, GapPrediction.FileName)); // no part of the study
        StoreSnapshot before = StoreSnapshot.Of(store);
        ProgramEnd again = StartedProgram.Run(folder.Path, "study", "run", study.File, "--store", store, "--workers", "2");
        again.AssertSucceeded();
        Assert.Contains($"damaged    run {id}, result.json: ", again.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(store, "damaged", id + "-1", "result.json")));
        StoreSnapshot.Of(store).AssertSameAs(study.Reference);
        Assert.All(before.Files.Where(f => f.Key != id), f => Assert.Equal(f.Value, StoreSnapshot.Of(store).Files[f.Key]));
        StoreSnapshot.AssertClean(store);
    }

    [Fact]
    public void A_store_older_than_digests_gives_the_same_numbers_says_that_they_are_unverified_and_repeats_nothing()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder),
            expected = Numbers(store, out _);
        foreach (string file in Directory.GetFiles(store, "*.json", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == "spec.json")
                continue;
            JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            json.Remove("digest");
            json.Remove("yaml");
            (json["checksums"] as JsonObject)?.Remove("env.json");
            File.WriteAllText(file, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }
        File.Delete(Path.Combine(store, "index.jsonl"));
        Assert.Equal(expected, Numbers(store, out IReadOnlyList<string> damaged));
        Assert.Empty(damaged);
        StoreSnapshot before = StoreSnapshot.Of(store);
        string page = folder.File("page.html");
        ProgramEnd report = StartedProgram.Run(folder.Path, NoBinding, "study", "report", store, "--html", page, "--json");
        report.AssertSucceeded();
        Assert.Equal(before.Results.Count, JsonDocument.Parse(report.Output).RootElement.GetProperty("unverified").GetInt32());
        Assert.Contains(
            $"{before.Results.Count} of {before.Results.Count} results unverified",
            File.ReadAllText(page),
            StringComparison.Ordinal
        );
        StartedProgram.Run(folder.Path, "study", "run", study.File, "--store", store, "--workers", "2").AssertSucceeded();
        StoreSnapshot after = StoreSnapshot.Of(store);
        after.AssertKeeps(before);
        Assert.Equal(before.Results.Keys, after.Results.Keys);
    }

    [Fact]
    public void What_is_damaged_of_an_unfinished_study_is_named_and_the_study_ends_as_if_nothing_had_been()
    {
        LongStage.OrSkip();
        using var folder = new TestFolder();
        string[] set = ["sentinel.enabled=false", "grid.batch=4", "budget.samples=12000", "checkpoint.every-seconds=0.1"];
        string[] Command(string where) =>
            ["study", "run", study.File, "--store", where, "--workers", "2", .. set.SelectMany(s => (string[])["--set", s])];
        StoreSnapshot reference = study.ReferenceWith(set);
        string begun = folder.File("begun");
        using (StartedProgram program = StartedProgram.Start(folder.Path, Command(begun)))
        {
            while (program.IsAlive && Checkpoints(begun).Length < 8)
                Thread.Sleep(10);
            program.SignalAlone(StartedProgram.Terminate);
            Assert.Equal(130, program.Wait().ExitCode);
        }
        RandomStream random = RandomStream.For(2, "test/flips");
        string[] checkpoints = Checkpoints(begun);
        // The last of a run, from which it would go on, and that of another run of its pack.
        static long Step(string checkpoint) => long.Parse(Path.GetFileNameWithoutExtension(checkpoint), CultureInfo.InvariantCulture);
        string one = checkpoints.MaxBy(Step)!,
            run = Path.GetDirectoryName(Path.GetDirectoryName(one)!)!;
        string other = checkpoints.First(c => Path.GetFileName(c) == Path.GetFileName(one) && c != one);
        (string Name, string Expected, Action<string> Do)[] damages =
        [
            ("a bit of the data", "does not match its digest", store => Flip(In(store, one), random)),
            ("two runs' checkpoints swapped", "is a checkpoint of run", store => Swap(In(store, one), In(store, other))),
            (
                "a digit of the metrics",
                "has changed since the checkpoint was taken",
                store => Write(Path.Combine(In(store, run), "metrics.jsonl"), 8, (byte)'7')
            ),
            (
                "the spec",
                "is not the spec whose id is",
                store =>
                    File.WriteAllText(
                        Path.Combine(In(store, run), "spec.json"),
                        File.ReadAllText(Path.Combine(In(store, run), "spec.json"))
                            .Replace("\"seed\": ", "\"seed\": 1", StringComparison.Ordinal)
                    )
            ),
            (
                "the environment",
                "does not match its digest",
                store =>
                    File.WriteAllText(
                        Path.Combine(In(store, run), "env.json"),
                        File.ReadAllText(Path.Combine(In(store, run), "env.json"))
                            .Replace("\"threads\": 1", "\"threads\": 2", StringComparison.Ordinal)
                    )
            ),
        ];
        for (int i = 0; i < (LongStage.Runs ? damages.Length : 1); i++)
        {
            string store = folder.File($"damaged-{i}");
            Copy(begun, store);
            damages[i].Do(store);
            ProgramEnd end = StartedProgram.Run(folder.Path, Command(store));
            Assert.True(end.ExitCode == 0, $"{damages[i].Name}: {end}");
            Assert.True(end.Output.Contains(damages[i].Expected, StringComparison.Ordinal), $"{damages[i].Name}: {end}");
            var tally = new FaultTally(Faults.DamagedUnfinished);
            tally.Struck(store);
            tally.Ended(store, reference);
        }

        string In(string store, string path) => Path.Combine(store, Path.GetRelativePath(begun, path));
        static string[] Checkpoints(string store) =>
            Directory.Exists(store)
                ? [.. Directory.GetFiles(store, "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
                : [];
    }

    /// <summary>What readers of a store print: every run's row and every measurement of it; empty where they refuse.</summary>
    internal static string Numbers(string path, out IReadOnlyList<string> damaged)
    {
        var text = new StringBuilder();
        try
        {
            RunStore store = RunStore.Open(path);
            PlanDocument document = PlanDocument.TryLoad(store, Catalogues.BuiltIn)!;
            SweepTable table = new StudyResults(document.ToPlan(), store).Sweep();
            IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
            foreach (SweepRow row in table.Rows)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{row.Provenance} {row.Optimizer} {row.Batch} {row.LearningRate:R} {row.Seed} {row.Metric:R} {row.Status}\n"
                );
                if (!results.TryGetValue(row.Provenance!, out RunResult? result))
                    continue;
                foreach ((string name, double value) in result.Metrics)
                    text.Append(CultureInfo.InvariantCulture, $"  {name} {value:R}\n");
                foreach (MetricRow metric in store.Run(row.Provenance!).ReadMetrics())
                    text.Append(CultureInfo.InvariantCulture, $"  {metric}\n");
            }
            foreach (Finding finding in table.Findings ?? [])
                text.Append(finding).Append('\n');
            damaged = [.. store.Integrity().Damaged.Select(d => d.ToString())];
            return text.ToString();
        }
        catch (InputException error)
        {
            damaged = [error.Message];
            return "";
        }
    }

    private static int AssertSameOrNamed(string store, string expected, string what)
    {
        string numbers = Numbers(store, out IReadOnlyList<string> damaged);
        if (damaged.Count > 0)
        {
            Assert.All(damaged, d => Assert.DoesNotContain('\n', d));
            return 1;
        }
        if (numbers != expected)
            Faults.DamagedStore.Caused(0, wrong: 1);
        Assert.True(numbers == expected, $"{what}: other numbers, and nothing is named");
        return 0;
    }

    internal static string Damaged(ref byte[] bytes, RandomStream random, int kind)
    {
        int at = (int)(random.NextDouble() * bytes.Length);
        switch (kind)
        {
            case 3:
                bytes = bytes[..at];
                return $"cut at {at}";
            case 4:
                Array.Clear(bytes, at, Math.Min(64, bytes.Length - at));
                return $"zeros from {at}";
            default:
                // A digit becomes another digit half of the time: what is still well-formed is the hardest to notice.
                bytes[at] =
                    char.IsAsciiDigit((char)bytes[at]) && kind == 1
                        ? (byte)('0' + ((bytes[at] - '0' + 1) % 10))
                        : (byte)(bytes[at] ^ (1 << (int)(random.NextDouble() * 8)));
                return $"byte {at}";
        }
    }

    private static string Tuned(RunStore store)
    {
        PlanDocument document = PlanDocument.TryLoad(store, Catalogues.BuiltIn)!;
        var (arm, decision) = new StudyResults(document.ToPlan(), store).Decisions().First(d => d.Decision.Best is not null);
        return document.ToPlan().Runs(arm, [decision.Best!.Value])[0].Id;
    }

    private static void Flip(string file, RandomStream random)
    {
        long length = new FileInfo(file).Length,
            at = length - 1 - (long)(random.NextDouble() * length / 2);
        Write(file, at, null);
    }

    private static void Write(string file, long at, byte? value)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[at] = value ?? (byte)(bytes[at] ^ 16);
        File.WriteAllBytes(file, bytes);
    }

    private static void Swap(string one, string other)
    {
        byte[] first = File.ReadAllBytes(one),
            second = File.ReadAllBytes(other);
        File.WriteAllBytes(one, second);
        File.WriteAllBytes(other, first);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string there = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(there)!);
            File.Copy(file, there);
        }
    }
}
