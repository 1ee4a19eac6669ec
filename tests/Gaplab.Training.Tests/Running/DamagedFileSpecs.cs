// Every kind of file that a store may have, damaged byte by byte: no number changes, and what carries a digest is named.
using Gaplab.Numerics.Streams;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Slurm;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class DamagedFileSpecs(SmallStudy study)
{
    // Of each kind of file.
    private static readonly int s_times = LongStage.Runs ? 40 : 5;

    // What has no digest counts in nothing: signs of life, claims, files for people and for Slurm, and what can be made anew.
    private static readonly string[] s_unsealed = ["claims", "workers", "slurm", "index.jsonl", "report.html"];

    [Fact]
    public void A_damaged_byte_in_any_file_of_a_store_changes_no_number_and_is_named_where_it_could()
    {
        using var folder = new TestFolder();
        string store = Make(folder);
        RunStore opened = RunStore.Open(store);
        using PackClaim claim = opened.TryClaimRuns(["00000000deadbeef"])!;
        string expected = DamagedStoreSpecs.Numbers(store, out IReadOnlyList<string> sound);
        Assert.Empty(sound);
        Assert.Empty(opened.Verify());
        ILookup<string, string> kinds = Directory
            .GetFiles(store, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToLookup(f => Kind(Path.GetRelativePath(store, f)));
        Assert.Equal(
            [
                "attempts",
                "checkpoints",
                "claims",
                "conflicts",
                "damaged",
                "env.json",
                "history",
                "index.jsonl",
                "metrics.jsonl",
                "plan.json",
                "probes",
                "report.html",
                "result.json",
                "rounds",
                "slurm",
                "spec.json",
                "study.json",
                "study.yaml",
                "workers",
            ],
            kinds.Select(k => k.Key).Order(StringComparer.Ordinal)
        );
        RandomStream random = RandomStream.For(3, "test/flips");
        foreach (IGrouping<string, string> kind in kinds)
        {
            string[] files = [.. kind];
            int wrong = 0,
                times = 0;
            for (int i = 0; i < s_times; i++)
            {
                string file = files[(int)random.NextIndex(files.Length)];
                byte[] whole = File.ReadAllBytes(file),
                    changed = [.. whole];
                string what = $"{DamagedStoreSpecs.Damaged(ref changed, random, i % 5)} in {Path.GetRelativePath(store, file)}";
                if (whole.AsSpan().SequenceEqual(changed))
                    continue; // zeros upon zeros
                times++;
                File.WriteAllBytes(file, changed);
                string numbers = DamagedStoreSpecs.Numbers(store, out IReadOnlyList<string> damaged);
                bool named = damaged.Count > 0 || IsNamed(store);
                if (!named && (numbers != expected || !s_unsealed.Contains(kind.Key) && kind.Key != "damaged" && !Reads(file, whole)))
                    wrong++;
                Assert.True(wrong == 0, $"{what}: nothing is named");
                AssertListed(store, what);
                File.WriteAllBytes(file, whole);
            }
            Faults.DamagedOther.Caused(times, wrong: wrong);
        }
        Assert.Equal(expected, DamagedStoreSpecs.Numbers(store, out sound));
        Assert.Empty(sound);
    }

    [Fact]
    public void Damage_that_leaves_length_and_time_is_told_by_whoever_reads_and_by_a_listing_once_it_was_verified()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder);
        RunStore opened = RunStore.Open(store);
        _ = opened.Index();
        string expected = Listed(store, out bool sound);
        Assert.True(sound);
        string[] ids = [.. opened.RunIds()];
        RandomStream random = RandomStream.For(4, "test/flips");
        string[] names = ["result.json", "spec.json", "env.json", "metrics.jsonl"];
        for (int i = 0; i < 40; i++)
        {
            _ = RunStore.Open(store).Index(); // all is verified
            string file = Path.Combine(opened.Run(ids[(int)random.NextIndex(ids.Length)]).Folder, names[i % names.Length]);
            byte[] whole = File.ReadAllBytes(file),
                changed = [.. whole];
            DateTime time = File.GetLastWriteTimeUtc(file);
            DamagedStoreSpecs.Damaged(ref changed, random, i % 2);
            Put(file, changed, time);
            bool right = Listed(store, out _) == expected;
            _ = DamagedStoreSpecs.Numbers(store, out IReadOnlyList<string> damaged);
            Faults.DamagedInSilence.Caused(1, wrong: right && damaged.Count == 1 ? 0 : 1);
            Assert.True(right, $"{file}: a listing shows other numbers");
            Assert.Single(damaged);
            Put(file, whole, time);
        }
        // Once it was found, a listing says so, and the study makes the run again.
        string last = Path.Combine(opened.Run(ids[0]).Folder, "result.json"),
            text = File.ReadAllText(last);
        Put(
            last,
            System.Text.Encoding.UTF8.GetBytes(text.Replace("completed", "comp1eted", StringComparison.Ordinal)),
            File.GetLastWriteTimeUtc(last)
        );
        Assert.NotEmpty(RunStore.Open(store).Verify());
        Listed(store, out sound);
        Assert.False(sound, "a listing does not say what verification has found");
        ProgramEnd end = StartedProgram.Run(folder.Path, "study", "run", study.File, "--store", store, "--workers", "2");
        end.AssertSucceeded();
        Assert.Contains($"damaged    run {ids[0]}, result.json", end.Output, StringComparison.Ordinal);
        StoreSnapshot.Of(store).AssertSameAs(study.Reference);
        StoreSnapshot.AssertClean(store);

        static void Put(string file, byte[] bytes, DateTime time)
        {
            File.WriteAllBytes(file, bytes);
            File.SetLastWriteTimeUtc(file, time);
        }
    }

    [Fact]
    public void A_damaged_checkpoint_that_is_kept_is_named_and_its_run_made_again()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        RunKeeping(folder, store).AssertSucceeded();
        var whole = StoreSnapshot.Of(store);
        RunFolder run = RunStore.Open(store).Run(RunStore.Open(store).RunIds()[0]);
        string file = run.CheckpointPath(run.Checkpoints()[^1]);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        ProgramEnd end = RunKeeping(folder, store);
        end.AssertSucceeded();
        Assert.Contains($"damaged    run {run.Id}, checkpoints/", end.Output, StringComparison.Ordinal);
        Assert.Empty(RunStore.Open(store).Verify());
        StoreSnapshot.Of(store).AssertSameAs(whole);
    }

    /// <summary>A finished study with a file of every kind.</summary>
    private string Make(TestFolder folder)
    {
        string store = folder.File("store");
        RunKeeping(folder, store).AssertSucceeded();
        RunStore opened = RunStore.Open(store);
        (string name, string hash) = opened.Study()!.Value;
        opened.Bind(name, hash, opened.StudyYaml() + "# another line\n");
        string id = opened.RunIds()[0];
        opened.RecordAttempt(
            "0123456789abcdef",
            new Attempt(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Outcome.Killed, "signal 9", [id], 3)
        );
        ManyWorkersSpecs.MakeTwice(opened, id);
        Directory.CreateDirectory(Path.Combine(store, "slurm"));
        File.WriteAllText(Path.Combine(store, "slurm", "jobs.txt"), "1\n");
        File.WriteAllText(Path.Combine(store, "slurm", "workers.sbatch"), new SlurmArray(opened, name, []).Script());
        string old = Directory.CreateDirectory(Path.Combine(store, "damaged", id + "-1")).FullName;
        File.WriteAllText(Path.Combine(old, "result.json"), "{}");
        _ = opened.Index();
        return store;
    }

    private ProgramEnd RunKeeping(TestFolder folder, string store)
    {
        string[] set =
        [
            "checkpoint.keep=last",
            "probes={names: attribution, at: [0.5], samples: 16, batch: 4, layers: false}",
            "grid.batch=4",
            "grid.seeds=1",
            "budget.samples=256",
        ];
        return StartedProgram.Run(
            folder.Path,
            ["study", "run", study.File, "--store", store, "--workers", "2", .. set.SelectMany(s => (string[])["--set", s])]
        );
    }

    private static string Kind(string file) =>
        file.Split('/') is ["runs", _, _, var inRun, ..] ? inRun
        : file.Split('/') is [var folder, _, ..] ? folder
        : file;

    private static bool IsNamed(string store)
    {
        RunStore opened = RunStore.Open(store);
        return opened.Verify().Count > 0 || opened.Integrity().Damaged.Count > 0;
    }

    // A key 'digest' that has another name seals nothing: what it sealed is what it was.
    private static bool Reads(string file, byte[] whole)
    {
        string now = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)),
            before = System.Text.Encoding.Latin1.GetString(whole);
        int at = before.LastIndexOf("\"digest\"", StringComparison.Ordinal);
        return at >= 0 && now.Length == before.Length && now[..at] == before[..at] && now[at..(at + 8)] != before[at..(at + 8)];
    }

    // A listing never fails for it: it shows numbers, or refuses in one line.
    private static void AssertListed(string path, string what)
    {
        try
        {
            RunStore store = RunStore.Open(path).Still(glance: true);
            if (PlanDocument.TryLoad(store, Catalogues.BuiltIn) is { } document)
                _ = StatusAnswer.Of(document, store, verify: false).Lines().ToArray();
            _ = SlurmArray.Queue(store);
            using PackClaim? claim = store.TryClaimRuns(["00000000deadbeef"]);
        }
        catch (Numerics.InputException error)
        {
            Assert.False(error.Message.Contains('\n', StringComparison.Ordinal), $"{what}: {error.Message}");
        }
    }

    private static string Listed(string path, out bool sound)
    {
        RunStore store = RunStore.Open(path).Still(glance: true);
        string lines = string.Join('\n', StatusAnswer.Of(PlanDocument.TryLoad(store, Catalogues.BuiltIn)!, store, verify: false).Lines());
        sound = store.Integrity().Damaged.Count == 0;
        return lines;
    }
}
