// gaplab predict by a pilot, from the command line: what it runs, keeps, resumes, and what a back-test makes of it.
using System.Text.Json.Nodes;
using Gaplab.Results.Prediction;
using Gaplab.Studies.Piloting;
using Gaplab.Training.Tests.Commands;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Piloting;

[Collection(nameof(StartedProgram))]
public sealed class PilotCommandSpecs : IDisposable
{
    // 72 runs of 4096 samples; at a quarter of the length 32 has 32 steps, and 64 too few.
    private const string Tiny = """
        study: tiny
        task: {kind: barcodes, classes: 16, images: 2000, side: 8, bar-noise: 0.05}
        model: {kind: mlp, layers: 1, width: 16}
        optimizers:
          sgd: {momentum: 0.9, lr: {from: 0.01, to: 1, factor: 10}}
          adam: {beta2: 0.9, lr: {from: 0.001, to: 0.1, factor: 10}}
        grid: {batch: [4, 16, 32, 64], seeds: 3}
        budget: {samples: 4096}
        evaluation: {points: 0, validation: 500, train: none}
        sentinel: {enabled: false}
        checkpoint: {every-seconds: 0.1}
        """;

    private readonly TestFolder _folder = new();

    public PilotCommandSpecs() => _folder.Write("tiny.yaml", Tiny);

    public void Dispose() => _folder.Dispose();

    private ProgramEnd Predict(string store, params string[] more) =>
        StartedProgram.Run(_folder.Path, ["predict", "tiny.yaml", "--store", store, "--workers", "2", .. more]);

    private string Store(string name) => Path.Combine(_folder.Path, name);

    [Fact]
    public void A_dry_run_says_what_would_be_run_and_writes_nothing()
    {
        ProgramEnd end = Predict("store", "--cost", "20%", "--dry-run", "--json");
        end.AssertSucceeded();
        JsonNode part = Assert.Single(JsonNode.Parse(end.Output)!["comparisons"]!.AsArray())!;
        // Two optimizers at three rates, at three batch sizes of a quarter, and two seeds of a sixteenth.
        Assert.Equal(3 * 6 * 1024 + 2 * 6 * 256, (long)part["samples"]!);
        Assert.Equal(72 * 4096, (long)part["sweepSamples"]!);
        Assert.Equal(1, (int)part["anchors"]!);
        Assert.Equal([64], part["leftOut"]!.AsArray().Select(b => (int)b!));
        ProgramEnd lines = Predict("store", "--cost", "20%", "--dry-run");
        Assert.Contains(
            "runs       18 of N/4, 1,024 samples each: batch sizes 4, 16, 32, 3 learning rates, seed 101",
            lines.Output,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(Store("store")));
    }

