// One run in the store: what is written reads back, what a crash cut is recovered.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class RunFolderSpecs : TemporaryStore
{
    [Fact]
    public void Metrics_read_back_bit_for_bit_also_when_not_finite()
    {
        RunFolder run = Begin(A);
        MetricRow[] rows =
        [
            new(1, 8, "loss", 0.1 + 0.2),
            new(2, 16, "loss", double.NaN),
            new(3, 24, "loss", double.PositiveInfinity),
            new(3, 24, "x\"\n", double.NegativeInfinity),
            new(4, 32, "loss", double.Epsilon),
            new(5, 40, "loss", -0.0),
            new(6, 48, "loss", double.MaxValue),
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
        Assert.StartsWith(
            "{\"step\":1,\"samples\":8,\"name\":\"loss\",\"value\":0.30000000000000004}\n"
                + "{\"step\":2,\"samples\":16,\"name\":\"loss\",\"value\":\"NaN\"}\n",
            File.ReadAllText(Path.Combine(run.Folder, "metrics.jsonl")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_torn_last_line_is_ignored_by_readers_and_cut_by_the_writer_at_every_cut_point()
    {
        RunFolder run = Begin(A);
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
            Faults.TornMetrics.Caused(1);
        }
    }

    [Fact]
    public void A_run_resumed_from_a_checkpoint_writes_the_same_bytes()
    {
        RunFolder run = Begin(A);
        run.AppendMetrics([new(1, 8, "loss", 1.5)]);
        long mark = run.MetricsLength();
        run.AppendMetrics([new(2, 16, "loss", 2.5), new(3, 24, "loss", 3.5)]);
        byte[] whole = File.ReadAllBytes(Path.Combine(run.Folder, "metrics.jsonl"));
        run.TruncateMetrics(mark);
        Assert.Equal(mark, run.MetricsLength());
        run.AppendMetrics([new(2, 16, "loss", 2.5)]);
        run.AppendMetrics([new(3, 24, "loss", 3.5)]);
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(run.Folder, "metrics.jsonl")));
        Assert.Contains(
            "taken at 100000",
            Assert.Throws<InputException>(() => run.TruncateMetrics(100000)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_whole_line_that_is_no_metric_is_named_by_file_and_line()
    {
        RunFolder run = Begin(A);
        run.AppendMetrics([new(1, 8, "loss", 1.5)]);
        File.AppendAllText(Path.Combine(run.Folder, "metrics.jsonl"), "{\"step\":2}\n");
        Assert.Contains("metrics.jsonl:2", Assert.Throws<InputException>(() => run.ReadMetrics()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_reads_back_and_only_its_wall_object_depends_on_the_clock()
    {
        RunStore store = Make();
        string[] texts =
        [
            .. new[] { 1.0, 2.0 }.Select(seconds =>
            {
                if (Directory.Exists(store.Run(A).Folder))
                    Directory.Delete(store.Run(A).Folder, recursive: true);
                Train(store.Run(A));
                store.Run(A).StageResult(Result(2.25, seconds));
                Assert.Null(store.Run(A).TryReadResult());
                store.Run(A).CommitResult();
                return File.ReadAllText(Path.Combine(store.Run(A).Folder, "result.json"));
            }),
        ];
        RunResult result = store.Run(A).TryReadResult()!;
        Assert.Equal(2.25, result.Metrics["val_loss"]);
        Assert.True(double.IsNaN(result.Metrics["bad"]));
        Assert.Equal(2.0, (double)result.Wall["seconds"]!);
        Assert.True(result.HasDigest);
        Assert.Equal(["metrics.jsonl", "spec.json"], result.Checksums.Keys.Order());
        Assert.NotEqual(texts[0], texts[1]);
        static string Content(string text) => text[..text.IndexOf("\"digest\"", StringComparison.Ordinal)];
        Assert.Equal(Content(texts[0]).Replace("\"seconds\": 1", "\"seconds\": 2", StringComparison.Ordinal), Content(texts[1]));
    }

    [Fact]
    public void A_pack_is_recoverable_from_every_cut_point_of_its_finish()
    {
        string[] ids = [A, B, C];
        // The finish as its visible steps: each writes one name. Cut before each of them.
        for (int cut = 0; cut <= 6; cut++)
        {
            string root = Folder.File($"cut{cut}");
            RunStore store = RunStore.Open(root, create: true);
            store.Bind("demo", "h1", "name: demo\n");
            Action[] steps =
            [
                .. ids.Select(
                    (id, i) =>
                        (Action)(
                            () =>
                            {
                                Train(store.Run(id));
                                store.Run(id).StageResult(Result(i));
                            }
                        )
                ),
                .. ids.Select(id => (Action)(() => store.Run(id).CommitResult())),
            ];
            foreach (Action step in steps[..cut])
                step();
            // A kill leaves temporary files too.
            if (store.Run(A).Exists)
                File.WriteAllText(Path.Combine(store.Run(A).Folder, "result.json.pending.1-1.tmp"), "{\"outc");

            RunStore again = RunStore.Open(root);
            Assert.Equal(cut >= 3, again.RecoverPack(ids));
            if (cut < 3)
            {
                Assert.Empty(again.Index()); // nothing half-finished counts
                foreach (string id in ids)
                {
                    again.Run(id).WriteSpec(SpecOf(id));
                    again.Run(id).TruncateMetrics(0);
                    again.Run(id).AppendMetrics([new MetricRow(1, 2, "loss", 3.5)]);
                }
                again.FinishPack([.. ids.Select((id, i) => (again.Run(id), Result(i)))]);
            }
            Assert.True(again.RecoverPack(ids));
            Assert.Equal(ids, again.Index().Select(r => r.Id));
            Assert.Equal([0, 1, 2], again.Index().Select(r => r.Result.Metrics["val_loss"]));
            Assert.Empty(again.Verify());
            Assert.Empty(Directory.EnumerateFiles(root, "*.tmp", SearchOption.AllDirectories));
            Assert.Empty(Directory.EnumerateFiles(root, "*.pending", SearchOption.AllDirectories));
            Faults.CutAtFinish.Caused(1);
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
}
