// The answer of gaplab predict: the gap and its crossover by the model, for one comparison or for those of a study.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <param name="Runs">At least one.</param>
/// <param name="Source">The file that was predicted from, as the page names it.</param>
public sealed record PredictionAnswer(IReadOnlyList<PredictionRun> Runs, string Source) : IPagedAnswer
{
    public IEnumerable<string> Lines()
    {
        foreach (PredictionRun run in Runs)
        {
            if (run.Prediction.Comparison.Length > 0)
                yield return $"[{run.Prediction.Comparison}]";
            foreach (string line in Lines(run))
                yield return line;
            if (Runs.Count > 1)
                yield return "";
        }
    }

    public JsonNode Json() => Runs is [var only] ? Json(only) : new JsonObject { ["comparisons"] = AnswerJson.Each(Runs, Json) };

    public Report Page() => PredictionReport.Build(Runs, Source);

    private static IEnumerable<string> Lines(PredictionRun run)
    {
        yield return PredictionReport.Headline(run);
        yield return "";
        yield return $"   batch    steps    {run.Prediction.First, -10} at lr        {run.Prediction.Second, -10} at lr        gap      "
            + $"{(run.Simulated.Count > 0 ? "true algorithms" : run.Resamples > 0 ? "95% interval" : "")}";
        for (int i = 0; i < run.Curve.Points.Count; i++)
        {
            GapPoint p = run.Curve.Points[i];
            string beside =
                run.Simulated.Count > 0
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{NumberText.Signed(run.Simulated[i].Gap.Value)} ± {run.Simulated[i].Gap.StandardError:0.0000}"
                    )
                : run.Prediction.Gaps[i] is { Low: { } low, High: { } high } ? $"{NumberText.Signed(low)} … {NumberText.Signed(high)}"
                : "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{p.Batch, 8:g6} {p.Steps, 8}    {run.Setting.WholeLoss(p.First), -10:g5} "
                    + $"{p.First.Rate, -12:g4} "
                    + $"{run.Setting.WholeLoss(p.Second), -10:g5} {p.Second.Rate, -12:g4} {NumberText.Signed(p.Gap), -8} {beside}"
            );
        }
        if (run.Setting.Fit is { } fit)
        {
            yield return "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"fit to the trial runs: losses of {run.Prediction.First} off by "
                    + $"{Missed(fit.FirstError)}, of "
                    + $"{run.Prediction.Second} by {Missed(fit.SecondError)} (rms), with floor {fit.Floor:g5} and tilts "
                    + $"{fit.FirstTilt:0.0} and {fit.SecondTilt:0.0}"
            );
        }
        if (run.Sensitivities.Count == 0)
            yield break;
        yield return "";
        yield return "what moves B*:";
        foreach (Sensitivity s in run.Sensitivities)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  {s.Input, -38} {s.Change, -34} B* {Batch(s.Low)} … {Batch(s.High)}"
            );
    }

    private static JsonObject Json(PredictionRun run)
    {
        JsonObject json = run.Prediction.ToJson();
        json["title"] = run.Title;
        json["headline"] = PredictionReport.Headline(run);
        json["points"] = AnswerJson.Each(
            run.Curve.Points,
            p => new JsonObject
            {
                ["batch"] = p.Batch,
                ["steps"] = p.Steps,
                ["gap"] = p.Gap,
                ["first"] = Tuned(run.Setting, p.First),
                ["second"] = Tuned(run.Setting, p.Second),
            }
        );
        json["crossings"] = AnswerJson.Each(
            run.Curve.Crossings,
            c => new JsonObject
            {
                ["batch"] = c.Batch,
                ["toSecond"] = c.ToSecond,
                ["slopePerOctave"] = c.Slope,
            }
        );
        json["sensitivity"] = AnswerJson.Each(
            run.Sensitivities,
            s => new JsonObject
            {
                ["input"] = s.Input,
                ["change"] = s.Change,
                ["low"] = s.Low,
                ["high"] = s.High,
                ["elasticity"] = s.Elasticity,
            }
        );
        json["bruteForce"] = AnswerJson.Each(
            run.Simulated,
            s => new JsonObject
            {
                ["batch"] = s.Batch,
                ["gap"] = s.Gap.Value,
                ["standardError"] = s.Gap.StandardError,
                ["firstLoss"] = s.FirstLoss,
                ["secondLoss"] = s.SecondLoss,
            }
        );
        json["curves"] = AnswerJson.Each(
            run.Losses,
            c => new JsonObject
            {
                ["batch"] = c.Batch,
                ["optimizer"] = c.Optimizer,
                ["steps"] = AnswerJson.Each(c.Points, p => p.Step),
                ["losses"] = AnswerJson.Each(c.Points, p => p.Loss),
            }
        );
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

    private static string Missed(double? error) => error is { } value ? PredictionReport.Missed(value) : NumberText.None;

    private static string Batch(double? batch) => batch is { } value ? value.ToString("g3", CultureInfo.InvariantCulture) : "none";

    PageKind IPagedAnswer.Kind => Kind;

    public static PageKind Kind { get; } =
        new(typeof(PredictionAnswer))
        {
            Name = "prediction",
            Says = "the gap and its crossover by the model, for one comparison or those of a study",
            Commands = ["predict"],
        };
}