    [Fact]
    public void A_pilot_is_kept_apart_from_the_sweep_registered_before_it_and_scored_after_it()
    {
        LongStage.OrSkip();
        ProgramEnd end = Predict("store", "--cost", "20%", "--json", "--html", "page.html");
        end.AssertSucceeded();
        string file = Path.Combine(Store("store"), "prediction-pilot-20.json");
        PilotPrediction made = PilotPrediction.Read(file);
        Assert.Equal("20%", made.Cost);
        Assert.Equal([101L], made.Seeds.Except([102L]));
        Assert.Equal(0, made.SweepRuns);
        // What it cost is what lies in the pilot's store.
        StoreSnapshot runs = StoreSnapshot.Of(Path.Combine(Store("store"), StudyPilot.Folder));
        Assert.Equal(runs.Results.Count, made.Cells.Sum(c => c.Tried.Count));
        Assert.Equal(made.SpentSamples, made.Cells.Sum(c => (double)c.Samples * c.Tried.Count));
        Assert.Equal(3 * 6 * 1024 + 2 * 6 * 256, made.PlannedSamples);
        // A whole run of both optimizers, where it tells most.
        Assert.Equal(["adam", "sgd"], made.Cells.Where(c => c.Samples == 4096).Select(c => c.Optimizer).Order(StringComparer.Ordinal));
        Assert.Equal([4L, 16, 32, 64], Assert.Single(made.Pairs).Draws.Sizes);
        Assert.Contains("Tuned losses of the pilot", File.ReadAllText(Path.Combine(_folder.Path, "page.html")), StringComparison.Ordinal);

        // None of it counts as the sweep's.
        ProgramEnd status = StartedProgram.Run(_folder.Path, "study", "status", "store");
        Assert.Contains("tiny: 0 of 72 runs done", status.Output, StringComparison.Ordinal);
        ProgramEnd advised = StartedProgram.Run(_folder.Path, "advise", "store", "--batch", "8");
        Assert.Contains("(predicted from the study's pilot 20%)", advised.Output, StringComparison.Ordinal);
        StartedProgram.Run(_folder.Path, "study", "report", Path.Combine("store", "pilot")).AssertSucceeded();

        // Asked again, nothing is trained, and the prediction keeps its time.
        string written = File.ReadAllText(file);
        Predict("store", "--cost", "20%").AssertSucceeded();
        Assert.Equal(written, File.ReadAllText(file));
        Assert.Equal(runs.Files, StoreSnapshot.Of(Path.Combine(Store("store"), StudyPilot.Folder)).Files);

        StartedProgram.Run(_folder.Path, "study", "run", "tiny.yaml", "--store", "store", "--workers", "2").AssertSucceeded();
        Assert.Equal(72, StoreSnapshot.Of(Store("store")).Results.Count);
        // A cheaper one that comes too late stands apart and is not scored.
        Predict("store", "--cost", "10%").AssertSucceeded();
        ProgramEnd tested = StartedProgram.Run(_folder.Path, "backtest", "store", "--json");
        tested.AssertSucceeded();
        JsonNode answer = JsonNode.Parse(tested.Output)!;
        Assert.Equal(
            ["pilot 10%, made after the sweep began", "pilot 20%"],
            answer["methods"]!.AsArray().Select(m => (string)m!["method"]!).Order(StringComparer.Ordinal)
        );
        string[] forecasters = [.. answer["forecasts"]!.AsArray().Select(f => (string)f!["forecaster"]!)];
        Assert.Contains("pilot 20%", forecasters);
        Assert.Contains(ForecastTrial.Interpolation, forecasters);
        Assert.Contains(ForecastTrial.NoGap, forecasters);
        Assert.DoesNotContain(forecasters, f => f.StartsWith("pilot 10%", StringComparison.Ordinal));
        Assert.All(answer["forecasts"]!.AsArray(), f => Assert.True((double)f!["score"]!["bits"]! >= 0));
        StoreSnapshot.AssertClean(Store("store"));
    }

    [Fact]
    public void Killed_at_any_moment_it_goes_on_and_predicts_what_an_undisturbed_one_does()
    {
        LongStage.OrSkip();
        Predict("calm", "--cost", "10%").AssertSucceeded();
        for (int kills = 0; ; kills++)
        {
            using StartedProgram program = StartedProgram.Start(
                _folder.Path,
                "predict",
                "tiny.yaml",
                "--store",
                "killed",
                "--cost",
                "10%",
                "--workers",
                "2"
            );
            int before = Runs();
            while (program.IsAlive && kills < 3 && Runs() <= before)
                Thread.Sleep(10);
            if (program.IsAlive && kills < 3)
            {
                program.SignalGroup(StartedProgram.KillSignal);
                program.Wait();
                continue;
            }
            program.Wait().AssertSucceeded();
            break;
        }
        StoreSnapshot.Of(Path.Combine(Store("killed"), "pilot")).AssertSameAs(StoreSnapshot.Of(Path.Combine(Store("calm"), "pilot")));
        PilotPrediction Of(string store) => PilotPrediction.Read(Path.Combine(Store(store), "prediction-pilot-10.json"));
        Assert.True(Of("killed").SaysAs(Of("calm")));

        int Runs() => StoreSnapshot.Of(Path.Combine(Store("killed"), "pilot")).Results.Count;
    }

