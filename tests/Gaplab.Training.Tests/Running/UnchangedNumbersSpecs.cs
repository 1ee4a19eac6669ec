// What may not change a number: how many workers there are, and how runs are packed. And divergence, which is a result.
using System.Text.Json;
using Gaplab.Results.Store;

namespace Gaplab.Training.Tests.Running;

public sealed class UnchangedNumbersSpecs(SmallStudy study)
{
    [Fact]
    public void In_float64_one_worker_and_two_write_the_same_bytes_and_packing_changes_nothing_above_1e_10()
    {
        LongStage.OrSkip();
        using var folder = new TestFolder();
        string Train(string name, params string[] more)
        {
            string store = folder.File(name);
            ProgramEnd end = StartedProgram.Run(
                folder.Path,
                [
                    "study",
                    "run",
                    study.File,
                    "--store",
                    store,
                    "--set",
                    "precision=float64",
                    "--set",
                    "sentinel.enabled=false",
                    "--set",
                    "budget.samples=512",
                    .. more,
                ]
            );
            end.AssertSucceeded();
            return store;
        }
        string one = Train("one", "--workers", "1"),
            two = Train("two", "--workers", "2"),
            alone = Train("alone", "--workers", "2", "--set", "limits.max-replicas=1"),
            eight = Train("eight", "--workers", "2", "--set", "limits.max-replicas=8");
        StoreSnapshot.Of(two).AssertSameAs(StoreSnapshot.Of(one));

        RunStore a = RunStore.Open(alone),
            b = RunStore.Open(eight);
        Assert.Equal(24, a.RunIds().Count);
        Assert.Equal(a.RunIds(), b.RunIds());
        foreach (string id in a.RunIds())
        {
            RunResult first = a.Run(id).TryReadResult()!,
                second = b.Run(id).TryReadResult()!;
            Assert.Equal(first.Outcome, second.Outcome);
            Assert.Equal(first.Metrics.Keys.Order(), second.Metrics.Keys.Order());
            foreach ((string name, double value) in first.Metrics)
                Assert.Equal(value, second.Metrics[name], 1e-10);
            Assert.All(
                a.Run(id).ReadMetrics().Zip(b.Run(id).ReadMetrics()),
                pair =>
                {
                    Assert.Equal(
                        (pair.First.Step, pair.First.Samples, pair.First.Name),
                        (pair.Second.Step, pair.Second.Samples, pair.Second.Name)
                    );
                    Assert.Equal(pair.First.Value, pair.Second.Value, 1e-10);
                }
            );
        }
    }

    [Fact]
    public void A_run_that_diverges_is_a_result_with_its_step_that_brackets_the_best_from_above()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        // Without the clip the largest rates throw SGD off; with extensions allowed, the sentinel must not climb past them.
        string file = folder.Write(
            "wild.yaml",
            SmallStudy.Yaml.Replace(
                "sgd: {momentum: 0.9, clip: 1, lr: {from: 0.1, to: 0.9, factor: 3}}",
                "sgd: {momentum: 0.9, lr: [0.05, 0.1, 1000]}",
                StringComparison.Ordinal
            )
        );
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            "study",
            "run",
            file,
            "--store",
            store,
            "--workers",
            "2",
            "--set",
            "sentinel.max-extensions=3",
            "--json"
        );
        end.AssertSucceeded();

        RunStore opened = RunStore.Open(store);
        var wild = opened.RunIds().Select(opened.Run).Where(run => Rate(run) == 1000).ToList();
        Assert.Equal(4, wild.Count);
        foreach (RunFolder run in wild)
        {
            RunResult result = run.TryReadResult()!;
            Assert.Equal(Outcome.Diverged, result.Outcome);
            Assert.InRange(result.Step, 1, 383);
            Assert.NotNull(result.Cause);
            Assert.DoesNotContain("validation-loss", result.Metrics.Keys);
        }
        // A diverged neighbour is a bracket: nothing above it was tried, and the report tells.
        Assert.Equal(1000, opened.RunIds().Select(opened.Run).Max(Rate));
        Assert.Contains("diverged", end.Output, StringComparison.Ordinal);
        Assert.Contains("diverged", File.ReadAllText(Path.Combine(store, "report.html")), StringComparison.Ordinal);
        ProgramEnd status = StartedProgram.Run(folder.Path, "study", "status", store, "--json");
        foreach (
            JsonElement comparison in JsonDocument
                .Parse(status.Output)
                .RootElement.GetProperty("arms")
                .EnumerateArray()
                .Where(g => g.GetProperty("key").GetString()!.StartsWith("sgd", StringComparison.Ordinal))
        )
        {
            Assert.Equal("bracketed", comparison.GetProperty("sentinel").GetString());
            Assert.InRange(comparison.GetProperty("best").GetDouble(), 1e-3, 500);
        }
    }

    private static double Rate(RunFolder run) =>
        JsonDocument.Parse(run.ReadSpec()!).RootElement.GetProperty("optimizer") is var o
        && o.TryGetProperty("kind", out JsonElement kind)
        && kind.GetString() == "sgd"
            ? o.GetProperty("learning-rate").GetDouble()
            : 0;
}
