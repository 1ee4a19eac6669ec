// The run store: what is written reads back, what belongs elsewhere is refused, what a crash cut is recovered.
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class RunStoreTests : IDisposable
{
    private const string A = "aa00000000000001", B = "ab00000000000002", C = "ac00000000000003";
    private readonly TemporaryFolder _folder = new();
    private string Root => _folder["store"];

    public void Dispose() => _folder.Dispose();

    private RunStore Make()
    {
        RunStore store = RunStore.Open(Root, create: true);
        store.Bind("demo", "h1", "name: demo\n");
        return store;
    }

    private static RunResult Result(double loss, double seconds = 1) => new()
    {
        Outcome = Outcome.Completed,
        Step = 10,
        Metrics = new Dictionary<string, double> { ["val_loss"] = loss, ["bad"] = double.NaN },
        Wall = new Dictionary<string, JsonNode?> { ["seconds"] = seconds },
    };

    private static void Train(RunFolder run)
    {
        run.WriteSpec("{\"batch\":2}\n");
        run.AppendMetrics([new MetricRow(1, 2, "loss", 3.5)]);
    }

    [Fact]
    public void Metrics_read_back_bit_for_bit_also_when_not_finite()
    {
        RunFolder run = Make().Run(A);
        MetricRow[] rows =
        [
            new(1, 8, "loss", 0.1 + 0.2), new(2, 16, "loss", double.NaN), new(3, 24, "loss", double.PositiveInfinity), new(3, 24, "x\"\n", double.NegativeInfinity),
            new(4, 32, "loss", double.Epsilon), new(5, 40, "loss", -0.0), new(6, 48, "loss", double.MaxValue),
        ];
        run.AppendMetrics(rows[..3]);
        run.AppendMetrics(rows[3..]);
        IReadOnlyList<MetricRow> read = run.ReadMetrics();
        Assert.Equal(rows.Length, read.Count);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(BitConverter.DoubleToInt64Bits(rows[i].Value), BitConverter.DoubleToInt64Bits(read[i].Value));
            Assert.Equal(rows[i] with { Value = 0 }, read[i] with { Value = 0 });
        }
        Assert.StartsWith("{\"step\":1,\"samples\":8,\"name\":\"loss\",\"value\":0.30000000000000004}\n{\"step\":2,\"samples\":16,\"name\":\"loss\",\"value\":\"NaN\"}\n",
            File.ReadAllText(Path.Combine(run.Folder, "metrics.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_last_line_is_ignored_by_readers_and_cut_by_the_writer_at_every_cut_point()
    {
        RunStore store = Make();
        RunFolder run = store.Run(A);
        MetricRow[] rows = [new(1, 8, "loss", 1.5), new(2, 16, "loss", 2.5), new(3, 24, "loss", 3.5)];
        run.AppendMetrics(rows);
        string path = Path.Combine(run.Folder, "metrics.jsonl");
        byte[] whole = File.ReadAllBytes(path);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(path, whole[..cut]);
            int complete = whole[..cut].Count(b => b == '\n');
            Assert.Equal(rows[..complete], run.ReadMetrics());
            run.AppendMetrics(rows[complete..]);
            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void A_run_resumed_from_a_checkpoint_writes_the_same_bytes()
    {
        RunFolder run = Make().Run(A);
        run.AppendMetrics([new(1, 8, "loss", 1.5)]);
        long mark = run.MetricsLength();
        run.AppendMetrics([new(2, 16, "loss", 2.5), new(3, 24, "loss", 3.5)]);
        byte[] whole = File.ReadAllBytes(Path.Combine(run.Folder, "metrics.jsonl"));
        run.TruncateMetrics(mark);
        Assert.Equal(mark, run.MetricsLength());
        run.AppendMetrics([new(2, 16, "loss", 2.5)]);
        run.AppendMetrics([new(3, 24, "loss", 3.5)]);
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(run.Folder, "metrics.jsonl")));
        Assert.Contains("taken at 100000", Assert.Throws<InputException>(() => run.TruncateMetrics(100000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_line_that_is_no_metric_is_named_by_file_and_line()
    {
        RunFolder run = Make().Run(A);
        run.AppendMetrics([new(1, 8, "loss", 1.5)]);
        File.AppendAllText(Path.Combine(run.Folder, "metrics.jsonl"), "{\"step\":2}\n");
        Assert.Contains("metrics.jsonl:2", Assert.Throws<InputException>(() => run.ReadMetrics()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_reads_back_and_only_its_wall_object_depends_on_the_clock()
    {
        RunStore store = Make();
        foreach ((string id, double seconds) in new[] { (A, 1.0), (B, 2.0) })
        {
            Train(store.Run(id));
            store.Run(id).StageResult(Result(2.25, seconds));
            Assert.Null(store.Run(id).TryReadResult());
            store.Run(id).CommitResult();
        }
        RunResult result = store.Run(A).TryReadResult()!;
        Assert.Equal(2.25, result.Metrics["val_loss"]);
        Assert.True(double.IsNaN(result.Metrics["bad"]));
        Assert.Equal(1.0, (double)result.Wall["seconds"]!);
        Assert.Equal(["metrics.jsonl", "spec.json"], result.Checksums.Keys.Order());
        string[] texts = [.. new[] { A, B }.Select(id => File.ReadAllText(Path.Combine(store.Run(id).Folder, "result.json")))];
        Assert.NotEqual(texts[0], texts[1]);
        Assert.Equal(texts[0].Replace("\"seconds\": 1", "\"seconds\": 2", StringComparison.Ordinal), texts[1]);
    }

    [Fact]
    public void A_pack_is_recoverable_from_every_cut_point_of_its_finish()
    {
        string[] ids = [A, B, C];
        // The finish as its visible steps: each writes one name. Cut before each of them.
        for (int cut = 0; cut <= 6; cut++)
        {
            string root = _folder[$"cut{cut}"];
            RunStore store = RunStore.Open(root, create: true);
            store.Bind("demo", "h1", "name: demo\n");
            Action[] steps = [.. ids.Select((id, i) => (Action)(() => { Train(store.Run(id)); store.Run(id).StageResult(Result(i)); })), .. ids.Select(id => (Action)(() => store.Run(id).CommitResult()))];
            foreach (Action step in steps[..cut]) step();
            // A kill leaves temporary files too.
            if (store.Run(A).Exists) File.WriteAllText(Path.Combine(store.Run(A).Folder, "result.json.pending.1-1.tmp"), "{\"outc");

            RunStore again = RunStore.Open(root);
            Assert.Equal(cut >= 3, again.RecoverPack(ids));
            if (cut < 3)
            {
                Assert.Empty(again.Index()); // nothing half-finished counts
                foreach (string id in ids) { again.Run(id).WriteSpec("{\"batch\":2}\n"); again.Run(id).TruncateMetrics(0); again.Run(id).AppendMetrics([new MetricRow(1, 2, "loss", 3.5)]); }
                again.FinishPack([.. ids.Select((id, i) => (id, Result(i)))]);
            }
            Assert.True(again.RecoverPack(ids));
            Assert.Equal(ids, again.Index().Select(r => r.Id));
            Assert.Equal([0, 1, 2], again.Index().Select(r => r.Result.Metrics["val_loss"]));
            Assert.Empty(again.Verify());
            Assert.Empty(Directory.EnumerateFiles(root, "*.tmp", SearchOption.AllDirectories));
            Assert.Empty(Directory.EnumerateFiles(root, "*.pending", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public void New_metrics_drop_a_staged_result_and_a_finished_run_cannot_change()
    {
        RunFolder run = Make().Run(A);
        Train(run);
        run.StageResult(Result(1));
        Assert.True(run.IsStaged);
        run.AppendMetrics([new MetricRow(2, 4, "loss", 1)]);
        Assert.False(run.IsStaged);
        run.StageResult(Result(1));
        run.CommitResult();
        Assert.Throws<InvalidOperationException>(() => run.AppendMetrics([new MetricRow(3, 6, "loss", 1)]));
        Assert.Throws<ArgumentException>(() => run.StageResult(Result(1) with { Outcome = Outcome.Killed }));
    }

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
        Assert.Equal(["name: demo\n", "name: demo # longer\n"], Directory.EnumerateFiles(Path.Combine(Root, "history")).Select(File.ReadAllText).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Opening_refuses_what_is_no_store_and_writes_nothing()
    {
        Assert.Contains("no such folder", Assert.Throws<InputException>(() => RunStore.Open(_folder["none"])).Message, StringComparison.Ordinal);
        RunStore.Open(_folder["none"], create: true);
        Assert.False(Directory.Exists(_folder["none"]));
        File.WriteAllText(_folder["file"], "");
        Assert.Throws<InputException>(() => RunStore.Open(_folder["file"], create: true));
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllText(Path.Combine(_folder["photos"], "cat.jpg"), "");
        Assert.Contains("holds other files", Assert.Throws<InputException>(() => RunStore.Open(_folder["photos"], create: true)).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => Make().Run("../../etc"));
        Assert.Throws<ArgumentException>(() => Make().WriteDocument("../plan.json", "{}"));
    }

    [Fact]
    public void A_store_whose_maker_is_between_its_two_files_is_open_to_the_same_study_and_to_no_other()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, "study.yaml"), "name: demo\n");
        Assert.Contains("holds other files", Assert.Throws<InputException>(() => RunStore.Open(Root, create: true).Bind("demo", "h1", "name: mine\n")).Message, StringComparison.Ordinal);
        Assert.Equal("name: demo\n", File.ReadAllText(Path.Combine(Root, "study.yaml")));
        RunStore.Open(Root, create: true).Bind("demo", "h1", "name: demo\n");
        Assert.Equal(("demo", "h1"), RunStore.Open(Root).Study());
    }

    [Fact]
    public void A_spec_is_written_once_and_a_changed_one_is_refused()
    {
        RunFolder run = Make().Run(A);
        run.WriteSpec("{\"batch\":2}\n");
        run.WriteSpec("{\"batch\":2}\n");
        Assert.Throws<InputException>(() => run.WriteSpec("{\"batch\":4}\n"));
        run.WriteEnv("{\"host\":\"a\"}\n");
        run.WriteEnv("{\"host\":\"b\"}\n");
        Assert.Equal("{\"host\":\"a\"}\n", run.ReadEnv());
    }

    [Fact]
    public void Verify_names_the_file_that_changed_after_the_run_finished()
    {
        RunStore store = Make();
        Train(store.Run(A));
        store.FinishPack([(A, Result(1))]);
        Assert.Empty(store.Verify());
        File.AppendAllText(Path.Combine(store.Run(A).Folder, "metrics.jsonl"), "{\"step\":9,\"samples\":9,\"name\":\"loss\",\"value\":0}\n");
        Assert.Contains("metrics.jsonl has changed", Assert.Single(store.Verify()), StringComparison.Ordinal);
        File.Delete(Path.Combine(store.Run(A).Folder, "metrics.jsonl"));
        Assert.Contains("is missing", Assert.Single(store.Verify()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_index_follows_the_runs_and_is_rebuilt_when_damaged_or_deleted()
    {
        RunStore store = Make();
        Train(store.Run(A));
        store.FinishPack([(A, Result(1))]);
        Assert.Equal([A], store.Index().Select(r => r.Id));
        Train(store.Run(B));
        store.FinishPack([(B, Result(2))]);
        Assert.Equal([A, B], store.Index().Select(r => r.Id));
        string index = Path.Combine(Root, "index.jsonl"), text = File.ReadAllText(index);
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
    public void Attempts_are_kept_in_order_with_their_cause()
    {
        RunStore store = Make();
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Attempt first = new(time, Outcome.Killed, "signal 9", [A, B], 7), second = new(time.AddHours(1), Outcome.OutOfMemory, "needs \"2\" GB", [A, B]);
        store.RecordAttempt("pack-1", first);
        store.RecordAttempt("pack-1", second);
        IReadOnlyList<Attempt> read = store.ReadAttempts()["pack-1"];
        Assert.Equal([first.ToString(), second.ToString()], read.Select(a => (a with { Runs = a == read[0] ? first.Runs : second.Runs }).ToString()));
        Assert.All(read, a => Assert.Equal([A, B], a.Runs));
    }

    [Fact]
    public void Only_complete_checkpoints_are_listed()
    {
        RunFolder run = Make().Run(A);
        foreach (long step in new long[] { 100, 20 })
        {
            using SafetensorsWriter writer = Safetensors.Create(run.CheckpointPath(step), [new TensorEntry("theta", TensorType.F32, [2])]);
            writer.Write<float>("theta", [1, 2]);
            writer.Commit();
        }
        File.WriteAllText(run.CheckpointPath(300) + ".77-1.tmp", "torn");
        Assert.Equal([20, 100], run.Checkpoints());
        run.DeleteCheckpoint(20);
        Assert.Equal([100], run.Checkpoints());
    }

    [Fact]
    public void A_full_disk_is_one_line_leaves_no_part_of_a_file_and_the_same_run_goes_on_when_there_is_space()
    {
        using SmallDisk? disk = SmallDisk.TryMount(_folder["disk"], kilobytes: 64);
        if (disk is null) Assert.Skip("needs the right to mount a small tmpfs (Linux, root)");
        RunStore store = RunStore.Open(Path.Combine(disk.Path, "store"), create: true);
        store.Bind("demo", "h1", "name: demo\n");
        RunFolder run = store.Run(A);
        run.WriteSpec("{\"batch\":2}\n");
        MetricRow[] rows = [.. Enumerable.Range(1, 100).Select(i => new MetricRow(i, 2 * i, "loss", 1.0 / i))];
        int fit = 0;
        string line = Assert.Throws<InputException>(() => { for (; fit < 1000; fit++) run.AppendMetrics(rows); }).Message;
        Assert.Equal($"cannot write {Path.Combine(run.Folder, "metrics.jsonl")}: no space left on device: free some space; the runs finished so far are kept, the same command resumes", line);
        Assert.Equal(100 * fit, run.ReadMetrics().Count);
        Assert.True(fit > 0);

        Action[] writes =
        [
            () => run.StageResult(Result(1)),
            () => { using SafetensorsWriter w = Safetensors.Create(run.CheckpointPath(1), [new("w", TensorType.F64, [9000])]); w.Write<double>("w", new double[9000]); w.Commit(); },
            () => store.WriteDocument("plan.json", new string('x', 70_000)),
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
        store.FinishPack([(A, Result(1))]);
        Assert.Empty(store.Verify());
    }
}
