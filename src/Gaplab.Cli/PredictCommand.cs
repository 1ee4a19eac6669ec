// gaplab predict: the gap and its crossover from a quadratic, a probe or a study that is probed first. Only the last needs libtorch.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Running;
using Gaplab.Theory.GapModel;

namespace Gaplab.Cli;

internal static class PredictCommand
{
    public static Command Create()
    {
        var study = new StudyPrediction();
        Argument<string> file = study.Study.File;
        file.Description = "a study (YAML; a short probe is run first), a YAML file with 'kind: quadratic', or a probe.json";
        var brute = new Option<bool>("--brute-force")
        {
            Description = "also run the true algorithms on the quadratic, at the model's learning rates",
        };
        var output = new DocumentOutput();
        var write = new OutputOption(
            "--out",
            "also write the prediction to this file, for gaplab backtest and advise (of a study: prediction.json in its store, always)"
        );
        var command = new Command(
            "predict",
            "the gap against batch size and its crossover, from a model of what was measured instead of from a sweep"
        )
        {
            file,
            brute,
            output.Json,
            output.Html,
            write,
        };
        foreach (Option option in study.Options)
            command.Add(option);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            bool simulate = parsed.GetValue(brute);
            TextWriter words = output.Words(parsed);
            AtWork.On($"computing the gap of {path}{(simulate ? ", and simulating the true algorithms" : "")}");
            var runs = new List<(PredictionRun Run, string? File)>();
            if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                if (simulate)
                    throw new InputException("--brute-force got a probe; it needs a file with 'kind: quadratic'");
                study.Refuse(parsed, "a probe");
                runs.Add((PredictionRun.Of(ProbeJson.Read(path)), null));
            }
            else if (!QuadraticFile.Is(path))
            {
                if (simulate)
                    throw new InputException("--brute-force got a study; it needs a file with 'kind: quadratic'");
                if (study.Miniature.Asked(parsed))
                {
                    study.RefuseAt(parsed);
                    if (parsed.GetValue(write) is { } to)
                        throw new InputException($"--out got '{to}'; a miniature's predictions go to the study's store");
                    return study.Miniature.Run(parsed, study.PairOf(parsed), output);
                }
                foreach ((ComparisonKey key, Probe probe, PredictionFiles files) in study.Run(parsed, parsed.GetValue(write), words))
                {
                    AtWork.On(key.Heading.Length == 0 ? "computing the gap from the probe" : $"computing the gap of {key} from its probe");
                    runs.Add((PredictionRun.Of(probe, key.Heading), files.Prediction));
                }
            }
            else
            {
                study.Refuse(parsed, "a quadratic");
                runs.Add((PredictionRun.Of(QuadraticFile.Read(path), simulate), null));
            }
            if (output.Html.Of(parsed) is { } page)
            {
                ReportWriter.Write(
                    page,
                    PredictionReport.Build([.. runs.Select(r => r.Run)], Path.GetFileName(path), $"Gaplab {RunEnvironment.Version}"),
                    ReportBundle.Load()
                );
                words.WriteLine($"report: {page.Path}");
            }
            foreach ((PredictionRun run, string? kept) in runs)
            {
                if (kept is not null)
                    run.Prediction.Write(kept);
                if (write.Of(parsed) is { } asked)
                    run.Prediction.Write(asked);
                foreach (string to in ((string?[])[kept, parsed.GetValue(write)]).OfType<string>())
                    words.WriteLine($"prediction: {to}");
            }
            if (parsed.GetValue(output.Json))
                Console.Out.WriteLine(
                    (
                        runs is [var only]
                            ? Json(only.Run)
                            : new JsonObject { ["comparisons"] = new JsonArray([.. runs.Select(r => (JsonNode?)Json(r.Run))]) }
                    ).ToJsonString(DocumentOutput.Format)
                );
            else
                foreach ((PredictionRun run, _) in runs)
                {
                    if (run.Prediction.Comparison.Length > 0)
                        Console.WriteLine($"[{run.Prediction.Comparison}]");
                    Print(run);
                    if (runs.Count > 1)
                        Console.WriteLine();
                }
            return CommandRunner.Done;
        });
        return command;
    }

    private static JsonObject Json(PredictionRun run)
    {
        JsonObject json = run.Prediction.ToJson();
        json["title"] = run.Title;
        json["headline"] = PredictionReport.Headline(run);
        json["points"] = new JsonArray([
            .. run.Curve.Points.Select(p =>
                (JsonNode?)
                    new JsonObject
                    {
                        ["batch"] = p.Batch,
                        ["steps"] = p.Steps,
                        ["gap"] = p.Gap,
                        ["first"] = Tuned(run.Setting, p.First),
                        ["second"] = Tuned(run.Setting, p.Second),
                    }
            ),
        ]);
        json["crossings"] = new JsonArray([
            .. run.Curve.Crossings.Select(c =>
                (JsonNode?)
                    new JsonObject
                    {
                        ["batch"] = c.Batch,
                        ["toSecond"] = c.ToSecond,
                        ["slopePerOctave"] = c.Slope,
                    }
            ),
        ]);
        json["sensitivity"] = new JsonArray([
            .. run.Sensitivities.Select(s =>
                (JsonNode?)
                    new JsonObject
                    {
                        ["input"] = s.Input,
                        ["change"] = s.Change,
                        ["low"] = s.Low,
                        ["high"] = s.High,
                        ["elasticity"] = s.Elasticity,
                    }
            ),
        ]);
        json["bruteForce"] = new JsonArray([
            .. run.Simulated.Select(s =>
                (JsonNode?)
                    new JsonObject
                    {
                        ["batch"] = s.Batch,
                        ["gap"] = s.Gap.Value,
                        ["standardError"] = s.Gap.StandardError,
                        ["firstLoss"] = s.FirstLoss,
                        ["secondLoss"] = s.SecondLoss,
                    }
            ),
        ]);
        json["curves"] = new JsonArray([
            .. run.Losses.Select(c =>
                (JsonNode?)
                    new JsonObject
                    {
                        ["batch"] = c.Batch,
                        ["optimizer"] = c.Optimizer,
                        ["steps"] = new JsonArray([.. c.Points.Select(p => (JsonNode?)p.Step)]),
                        ["losses"] = new JsonArray([.. c.Points.Select(p => (JsonNode?)p.Loss)]),
                    }
            ),
        ]);
        if (run.Setting.Fit is { } fit)
            json["fit"] = new JsonObject
            {
                ["floor"] = fit.Floor,
                ["firstTilt"] = fit.FirstTilt,
                ["secondTilt"] = fit.SecondTilt,
                ["firstError"] = fit.FirstError,
                ["secondError"] = fit.SecondError,
            };
        json["resamples"] = run.Resamples;
        json["agreeing"] = run.Agreeing;
        return json;
    }

    private static JsonObject Tuned(GapSetting setting, TunedRate t) =>
        new()
        {
            ["optimizer"] = t.Optimizer.Description,
            ["rate"] = t.Rate,
            ["loss"] = setting.WholeLoss(t),
            ["edge"] = t.Edge.ToString().ToLowerInvariant(),
        };

    private static void Print(PredictionRun run)
    {
        Console.WriteLine(PredictionReport.Headline(run));
        Console.WriteLine();
        Console.WriteLine(
            $"   batch    steps    {run.Prediction.First, -10} at lr        {run.Prediction.Second, -10} at lr        gap      "
                + $"{(run.Simulated.Count > 0 ? "true algorithms" : run.Resamples > 0 ? "95% interval" : "")}"
        );
        for (int i = 0; i < run.Curve.Points.Count; i++)
        {
            GapPoint p = run.Curve.Points[i];
            string beside =
                run.Simulated.Count > 0
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{NumberText.Signed(run.Simulated[i].Gap.Value)} ± " + $"{run.Simulated[i].Gap.StandardError:0.0000}"
                    )
                : run.Prediction.Gaps[i] is { Low: { } low, High: { } high } ? $"{NumberText.Signed(low)} … {NumberText.Signed(high)}"
                : "";
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{p.Batch, 8:g6} {p.Steps, 8}    {run.Setting.WholeLoss(p.First), -10:g5} "
                        + $"{p.First.Rate, -12:g4} "
                        + $"{run.Setting.WholeLoss(p.Second), -10:g5} {p.Second.Rate, -12:g4} {NumberText.Signed(p.Gap), -8} {beside}"
                )
            );
        }
        if (run.Setting.Fit is { } fit)
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"\nfit to the trial runs: losses of {run.Prediction.First} off by "
                        + $"{Missed(fit.FirstError)}, of "
                        + $"{run.Prediction.Second} by {Missed(fit.SecondError)} (rms), with floor {fit.Floor:g5} and tilts "
                        + $"{fit.FirstTilt:0.0} and {fit.SecondTilt:0.0}"
                )
            );
        if (run.Sensitivities.Count == 0)
            return;
        Console.WriteLine();
        Console.WriteLine("what moves B*:");
        foreach (Sensitivity s in run.Sensitivities)
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"  {s.Input, -38} {s.Change, -34} B* {Batch(s.Low)} … " + $"{Batch(s.High)}")
            );
    }

    private static string Missed(double? error) => error is { } value ? PredictionReport.Missed(value) : NumberText.None;

    private static string Batch(double? batch) => batch is { } value ? value.ToString("g3", CultureInfo.InvariantCulture) : "none";
}
