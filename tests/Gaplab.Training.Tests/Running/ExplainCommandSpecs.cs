// gaplab explain on a store of several settings with probes along its runs: every number is that of the files.
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Training.Tests.Running;

public sealed class ExplainCommandSpecs
{
    private const string Yaml = """
        study: probed
        settings:
          zipf:
            task: {kind: markov, vocabulary: 16, tokens: 20000, context: 8}
          flat:
            task: {kind: markov, vocabulary: 16, exponent: 0, tokens: 20000, context: 8}
          genome:
            task: {kind: genome, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [0.001, 1]}
          adam: {beta2: 0.95, lr: [0.01]}
        grid: {batch: [4, 16], seeds: 2}
        budget: {samples: 256}
        evaluation: {points: 1, validation: 32, train: none}
        sentinel: {enabled: false}
        probes:
          runs: tuned
          names: [sharpness, noise]
          at: [0, 0.5]
          samples: 16
          batch: 8
          layers: false
          shadows: {sgd: {lr: 1}, adam: {lr: 0.01}}
          noise: {samples: 64, draws: 200, coordinates: 32}
        """;

    private static readonly Dictionary<string, string> NoBinding = new() { ["GAPLAB_NATIVE"] = "/nowhere/libgaplab_torch.so" };

    [Fact]
    public void Every_setting_is_explained_by_the_probes_along_its_own_runs()
    {
        LongStage.OrSkip();
        using var folder = new TestFolder();
        string store = folder.File("store"),
            page = folder.File("page.html");
        ProgramEnd trained = StartedProgram.Run(
            folder.Path,
            "study",
            "run",
            folder.Write("probed.yaml", Yaml),
            "--store",
            store,
            "--workers",
            "2",
            "--json"
        );
        Assert.True(trained.ExitCode == 0, trained.ToString());
        // Two learning rates of SGD were tried; the probes are of the better one's runs alone.
        string[] folders = [.. Directory.GetDirectories(Path.Combine(store, "runs")).SelectMany(Directory.GetDirectories)];
        Assert.Equal(3 * 2 * 2 * 3, folders.Length);
        Assert.Equal(3 * 2 * 2 * 2, folders.Count(r => Directory.Exists(Path.Combine(r, "probes", "noise"))));
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            NoBinding,
            "explain",
            store,
            "--html",
            page,
            "--predictor",
            "class imbalance",
            "--json"
        );
        Assert.True(end.ExitCode == 0, end.ToString());
        JsonElement root = JsonDocument.Parse(end.Output).RootElement;
        JsonElement[] rows = [.. root.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["zipf", "flat", "genome"], rows.Select(r => r.GetProperty("comparison").GetString()).Distinct());
        Assert.Equal(6, rows.Length);
        // 256 samples are 64 steps of 4 or 16 of 16; the middle is step 32 or 8.
        RunStore opened = RunStore.Open(store);
        foreach (JsonElement row in rows)
        {
            int batch = row.GetProperty("batch").GetInt32(),
                middle = 256 / batch / 2;
            string setting = row.GetProperty("comparison").GetString()!;
            RunFolder[] runs =
            [
                .. opened.RunIds().Select(opened.Run).Where(r => Is(r, setting, batch) && File.Exists(r.ProbePath("noise", middle))),
            ];
            Assert.Equal(2, runs.Length);
            double scale = runs.Average(r => Number(r.ProbePath("noise", middle), "noise-scale"));
            Assert.Equal(Math.Log2(scale / batch), row.GetProperty("log₂ noise scale over batch size").GetDouble(), 1e-9);
            double[][] sharpness = [.. runs.Select(r => Sharpness(r.ProbePath("sharpness", middle)))];
            JsonElement ratio = row.GetProperty("log₂ directional sharpness ratio");
            // Updates in order: the sgd that moves, the shadows sgd and adam.
            if (ratio.ValueKind == JsonValueKind.Number)
                Assert.Equal(Math.Log2(sharpness.Average(s => s[2]) / sharpness.Average(s => s[1])), ratio.GetDouble(), 1e-9);
            else
                Assert.True(sharpness.Average(s => s[2]) <= 0 || sharpness.Average(s => s[1]) <= 0);
            if (batch == 16 && setting == "zipf")
                Assert.Equal(
                    runs.Average(r => Inverse(folder.Path, r.ProbePath("noise", middle), batch)),
                    row.GetProperty("tail index of the noise, 1/α").GetDouble(),
                    1e-6
                );
            Assert.InRange(row.GetProperty("1/α above its Gaussian control").GetDouble(), -0.3, 0.3);
        }
        Assert.Contains(rows, r => r.GetProperty("log₂ directional sharpness ratio").ValueKind == JsonValueKind.Number);
        Assert.Equal(3, rows.Select(r => r.GetProperty("class imbalance").GetDouble()).Distinct().Count());
        string html = File.ReadAllText(page);
        Assert.Contains("The gaps beside class imbalance", html, StringComparison.Ordinal);
        Assert.Contains(
            "3 comparisons: for an explanation with one number per comparison no p-value can be below 0.16667",
            html,
            StringComparison.Ordinal
        );

