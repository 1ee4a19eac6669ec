// gaplab study weights and model.weights together: what a run ended with is what another begins with; PyTorch sees the same model.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gaplab.Training.Tests.Running;

public sealed class WeightsCommandSpecs : IDisposable
{
    private const string Rest = """
        optimizers: {sgd: {momentum: 0.9, lr: [0.05]}, adam: {lr: [0.01]}}
        grid: {batch: [8], seeds: 2}
        budget: {steps: 12}
        evaluation: {points: 1, train: 64}
        sentinel: {enabled: false}
        checkpoint: {keep: last}
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{kind: markov, vocabulary: 12, tokens: 20000, context: 8}", "{kind: gpt, layers: 1, heads: 1, width: 8}")]
    [LongInlineData("{kind: shapes, images: 200}", "{kind: resnet, layers: 1, width: 4, norm: group}")]
    [LongInlineData("{kind: random-molecules, graphs: 100, graph-nodes: 6}", "{kind: gat, layers: 1, width: 8, heads: 1}")]
    public void What_a_run_ended_with_is_what_the_next_begins_with(string task, string model)
    {
        Study("first.yaml", task, model);
        Run("study", "run", "first.yaml", "--workers", "1", "--store", "first");
        JsonNode run = Json("study", "weights", "first")["weights"]![0]!;
        string id = run["run"]!.GetValue<string>();
        JsonNode written = Json("study", "weights", "first", id[..8], "--to", "w.safetensors");
        Assert.Equal("w.safetensors", written["file"]!.GetValue<string>());
        var tensors = ArrayBytes.Tensors(File.ReadAllBytes(_folder.File("w.safetensors")));
        Assert.Equal(tensors.Keys, written["tensors"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()));
        Assert.All(tensors.Values, t => Assert.Equal("F32", t.Type));

        Study("second.yaml", task, model[..^1] + ", weights: w.safetensors}");
        Run("study", "run", "second.yaml", "--workers", "1", "--store", "second");
        double ended = Exported("first").Single(r => r["run"]!.GetValue<string>() == id)["metrics"]!["train-loss"]!.GetValue<double>();
        JsonNode[] begun = Exported("second");
        // Every seed, optimizer and batch size starts there; the seeds then see the data in other orders.
        Assert.All(begun, r => Assert.Equal(ended, r["metrics"]!["initial-loss"]!.GetValue<double>()));
        Assert.Equal(begun.Length, begun.Select(r => r["metrics"]!["validation-loss"]!.GetValue<double>()).Distinct().Count());
        Assert.Empty(
            begun.Select(r => r["run"]!.GetValue<string>()).Intersect(Exported("first").Select(r => r["run"]!.GetValue<string>()))
        );
    }

    [Fact]
    public void What_cannot_be_given_is_refused_in_one_line_and_nothing_is_written()
    {
        Study("keep.yaml", "{kind: markov, vocabulary: 12, tokens: 20000, context: 8}", "{kind: gpt, layers: 1, heads: 1, width: 8}");
        Run("study", "run", "keep.yaml", "--workers", "1", "--store", "keep", "--set", "grid.seeds=1");
        Run("study", "run", "keep.yaml", "--workers", "1", "--store", "none", "--set", "checkpoint.keep=none", "--set", "grid.seeds=1");
        string id = Json("study", "weights", "keep")["weights"]![0]!["run"]!.GetValue<string>();
        Assert.Empty(Json("study", "weights", "none")["weights"]!.AsArray());
        foreach (
            (string says, string words) in ((string, string)[])
                [
                    ("kept no weights; runs do with checkpoint.keep: last", $"none {id} --to w.safetensors"),
                    ("is no run of keep", "keep zzz --to w.safetensors"),
                    ("--step got 3, but run", $"keep {id} --step 3 --to w.safetensors"),
                    ("expected a name ending in .safetensors", $"keep {id} --to w.pt"),
                    ("--to needs the run", "keep --to w.safetensors"),
                    ("--step chooses the weights to write", $"keep {id} --step 12"),
                    ("no such folder", $"gone {id} --to w.safetensors"),
                ]
        )
            Assert.Contains(
                says,
                StartedProgram.Run(_folder.Path, ["study", "weights", .. words.Split(' ')]).AssertRefused(),
                StringComparison.Ordinal
            );
        string checkpoint = Directory.EnumerateFiles(_folder.File($"keep/runs/{id[..2]}/{id}/checkpoints")).Single();
        byte[] damaged = File.ReadAllBytes(checkpoint);
        damaged[^3] ^= 1;
        File.WriteAllBytes(checkpoint, damaged);
        Assert.Contains(
            "does not match its digest",
            StartedProgram.Run(_folder.Path, "study", "weights", "keep", id, "--to", "w.safetensors").AssertRefused(),
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(_folder.File("w.safetensors")));
    }

    [Fact]
    public void PyTorch_sees_the_same_arrays_and_the_same_model()
    {
        LongStage.OrSkip("needs PyTorch");
        // PyTorch makes arrays and weights, and says what its loss is with them.
        double stated = Peer("write", _folder.Path);
        string arrays =
            "{inputs: x.npy, targets: 'y.npz:classes', validation-inputs: 'v.safetensors:x', validation-targets: 'v.safetensors:y'}";
        Study("peer.yaml", arrays, "{kind: mlp, layers: 2, width: 6, norm: layernorm, activation: tanh, weights: torch.safetensors}");
        Run("study", "run", "peer.yaml", "--workers", "1", "--store", "peer");
        JsonNode[] runs = Exported("peer");
        Assert.All(runs, r => Assert.Equal(stated, r["metrics"]!["initial-loss"]!.GetValue<double>(), 1e-5));
        // What Gaplab trained from there, PyTorch loads by the names and finds the same losses.
        foreach (JsonNode run in runs)
        {
            string file = _folder.File($"{run["run"]}.safetensors");
            Run("study", "weights", "peer", run["run"]!.GetValue<string>(), "--to", file);
            Assert.Equal(run["metrics"]!["train-loss"]!.GetValue<double>(), Peer("loss", _folder.Path, file), 1e-5);
            Assert.Equal(run["metrics"]!["validation-loss"]!.GetValue<double>(), Peer("validation", _folder.Path, file), 1e-5);
        }
    }

    private static double Peer(params string[] words)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])[Repository.At("tests/golden/weights_peer.py"), .. words])
            start.ArgumentList.Add(word);
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no /usr/bin/python3");
        }
        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            string said = errors.GetAwaiter().GetResult();
            if (said.Contains("No module named", StringComparison.Ordinal))
                Assert.Skip("python3-torch and python3-numpy are absent");
            Assert.True(process.ExitCode == 0, said);
            return double.Parse(output, CultureInfo.InvariantCulture);
        }
    }

    private void Study(string name, string task, string model) => _folder.Write(name, $"task: {task}\nmodel: {model}\n{Rest}\n");

    private string Run(params string[] words)
    {
        ProgramEnd end = StartedProgram.Run(_folder.Path, words);
        end.AssertSucceeded();
        return end.Output;
    }

    private JsonNode Json(params string[] words) => JsonNode.Parse(Run([.. words, "--json"]))!;

    private JsonNode[] Exported(string store) =>
        [
            .. JsonNode
                .Parse(Run("study", "export", store, "--json"))!
                .AsArray()
                .Select(r => r!)
                .Where(r => r["state"]!.GetValue<string>() == "finished"),
        ];
}
