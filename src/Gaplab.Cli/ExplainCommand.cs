// gaplab explain: which measured quantity predicts the gap in settings that were left out. Pure C#.
using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class ExplainCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var stores = new Argument<string[]>("store") { Description = "stores with finished runs; three settings or more in all", Arity = ArgumentArity.OneOrMore };
        var output = new AnalysisOutput();
        var command = new Command("explain", "score every measured explanation of the gap on settings that were left out") { stores };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            var read = new List<(Gaplab.Results.Store.RunStore, PlanDocument, GapAnalysis)>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                (var store, var document) = StudyArguments.OpenStore(path);
                output.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
                if (StudySpec.IsHigherBetter(document.Study.Metric)) throw new InputException($"{path}: the metric is a score; explanations are of gaps in losses");
                var report = new StudyReport(document, store);
                read.Add((store, document, report.Analyse(output.Options(parsed, report.DefaultPair()))));
            }
            if (read.Select(r => (r.Item3.First, r.Item3.Second)).Distinct().Count() > 1) throw new InputException("the stores compare different optimizers; name two that all of them have with --pair");
            GapPredictors found = GapPredictors.Of(read);
            IReadOnlyList<PredictorScore> scores = PredictorScores.Of(found.Names, found.Rows);
            if (output.Json(parsed)) Console.Out.WriteLine(Json(found, scores).ToJsonString(Indented));
            else Print(found, scores);
            return CommandRunner.Done;
        });
        return command;
    }

    private static void Print(GapPredictors found, IReadOnlyList<PredictorScore> scores)
    {
        Console.WriteLine($"{found.Rows.Count} gaps of {found.Rows.Select(r => r.Setting).Distinct().Count()} settings. 'left out' tells how well a setting is predicted from the others: 1 perfectly, 0 no better than by their mean.");
        Console.WriteLine();
        Console.WriteLine($"{"predictor",-38} {"gaps",5} {"settings",8} {"left out",9} {"rank correlation",17}   {"95% interval",-16} {"p (Holm)",8}");
        foreach (PredictorScore s in scores.OrderByDescending(s => double.IsNaN(s.R2) ? double.NegativeInfinity : s.R2))
            Console.WriteLine($"{s.Name,-38} {s.Rows,5} {s.Settings,8} {Signed(s.R2),9} {Signed(s.Spearman),17}   {(double.IsNaN(s.Interval.Low) ? "–" : $"{Signed(s.Interval.Low)} … {Signed(s.Interval.High)}"),-16} {(double.IsNaN(s.Adjusted) ? "–" : s.Adjusted.ToString("0.000", CultureInfo.InvariantCulture)),8}");
    }

    private static JsonObject Json(GapPredictors found, IReadOnlyList<PredictorScore> scores) => new()
    {
        ["scores"] = new JsonArray([.. scores.Select(s => (JsonNode?)new JsonObject
        {
            ["name"] = s.Name, ["gaps"] = s.Rows, ["settings"] = s.Settings, ["leftOutPrediction"] = Number(s.R2), ["rankCorrelation"] = Number(s.Spearman),
            ["low"] = Number(s.Interval.Low), ["high"] = Number(s.Interval.High), ["p"] = Number(s.PValue), ["adjusted"] = Number(s.Adjusted),
        })]),
        ["rows"] = new JsonArray([.. found.Rows.Select(r =>
        {
            var row = new JsonObject { ["setting"] = r.Setting, ["batch"] = r.Batch, ["relativeGap"] = r.Gap };
            for (int i = 0; i < found.Names.Count; i++) row[found.Names[i]] = Number(r.Predictors[i]);
            return (JsonNode?)row;
        })]),
    };

    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;

    private static string Signed(double value) => double.IsNaN(value) ? "–" : value.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
}
