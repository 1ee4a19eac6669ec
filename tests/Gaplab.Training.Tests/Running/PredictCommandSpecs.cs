// gaplab predict on a study, and what advise and backtest make of it.
using System.Text.Json;
using Gaplab.Theory.GapModel;

namespace Gaplab.Training.Tests.Running;

public sealed class PredictCommandSpecs(SmallStudy study)
{
    private static readonly Dictionary<string, string> NoBinding = new() { ["GAPLAB_NATIVE"] = "/nowhere/libgaplab_torch.so" };

    private const string TwoSettings =
        SmallStudy.Yaml
        + """

            settings:
              one: {model: {kind: gpt, layers: 1, heads: 1, width: 8}}
              two_wide: {model: {kind: gpt, layers: 1, heads: 1, width: 16}}
            """;

    [Fact]
    public void A_probed_study_gives_a_probe_a_prediction_and_advice_the_same_every_time()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        ProgramEnd end = StartedProgram.Run(folder.Path, "predict", study.File, "--store", store, "--method", "gap-model", "--json");
        Assert.True(end.ExitCode == 0, end.ToString());
        JsonElement made = JsonDocument.Parse(end.Output).RootElement;
        Assert.Equal([4, 16], made.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("batch").GetInt32()));
        Assert.Contains("sample gradients", end.Errors, StringComparison.Ordinal);
        string probe = File.ReadAllText(Path.Combine(store, "probe.json"));
        // So short a sweep pays for no spectrum of every layer, but their gradients and noise come with the whole: variances add up to its
        // own.
        Probe start = ProbeJson.Read(Path.Combine(store, "probe-start.json"));
        Assert.True(start.Layers!.Count > 4);
        Assert.All(start.Layers, l => Assert.True(l.Nodes.Count == 0 && l.GradientNorm is not null));
        ProbeBlock whole = start.Blocks[0];
        Assert.Equal(whole.Parameters, start.Layers.Sum(l => l.Parameters));
        double trace = whole.Parameters * whole.Weights.Zip(whole.NoiseVariance, (w, v) => w.Value * v.Value).Sum();
        Assert.Equal(trace, start.Layers.Sum(l => l.Parameters * l.NoiseVariance[0].Value), 1e-6 * trace);

        // The probe stands for itself: predicted from again it gives the same numbers, without libtorch.
        ProgramEnd again = StartedProgram.Run(folder.Path, NoBinding, "predict", Path.Combine(store, "probe.json"), "--json");
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Equal(made.GetProperty("gaps").GetRawText(), JsonDocument.Parse(again.Output).RootElement.GetProperty("gaps").GetRawText());

        ProgramEnd advised = StartedProgram.Run(folder.Path, NoBinding, "advise", store, "--batch", "8", "--json");
        Assert.True(advised.ExitCode == 0, advised.ToString());
        JsonElement advice = Assert.Single(JsonDocument.Parse(advised.Output).RootElement.GetProperty("advice").EnumerateArray());
        Assert.StartsWith("predicted", advice.GetProperty("gap").GetProperty("origin").GetString(), StringComparison.Ordinal);
        Assert.All(advice.GetProperty("optimizers").EnumerateArray(), o => Assert.True(o.GetProperty("learningRate").GetDouble() > 0));

        Assert.Equal(0, StartedProgram.Run(folder.Path, "predict", study.File, "--store", store, "--method", "gap-model").ExitCode);
        Assert.Equal(probe, File.ReadAllText(Path.Combine(store, "probe.json")));
    }

    [Fact]
    public void Bounds_are_computed_from_the_probe_at_the_initial_point()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        ProgramEnd end = StartedProgram.Run(folder.Path, "predict", study.File, "--store", store, "--method", "bounds", "--json");
        end.AssertSucceeded();
        JsonElement made = Assert.Single(JsonDocument.Parse(end.Output).RootElement.GetProperty("comparisons").EnumerateArray());
        double Of(string key) => made.GetProperty(key).GetDouble();
        Probe probe = ProbeJson.Read(Path.Combine(store, "probe.json"));
        ProbeBlock whole = Assert.Single(probe.Blocks);
        Assert.Equal((whole.Nodes.Max(), whole.Parameters, 1536.0), (Of("smoothness"), Of("parameters"), Of("samples")));
        Assert.Equal(Math.Sqrt(probe.Geometry!.GradientDensity!.Value * whole.Parameters), Of("density"), 1e-9);
        Assert.Equal(
            whole.Parameters * whole.Weights.Zip(whole.NoiseVariance, (w, v) => w.Value * v.Value).Sum(),
            Math.Pow(Of("noise"), 2),
            1e-6
        );
        // What the best step along the signs gains over that along the gradient, the other way round: c²·(gᵀHg/‖g‖²)/(sᵀHs).
        double along = whole.GradientShares!.Zip(whole.Nodes, (share, node) => share * node).Sum();
        Assert.Equal(
            probe.Geometry.SignGain!.Value,
            Math.Pow(Of("density"), 2) * along / (Of("signSmoothness") * Of("smoothness")),
            1e-9 * probe.Geometry.SignGain.Value
        );
        Assert.StartsWith("The bounds put ", made.GetProperty("headline").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_run_that_diverges_is_repeated_at_the_next_lower_rate_and_counted()
    {
        using var folder = new TestFolder();
        JsonElement Probed(string rates)
        {
            StartedProgram
                .Run(
                    folder.Path,
                    "predict",
                    study.File,
                    "--method",
                    "gap-model",
                    "--store",
                    folder.File(rates),
                    "--set",
                    $"optimizers.adam.lr=[0.003, {rates}]"
                )
                .AssertSucceeded();
            return JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.File(rates), "probe.json"))).RootElement;
        }
        JsonElement good = Probed("0.009, 0.027"),
            bad = Probed("1e9, 2e9"),
            trial = bad.GetProperty("secondTrial");
        Assert.Equal(
            (0.009, 0.003),
            (good.GetProperty("secondTrial").GetProperty("rate").GetDouble(), trial.GetProperty("rate").GetDouble())
        );
        Assert.Equal(
            trial.GetProperty("steps").GetDouble() * trial.GetProperty("batch").GetDouble(),
            bad.GetProperty("cost").GetDouble() - good.GetProperty("cost").GetDouble()
        );
    }

    [Fact]
    public void An_answer_that_its_intervals_do_not_settle_says_so()
    {
        using var folder = new TestFolder();
        // A wave about a falling line, which no quadratic follows.
        ProbeRun run = new ProbeRun(0.05, 16, 40, [.. Enumerable.Range(1, 8).Select(i => (5 * i, 3 - 0.2 * i + 0.3 * Math.Sin(3 * i)))]);
        var block = new ProbeBlock
        {
            Name = "all",
            Parameters = 100,
            Nodes = [0.001, 0.1, 1],
            Weights = [new(0.9), new(0.09), new(0.01)],
            NoiseVariance = [new(1)],
            Displacement = [new(1)],
        };
        ProbeJson.Write(
            folder.File("probe.json"),
            new Probe
            {
                Blocks = [block],
                Preconditioned = [block],
                PreconditionerTrace = 100,
                InitialLoss = 4,
                LossFloor = 1,
                Budget = new Budget(64, null),
                Batches = [4, 64],
                First = [new HeavyBall(0.9)],
                Second = [new AdamClosure(0.9, 0.95)],
                FirstTrial = run,
                SecondTrial = run,
            }
        );
        ProgramEnd end = StartedProgram.Run(folder.Path, NoBinding, "predict", "probe.json");
        end.AssertSucceeded();
        Assert.Contains("no 95% interval of a gap excludes zero", end.Output, StringComparison.Ordinal);
        Assert.Contains("the prediction is a guess", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("-+", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_is_probed_predicted_advised_and_left_out_by_itself()
    {
        using var folder = new TestFolder();
        string store = folder.File("store"),
            file = folder.Write("two.yaml", TwoSettings);
        ProgramEnd end = StartedProgram.Run(folder.Path, "predict", file, "--store", store, "--method", "gap-model", "--json");
        Assert.True(end.ExitCode == 0, end.ToString());
        JsonElement[] made = [.. JsonDocument.Parse(end.Output).RootElement.GetProperty("comparisons").EnumerateArray()];
        Assert.Equal(["setting=one", "setting=two_wide"], made.Select(m => m.GetProperty("comparison").GetString()));
        Assert.All(made, m => Assert.True(m.GetProperty("fit").GetProperty("firstError").GetDouble() >= 0));
        string[] folders =
        [
            .. Directory.GetDirectories(Path.Combine(store, "probes")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(["one", "two_wide"], folders);
        Assert.All(
            folders,
            f =>
                Assert.Equal(
                    ["prediction.json", "probe-start.json", "probe.json"],
                    Directory.GetFiles(Path.Combine(store, "probes", f)).Select(Path.GetFileName).Order(StringComparer.Ordinal)
                )
        );

        ProgramEnd advised = StartedProgram.Run(folder.Path, NoBinding, "advise", store, "--batch", "8", "--json");
        Assert.True(advised.ExitCode == 0, advised.ToString());
        Assert.Equal(
            ["setting=one", "setting=two_wide"],
            JsonDocument
                .Parse(advised.Output)
                .RootElement.GetProperty("advice")
                .EnumerateArray()
                .Select(a => a.GetProperty("comparison").GetString())
        );

        ProgramEnd one = StartedProgram.Run(
            folder.Path,
            "predict",
            file,
            "--store",
            store,
            "--method",
            "gap-model",
            "--out",
            folder.File("p.json")
        );
        Assert.Equal(2, one.ExitCode);
        Assert.Contains("2 comparisons", one.Errors, StringComparison.Ordinal);
        ProgramEnd tested = StartedProgram.Run(folder.Path, NoBinding, "backtest", study.ReferenceStore);
        Assert.Equal(2, tested.ExitCode);
        Assert.Contains("holds no prediction", tested.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_predicted_and_not_run_has_advice_beside_those_that_are_run()
    {
        LongStage.OrSkip();
        using var folder = new TestFolder();
        string store = folder.File("store");
        string[] two =
        [
            folder.Write("two.yaml", TwoSettings),
            "--store",
            store,
            "--set",
            "sentinel.enabled=false",
            "--set",
            "budget.samples=256",
        ];
        StartedProgram.Run(folder.Path, ["study", "run", .. two]).AssertSucceeded();
        StartedProgram.Run(folder.Path, ["predict", "--method", "gap-model", .. two]).AssertSucceeded();
        // As if the study had been stopped before its second setting.
        string[] undone =
        [
            .. Directory
                .EnumerateFiles(Path.Combine(store, "runs"), "spec.json", SearchOption.AllDirectories)
                .Where(f => File.ReadAllText(f).Contains("\"width\": 16", StringComparison.Ordinal))
                .Select(f => Path.GetDirectoryName(f)!),
        ];
        Assert.NotEmpty(undone);
        foreach (string run in undone)
            Directory.Delete(run, recursive: true);
        string index = Path.Combine(store, "index.jsonl");
        File.WriteAllLines(
            index,
            File.ReadAllLines(index).Where(l => !undone.Any(u => l.Contains(Path.GetFileName(u), StringComparison.Ordinal)))
        );

        ProgramEnd advised = StartedProgram.Run(folder.Path, NoBinding, "advise", store, "--batch", "8", "--json");
        advised.AssertSucceeded();
        string[] origins =
        [
            .. JsonDocument
                .Parse(advised.Output)
                .RootElement.GetProperty("advice")
                .EnumerateArray()
                .Select(a =>
                    (Key: a.GetProperty("comparison").GetString(), Origin: a.GetProperty("gap").GetProperty("origin").GetString()!)
                )
                .Select(a => $"{a.Key}: {a.Origin.Split(' ', ':')[0]}"),
        ];
        Assert.Equal(["setting=one: measured", "setting=two_wide: predicted"], origins);
    }

    [Fact]
    public void Three_stores_are_explained_by_what_they_hold()
    {
        LongStage.OrSkip();
        using var folder = new TestFolder();
        var stores = new List<string> { study.ReferenceStore };
        foreach (string exponent in (string[])["0.5", "1.5"])
        {
            stores.Add(folder.File("zipf-" + exponent));
            ProgramEnd end = StartedProgram.Run(
                folder.Path,
                "study",
                "run",
                study.File,
                "--store",
                stores[^1],
                "--set",
                "task.exponent=" + exponent,
                "--set",
                "sentinel.enabled=false",
                "--set",
                "budget.samples=256",
                "--json"
            );
            Assert.True(end.ExitCode == 0, end.ToString());
        }
        ProgramEnd predicted = StartedProgram.Run(
            folder.Path,
            "predict",
            study.File,
            "--method",
            "gap-model",
            "--store",
            stores[1],
            "--set",
            "task.exponent=0.5",
            "--set",
            "sentinel.enabled=false",
            "--set",
            "budget.samples=256"
        );
        Assert.True(predicted.ExitCode == 0, predicted.ToString());
        ProgramEnd explained = StartedProgram.Run(folder.Path, NoBinding, ["explain", .. stores, "--json"]);
        Assert.True(explained.ExitCode == 0, explained.ToString());
        JsonElement root = JsonDocument.Parse(explained.Output).RootElement;
        JsonElement[] rows = [.. root.GetProperty("rows").EnumerateArray()];
        Assert.Equal(6, rows.Length);
        // The stores in order: exponents 1, ½ and 1½; the entropy of Zipf's law over 16 tokens, and what 18,000 tokens leave open.
        foreach ((double exponent, int row) in new[] { (1, 0), (0.5, 2), (1.5, 4) })
        {
            double[] law = [.. Enumerable.Range(1, 16).Select(i => Math.Pow(i, -exponent))];
            Assert.Equal(
                1 + law.Sum(w => w / law.Sum() * Math.Log(w / law.Sum())) / Math.Log(16),
                rows[row].GetProperty("class imbalance").GetDouble(),
                0.02
            );
        }
        Assert.True(rows[2].GetProperty("log₂ density of the gradient").GetDouble() < 0);
        Assert.Equal(2, rows.Count(r => r.GetProperty("log₂ gain of signs, own over turned axes").ValueKind == JsonValueKind.Number));
        Assert.Equal(2, rows.Count(r => r.GetProperty("gap model").ValueKind == JsonValueKind.Number));
        string[] names = [.. root.GetProperty("scores").EnumerateArray().Select(s => s.GetProperty("name").GetString()!)];
        Assert.Contains("alignment of curvature with the axes", names);
        Assert.DoesNotContain("log₂ noise scale over batch size", names);
        Assert.Contains("all together", names);
    }

    [Fact]
    public void A_prediction_in_a_store_with_runs_is_back_tested_and_stands_beside_them_in_advice()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder);
        StoreSnapshot before = StoreSnapshot.Of(store);
        ProgramEnd end = StartedProgram.Run(folder.Path, "predict", study.File, "--store", store, "--method", "gap-model", "--at", "start");
        Assert.True(end.ExitCode == 0, end.ToString());
        StoreSnapshot.Of(store).AssertKeeps(before);
        ProgramEnd tested = StartedProgram.Run(folder.Path, NoBinding, "backtest", store, "--json");
        Assert.True(tested.ExitCode == 0, tested.ToString());
        JsonElement[] cells =
        [
            .. Assert
                .Single(JsonDocument.Parse(tested.Output).RootElement.GetProperty("methods").EnumerateArray())
                .GetProperty("gaps")
                .EnumerateArray(),
        ];
        Assert.Equal([4, 16], cells.Select(c => c.GetProperty("batch").GetInt32()));
        Assert.All(cells, c => Assert.True(double.IsFinite(c.GetProperty("predicted").GetDouble())));
        ProgramEnd advised = StartedProgram.Run(folder.Path, NoBinding, "advise", store, "--batch", "8");
        Assert.Contains("(measured: ", advised.Output, StringComparison.Ordinal);
        Assert.Contains("(predicted from the study's probe)", advised.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_miniature_is_trained_once_predicts_and_is_back_tested_beside_the_gap_model()
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder);
        StoreSnapshot before = StoreSnapshot.Of(store);
        ProgramEnd end = StartedProgram.Run(folder.Path, "predict", study.File, "--store", store, "--miniature", "--scale", "2", "--json");
        end.AssertSucceeded();
        StoreSnapshot.Of(store).AssertKeeps(before);
        JsonElement made = JsonDocument.Parse(end.Output).RootElement;
        JsonElement only = Assert.Single(made.GetProperty("comparisons").EnumerateArray());
        Assert.Equal([4, 16], only.GetProperty("gaps").EnumerateArray().Select(g => g.GetProperty("batch").GetDouble()));
        // 2 batch sizes × 2 optimizers × 3 rates × 2 seeds of 384 samples, and what the sentinel added in whole rounds of two seeds.
        double extra = made.GetProperty("samples").GetDouble() - 24 * 384;
        Assert.True(extra >= 0 && extra % (2 * 384) == 0, end.Output);

        // Again: nothing is trained, and the prediction is the same.
        string file = Path.Combine(store, "prediction-miniature.json"),
            written = File.ReadAllText(file);
        Dictionary<string, DateTime> Trained() =>
            Directory
                .GetFiles(Path.Combine(store, "miniature", "runs"), "*", SearchOption.AllDirectories)
                .ToDictionary(f => f, File.GetLastWriteTimeUtc);
        Dictionary<string, DateTime> runs = Trained();
        StartedProgram
            .Run(folder.Path, "predict", study.File, "--store", store, "--miniature", "--scale", "2", "--html", folder.File("page.html"))
            .AssertSucceeded();
        Assert.Equal(written, File.ReadAllText(file));
        Assert.NotEmpty(runs);
        Assert.Equal(runs, Trained());
        Assert.Contains("The miniature at 1:2 puts", File.ReadAllText(folder.File("page.html")), StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(written).RootElement.GetProperty("scale").GetInt32());

        StartedProgram.Run(folder.Path, "predict", study.File, "--store", store, "--method", "gap-model").AssertSucceeded();
        ProgramEnd tested = StartedProgram.Run(folder.Path, NoBinding, "backtest", store, "--json");
        tested.AssertSucceeded();
        Assert.Equal(
            ["gap model", "miniature"],
            JsonDocument
                .Parse(tested.Output)
                .RootElement.GetProperty("methods")
                .EnumerateArray()
                .Select(m => m.GetProperty("method").GetString())
        );
        Assert.Contains(
            "By the miniature: ",
            StartedProgram.Run(folder.Path, NoBinding, "backtest", store).Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "predicted from the study's miniature",
            StartedProgram.Run(folder.Path, NoBinding, "advise", store, "--batch", "8").Output,
            StringComparison.Ordinal
        );
    }
}
