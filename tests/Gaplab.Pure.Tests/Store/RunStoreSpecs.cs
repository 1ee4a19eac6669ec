// The run store: what belongs elsewhere is refused, what changed is named, what is derived is rebuilt.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class RunStoreSpecs : TemporaryStore
{
    [Fact]
    public void A_store_refuses_another_study_and_keeps_the_file_of_an_earlier_one()
    {
        RunStore store = Make();
        string line = Assert.Throws<InputException>(() => RunStore.Open(Root).Bind("other", "h1", "name: other\n")).Message;
        Assert.Contains("'demo'", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Equal("name: demo\n", store.StudyYaml());

        store.Bind("demo", "h2", "name: demo # longer\n");
        store.Bind("demo", "h3", "name: demo # longest\n");
        Assert.Equal(("demo", "h3"), store.Study());
        Assert.Equal("name: demo # longest\n", store.StudyYaml());
        Assert.Equal(
            ["name: demo\n", "name: demo # longer\n"],
            Directory.EnumerateFiles(Path.Combine(Root, "history")).Select(File.ReadAllText).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Opening_refuses_what_is_no_store_and_writes_nothing()
    {
        Assert.Contains(
            "no such folder",
            Assert.Throws<InputException>(() => RunStore.Open(Folder.File("none"))).Message,
            StringComparison.Ordinal
        );
        RunStore.Open(Folder.File("none"), create: true);
        Assert.False(Directory.Exists(Folder.File("none")));
        File.WriteAllText(Folder.File("file"), "");
        Assert.Throws<InputException>(() => RunStore.Open(Folder.File("file"), create: true));
        Directory.CreateDirectory(Folder.File("photos"));
        File.WriteAllText(Path.Combine(Folder.File("photos"), "cat.jpg"), "");
        Assert.Contains(
            "holds other files",
            Assert.Throws<InputException>(() => RunStore.Open(Folder.File("photos"), create: true)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InputException>(() => Make().Run("../../etc"));
        Assert.Throws<ArgumentException>(() => Make().WriteDocument("../plan.json", []));
    }

    [Fact]
    public void A_store_whose_maker_is_between_its_two_files_is_open_to_the_same_study_and_to_no_other()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, "study.yaml"), "name: demo\n");
        Assert.Contains(
            "holds other files",
            Assert.Throws<InputException>(() => RunStore.Open(Root, create: true).Bind("demo", "h1", "name: mine\n")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal("name: demo\n", File.ReadAllText(Path.Combine(Root, "study.yaml")));
        RunStore.Open(Root, create: true).Bind("demo", "h1", "name: demo\n");
        Assert.Equal(("demo", "h1"), RunStore.Open(Root).Study());
    }

    [Fact]
    public void Verify_names_the_file_that_changed_after_the_run_finished()
    {
        RunStore store = Make();
        Train(store.Run(A));
        store.FinishPack([(store.Run(A), Result(1))]);
        Assert.Empty(store.Verify());
        File.AppendAllText(
            Path.Combine(store.Run(A).Folder, "metrics.jsonl"),
            "{\"step\":9,\"samples\":9,\"name\":\"loss\",\"value\":0}\n"
        );
        Assert.Contains("metrics.jsonl: has changed", Assert.Single(store.Verify()).ToString(), StringComparison.Ordinal);
        File.Delete(Path.Combine(store.Run(A).Folder, "metrics.jsonl"));
        Assert.Contains("is missing", Assert.Single(store.Verify()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_index_follows_the_runs_and_is_rebuilt_when_damaged_or_deleted()
    {
        RunStore store = Make();
        Train(store.Run(A));
        store.FinishPack([(store.Run(A), Result(1))]);
        Assert.Equal([A], store.Index().Select(r => r.Id));
        Train(store.Run(B));
        store.FinishPack([(store.Run(B), Result(2))]);
        Assert.Equal([A, B], store.Index().Select(r => r.Id));
        string index = Path.Combine(Root, "index.jsonl"),
            text = File.ReadAllText(index);
        foreach (string damage in new[] { "", "{\"id\":\"aa", "[]\n", "null\n" })
        {
            File.WriteAllText(index, damage);
            Assert.Equal([A, B], RunStore.Open(Root).Index().Select(r => r.Id));
            Assert.Equal(text, File.ReadAllText(index));
        }
        Directory.Delete(store.Run(A).Folder, recursive: true);
        Assert.Equal([B], store.Index().Select(r => r.Id));
        Assert.DoesNotContain(A, File.ReadAllText(index), StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_reads_what_has_changed_and_takes_the_rest_from_the_index_to_the_last_bit()
    {
        RunStore store = Make();
        foreach ((string id, double value) in new[] { (A, 1.0), (B, 2.0) })
        {
            Train(store.Run(id));
            store.FinishPack([
                (
                    store.Run(id),
                    Result(value) with
                    {
                        Metrics = new Dictionary<string, double>
                        {
                            ["val_loss"] = value / 3,
                            ["none"] = double.NaN,
                            ["high"] = double.PositiveInfinity,
                        },
                        Wall = new Dictionary<string, JsonNode?> { ["finished"] = "2026-01-01T00:00:00Z", ["packSeconds"] = 0.25 },
                    }
                ),
            ]);
        }
        IReadOnlyList<IndexedRun> whole = store.Index();
        IReadOnlyList<IndexedRun> listed = RunStore.Open(Root).Still(glance: true).Index();
        Assert.Equal(whole.Select(r => r.Id), listed.Select(r => r.Id));
        Assert.Equal(
            whole.Select(r => System.Text.Encoding.UTF8.GetString(r.Result.ToJson())),
            listed.Select(r => System.Text.Encoding.UTF8.GetString(r.Result.ToJson()))
        );
        Assert.All(listed, r => Assert.True(r.Result.HasDigest));
        // What a listing does not open it cannot see: the bytes are others, length and time are not.
        string metrics = Path.Combine(store.Run(A).Folder, "metrics.jsonl");
        DateTime time = File.GetLastWriteTimeUtc(metrics);
        byte[] bytes = File.ReadAllBytes(metrics);
        bytes[3] ^= 1;
        File.WriteAllBytes(metrics, bytes);
        File.SetLastWriteTimeUtc(metrics, time);
        Assert.Equal(2, RunStore.Open(Root).Still(glance: true).Index().Count);
        Assert.Equal([B], RunStore.Open(Root).Still().Index().Select(r => r.Id));
        // Whoever has looked has told the index.
        RunStore again = RunStore.Open(Root).Still(glance: true);
        Assert.Equal([B], again.Index().Select(r => r.Id));
        Assert.Equal(A, Assert.Single(again.Integrity().Damaged).Run);
        // And another time is a reason to look.
        bytes[3] ^= 1;
        File.WriteAllBytes(metrics, bytes);
        File.SetLastWriteTimeUtc(metrics, time.AddSeconds(1));
        Assert.Equal([A, B], RunStore.Open(Root).Still(glance: true).Index().Select(r => r.Id));
    }

    [Fact]
    public void A_store_at_one_moment_says_the_same_whatever_comes_meanwhile()
    {
        RunStore store = Make();
        Train(store.Run(A));
        store.FinishPack([(store.Run(A), Result(1))]);
        RunStore still = store.Still();
        Assert.Equal([A], still.Read().Results.Keys);
        Train(store.Run(B));
        store.FinishPack([(store.Run(B), Result(2))]);
        Assert.Equal([A], still.Read().Results.Keys);
        Assert.Equal([A], still.Index().Select(r => r.Id));
        Assert.Equal([A, B], store.Read().Results.Keys);
    }

    [Fact]
    public void Attempts_are_kept_in_order_with_their_cause()
    {
        RunStore store = Make();
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Attempt first = new(time, Outcome.Killed, "signal 9", [A, B], 7),
            second = new(time.AddHours(1), Outcome.OutOfMemory, "needs \"2\" GB", [A, B]);
        store.RecordAttempt("pack-1", first);
        store.RecordAttempt("pack-1", second);
        IReadOnlyList<Attempt> read = store.ReadAttempts()["pack-1"];
        Assert.Equal(
            [first.ToString(), second.ToString()],
            read.Select(a => (a with { Runs = a == read[0] ? first.Runs : second.Runs }).ToString())
        );
        Assert.All(read, a => Assert.Equal([A, B], a.Runs));
    }

    [Fact]
    public void A_full_disk_is_one_line_leaves_no_part_of_a_file_and_the_same_run_goes_on_when_there_is_space()
    {
        using MemoryDisk? disk = MemoryDisk.TryMount(Folder.File("disk"), kilobytes: 64);
        if (disk is null)
            Assert.Skip("needs the right to mount a small tmpfs (Linux, root)");
        RunStore store = RunStore.Open(Path.Combine(disk.Path, "store"), create: true);
        store.Bind("demo", "h1", "name: demo\n");
        RunFolder run = store.Run(A);
        run.WriteSpec(SpecOf(A));
        MetricRow[] rows = [.. Enumerable.Range(1, 100).Select(i => new MetricRow(i, 2 * i, "loss", 1.0 / i))];
        int fit = 0;
        string line = Assert
            .Throws<InputException>(() =>
            {
                for (; fit < 1000; fit++)
                    run.AppendMetrics(rows);
            })
            .Message;
        Assert.Equal(
            $"cannot write {Path.Combine(run.Folder, "metrics.jsonl")}: no space left on device: free some space; the runs finished so "
                + $"far are kept, the same command resumes",
            line
        );
        Assert.Equal(100 * fit, run.ReadMetrics().Count);
        Assert.True(fit > 0);

        Action[] writes =
        [
            () => run.StageResult(Result(1)),
            () =>
            {
                using SafetensorsWriter w = Safetensors.Create(run.CheckpointPath(1), [new("w", TensorType.F64, [9000])]);
                w.Write<double>("w", new double[9000]);
                w.Commit();
            },
            () => store.WriteDocument("plan.json", new JsonObject { ["x"] = new string('x', 70_000) }),
            () => store.RecordAttempt("p", new Attempt(DateTimeOffset.UnixEpoch, Outcome.Killed, new string('x', 70_000), [A])),
        ];
        string[] before = [.. Directory.EnumerateFiles(disk.Path, "*", SearchOption.AllDirectories).Order()];
        foreach (Action write in writes)
        {
            string message = Assert.Throws<InputException>(write).Message;
            Assert.Contains("no space left on device", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
            Assert.Equal(before, Directory.EnumerateFiles(disk.Path, "*", SearchOption.AllDirectories).Order());
        }

        run.TruncateMetrics(0);
        run.AppendMetrics(rows);
        store.FinishPack([(store.Run(A), Result(1))]);
        Assert.Empty(store.Verify());
    }
}