    [Fact]
    public void Several_optimizers_share_the_first_ones_runs_and_each_choice_of_momenta_is_predicted()
    {
        string[] more =
        [
            "--set",
            "optimizers.slow={kind: adam, beta2: 0.99, lr: {from: 0.001, to: 0.1, factor: 10}}",
            "--set",
            "optimizers.adam.beta2=[0.9,0.95]",
            "--set",
            "grid.batch=[4,16]",
            "--set",
            "grid.seeds=4",
            "--cost",
            "20%",
        ];
        Predict("many", more).AssertSucceeded();
        PilotPrediction made = PilotPrediction.Read(Path.Combine(Store("many"), "prediction-pilot-20.json"));
        Assert.Equal(
            ["sgd against adam (beta2=0.9)", "sgd against adam (beta2=0.95)", "sgd against slow"],
            made.Pairs.Select(p => $"{p.FirstName} against {p.SecondName}")
        );
        // One cell of SGD for each batch size, length and seed.
        Assert.Equal(
            made.Cells.Where(c => c.Optimizer == "sgd").Select(c => (c.Batch, c.Samples, c.Seed)).Distinct().Count(),
            made.Cells.Count(c => c.Optimizer == "sgd")
        );
        Assert.Equal(["slow"], made.Curves.Select(c => c.Second));
    }

    [Fact]
    public void A_script_is_told_the_shorter_length_and_its_gap_is_found()
    {
        // The script's loss falls with the samples it is told to train on; SGD falls behind from batch size 23 on.
        string script = ScriptFolder.Train.Replace(
            "loss = 1 + gap",
            "loss = 1 + 4 * (steps * batch / 25600) ^ -0.2 + 4 * gap",
            StringComparison.Ordinal
        );
        using var folder = new ScriptFolder(
            script,
            study: ScriptFolder
                .Study.Replace("[8, 64], seeds: 3", "[8, 32, 128], seeds: 4", StringComparison.Ordinal)
                .Replace("640", "25600", StringComparison.Ordinal)
        );
        ProgramEnd end = StartedProgram.Run(folder.Path, "predict", folder.StudyFile, "--store", "store", "--cost", "20%", "--json");
        end.AssertSucceeded();
        PilotPrediction made = PilotPrediction.Read(Path.Combine(folder.Store, "prediction-pilot-20.json"));
        Assert.Equal(folder.Ledger.Count(l => l.StartsWith("begin ", StringComparison.Ordinal)), made.Cells.Sum(c => c.Tried.Count));
        Assert.Equal([1600L, 6400, 25600], made.Cells.Select(c => c.Samples).Distinct().Order());
        // SGD is best at 0.1, Adam at 0.01, wherever they are looked for.
        Assert.All(made.Cells, c => Assert.InRange(c.Rate!.Value / (c.Optimizer == "sgd" ? 0.1 : 0.01), 0.45, 2.2));
        GapPrediction curve = Assert.Single(made.Curves);
        Assert.True(curve.Gaps[0].Gap < 0 && curve.Gaps[^1].Gap > 0, end.Output);
        Assert.False(Directory.Exists(Path.Combine(folder.Store, "runs")));
    }

    [Fact]
    public void A_script_that_cannot_be_told_its_length_is_refused_in_a_line()
    {
        using var folder = new ScriptFolder(
            run: ScriptFolder.Run.Replace("--steps, \"{steps}\", ", "", StringComparison.Ordinal),
            study: ScriptFolder.Study.Replace("samples: 640", "steps: 640", StringComparison.Ordinal)
        );
        string line = StartedProgram.Run(folder.Path, "predict", folder.StudyFile, "--store", "store").AssertRefused();
        Assert.Contains("the study's budget is in steps", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Store));
    }
}