        // A store made before plans kept the imbalance, and before they had digests, gives the same number.
        string plan = File.ReadAllText(Path.Combine(store, "plan.json"));
        File.WriteAllText(
            Path.Combine(store, "plan.json"),
            System.Text.RegularExpressions.Regex.Replace(plan, ",\\s*\"(imbalance|digest)\": \"?[-+0-9a-fE.]+\"?(?=\\s*[,}])", "")
        );
        Assert.NotEqual(plan, File.ReadAllText(Path.Combine(store, "plan.json")));
        ProgramEnd before = StartedProgram.Run(folder.Path, NoBinding, "explain", store, "--json");
        Assert.Equal(end.Output, before.Output);

        // What predict leaves of every setting stands beside its gaps.
        ProgramEnd predicted = StartedProgram.Run(
            folder.Path,
            "predict",
            folder.File("probed.yaml"),
            "--method",
            "gap-model",
            "--store",
            store
        );
        Assert.True(predicted.ExitCode == 0, predicted.ToString());
        ProgramEnd probed = StartedProgram.Run(folder.Path, NoBinding, "explain", store, "--json");
        Assert.True(probed.ExitCode == 0, probed.ToString());
        foreach (JsonElement row in JsonDocument.Parse(probed.Output).RootElement.GetProperty("rows").EnumerateArray())
        {
            string made = Path.Combine(store, "probes", row.GetProperty("comparison").GetString()!);
            JsonElement geometry = JsonDocument
                .Parse(File.ReadAllText(Path.Combine(made, "probe.json")))
                .RootElement.GetProperty("geometry");
            Assert.Equal(
                Math.Log2(geometry.GetProperty("gradientDensity").GetDouble()),
                row.GetProperty("log₂ density of the gradient").GetDouble(),
                1e-12
            );
            if (
                geometry.TryGetProperty("signGain", out JsonElement own)
                && geometry.TryGetProperty("turnedSignGain", out JsonElement turned)
            )
                Assert.Equal(
                    Math.Log2(own.GetDouble() / turned.GetDouble()),
                    row.GetProperty("log₂ gain of signs, own over turned axes").GetDouble(),
                    1e-12
                );
            JsonElement model = JsonDocument
                .Parse(File.ReadAllText(Path.Combine(made, "prediction.json")))
                .RootElement.GetProperty("gaps")
                .EnumerateArray()
                .Single(g => g.GetProperty("batch").GetDouble() == row.GetProperty("batch").GetDouble());
            Assert.Equal(model.GetProperty("gap").GetDouble(), row.GetProperty("gap model").GetDouble(), 1e-12);
        }

        foreach (
            (string[] options, string says) in new[]
            {
                ((string[])["--html", folder.File("none.html"), "--predictor", "luck"], "--predictor got 'luck'"),
                (["--predictor", "class imbalance"], "expected --html FILE"),
            }
        )
        {
            ProgramEnd wrong = StartedProgram.Run(folder.Path, NoBinding, ["explain", store, .. options]);
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains(says, Assert.Single(wrong.ErrorLines), StringComparison.Ordinal);
        }
        Assert.False(File.Exists(folder.File("none.html")));
    }

    private static bool Is(RunFolder run, string setting, int batch)
    {
        JsonElement spec = JsonDocument.Parse(run.ReadSpec()!).RootElement,
            task = spec.GetProperty("task");
        string kind = task.TryGetProperty("kind", out JsonElement k) ? k.GetString()! : "markov";
        double exponent = task.TryGetProperty("exponent", out JsonElement e) ? e.GetDouble() : 1;
        return spec.GetProperty("batch").GetInt32() == batch
            && spec.GetProperty("optimizer").GetProperty("kind").GetString() == "sgd"
            && setting
                == (
                    kind == "genome" ? "genome"
                    : exponent == 0 ? "flat"
                    : "zipf"
                );
    }

    private static double Number(string path, string name)
    {
        using SafetensorsReader file = Safetensors.Open(path);
        return file.Read<double>(name)[0];
    }

    private static double[] Sharpness(string path)
    {
        using SafetensorsReader file = Safetensors.Open(path);
        Assert.Equal(3, file.Metadata["updates"].Split('\n').Length);
        return file.Read<double>("sharpness");
    }

    // By the command for anyone's files, of the coordinates that any mini-batch moves.
    private static double Inverse(string folder, string path, int batch)
    {
        double[] values;
        int width;
        using (SafetensorsReader file = Safetensors.Open(path))
        {
            values = file.Read<double>($"sgd.b{batch}");
            width = (int)file.Entries.First(e => e.Name == $"sgd.b{batch}").Shape[1];
        }
        double[][] rows = [.. values.Chunk(width)];
        int[] moving = [.. Enumerable.Range(0, width).Where(c => rows.Any(r => r[c] != 0))];
        string table = Path.Combine(folder, "noise.csv");
        File.WriteAllLines(
            table,
            rows.Select(r => string.Join(',', moving.Select(c => r[c].ToString("R", CultureInfo.InvariantCulture))))
                .Prepend(string.Join(',', moving.Select(c => string.Create(CultureInfo.InvariantCulture, $"c{c}"))))
        );
        ProgramEnd end = StartedProgram.Run(folder, NoBinding, "tails", table, "--axis", "pooled", "--centre", "none", "--json");
        Assert.True(end.ExitCode == 0, end.ToString());
        JsonElement estimate = JsonDocument
            .Parse(end.Output)
            .RootElement.GetProperty("estimates")
            .EnumerateArray()
            .First(e => e.GetProperty("id").GetString() == "log-moment");
        return estimate.GetProperty("all").GetProperty("inverse").GetDouble();
    }
}
