// Properties of what the store reads: whatever a file holds, it is read as it was written or refused in one line.
using System.Text;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class ParserSpecs : TemporaryStore
{
    private static void Each(Action<ByteDamage> check, int samples = 400) => FixedSeeds.Check(ByteDamage.Any, samples, check);

    [Fact]
    public void A_changed_result_is_refused_in_one_line_or_says_what_was_written()
    {
        byte[] whole = (
            Result(2.25) with
            {
                Cause = "loss is \"NaN\"\n",
                Checksums = new Dictionary<string, string> { ["spec.json"] = new('a', 64) },
            }
        ).ToJson();
        string expected = RunResult.Parse(whole, "result.json").ToNode().ToJsonString();
        Each(m => Refused(() => Assert.Equal(expected, RunResult.Parse(m.To(whole), "result.json").ToNode().ToJsonString())));
    }

    [Fact]
    public void A_changed_attempt_is_refused_in_one_line_or_says_what_was_written()
    {
        var attempt = new Attempt(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Outcome.Killed, "signal 9", [A, B], 7);
        byte[] whole = Encoding.UTF8.GetBytes(attempt.ToLine());
        Each(m =>
            Refused(() =>
                Assert.Equal(
                    attempt.ToLine(),
                    Attempt.Parse(Encoding.UTF8.GetString(m.To(whole)).TrimEnd('\n'), "attempts/p.jsonl:1").ToLine()
                )
            )
        );
    }

    [Fact]
    public void A_changed_line_of_metrics_is_refused_in_one_line_or_a_metric()
    {
        var text = new StringBuilder();
        new MetricRow(12, 96, "validation-loss", 2.001).AppendTo(text);
        byte[] whole = Encoding.UTF8.GetBytes(text.ToString().TrimEnd('\n'));
        Each(m => Refused(() => Assert.NotNull(MetricRow.Parse(m.To(whole), "metrics.jsonl:1").Name)));
    }

    [Fact]
    public void A_changed_document_of_the_store_is_refused_in_one_line_or_says_what_was_written()
    {
        RunStore store = Make();
        store.WriteDocument("plan.json", new JsonObject { ["rates"] = new JsonArray(0.1, 1e-9, 3), ["name"] = "μ\n" });
        string Content() => store.ReadDocument("plan.json") is { } d ? $"{d["rates"]?.ToJsonString()} {d["name"]?.ToJsonString()}" : "";
        string path = Path.Combine(Root, "plan.json"),
            expected = Content();
        byte[] whole = File.ReadAllBytes(path);
        Each(m =>
        {
            File.WriteAllBytes(path, m.To(whole));
            Refused(() => Assert.Equal(expected, Content()));
        });
        path = Path.Combine(Root, "study.json");
        whole = File.ReadAllBytes(path);
        Each(m =>
        {
            File.WriteAllBytes(path, m.To(whole));
            Refused(() => Assert.Equal(("demo", "h1"), store.Study()));
        });
    }

    [Fact]
    public void Whatever_index_jsonl_says_a_result_is_what_its_own_file_says()
    {
        RunStore store = Make();
        foreach ((string id, double loss) in new[] { (A, 1.0), (B, 2.0) })
        {
            Train(store.Run(id));
            store.FinishPack([(store.Run(id), Result(loss))]);
        }
        store.Index();
        string path = Path.Combine(Root, "index.jsonl");
        byte[] whole = File.ReadAllBytes(path);
        Each(
            m =>
            {
                File.WriteAllBytes(path, m.To(whole));
                // A listing trusts the lines that are what was written, and no other.
                Assert.Equal(
                    [(A, 1.0), (B, 2.0)],
                    RunStore.Open(Root).Still(glance: true).Index().Select(r => (r.Id, r.Result.Metrics["val_loss"])).OrderBy(r => r.Item2)
                );
                File.WriteAllBytes(path, m.To(whole));
                Assert.Equal(
                    [(A, 1.0), (B, 2.0)],
                    RunStore.Open(Root).Index().Select(r => (r.Id, r.Result.Metrics["val_loss"])).OrderBy(r => r.Item2)
                );
                Assert.Equal(whole, File.ReadAllBytes(path));
            },
            60
        );
    }

    [Fact]
    public void A_changed_safetensors_file_that_carries_a_digest_is_refused_in_one_line()
    {
        string path = Folder.File("checkpoint.safetensors");
        using (
            SafetensorsWriter writer = Safetensors.Create(
                path,
                [new("theta", TensorType.F32, [3]), new("n", TensorType.F64, [2])],
                new Dictionary<string, string> { ["step"] = "3" },
                digest: true
            )
        )
        {
            writer.Write<float>("theta", [1, 2, 3]);
            writer.Write<double>("n", [4, 5]);
            writer.Commit();
        }
        byte[] whole = File.ReadAllBytes(path);
        using (SafetensorsReader reader = Safetensors.OpenVerified(path))
            Assert.True(reader.Verify());
        Each(m =>
        {
            byte[] changed = m.To(whole);
            File.WriteAllBytes(path, changed);
            if (changed.AsSpan().SequenceEqual(whole))
                return;
            // The name of the digest itself may be what changed: then the file says that it has none.
            Refused(() =>
            {
                using SafetensorsReader reader = Safetensors.OpenVerified(path);
                Assert.False(reader.Verify());
            });
        });
    }

    private static void Refused(Action read)
    {
        try
        {
            read();
        }
        catch (InputException error)
        {
            Assert.DoesNotContain('\n', error.Message);
        }
    }
}
