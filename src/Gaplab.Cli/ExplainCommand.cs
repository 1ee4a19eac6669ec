// gaplab explain: which measured quantity predicts the gap in settings that were left out. Pure C#.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class ExplainCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("store")
        {
            Description = "stores with finished runs; three settings or more in all",
            Arity = ArgumentArity.OneOrMore,
        };
        var predictor = new Option<string?>("--predictor")
        {
            Description = "the predictor that the page draws the gaps against (default the best)",
        };
        PairOptions output = new PairOptions(byMomentum: false);
        var command = new Command("explain", "score every measured explanation of the gap on settings that were left out")
        {
            stores,
            output.Document.Html,
            predictor,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(predictor) is not null && parsed.GetValue(output.Document.Html) is null)
                throw new InputException("--predictor got a predictor to draw, but there is no page; expected --html FILE beside it");
            var read = new List<(RunStore, PlanDocument, GapAnalysis)>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                AtWork.On($"analysing the runs of {path}");
                (var store, var document) = StudyArguments.OpenStore(path);
                output.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
                if (StudySpec.IsHigherBetter(document.Study.Metric))
                    throw new InputException($"{path}: the metric is a score; explanations are of gaps in losses");
                var report = new StudyReport(document, store);
                read.Add((store, document, report.Analyse(output.Options(parsed, report.DefaultPair()))));
            }
            if (read.Select(r => (r.Item3.First, r.Item3.Second)).Distinct().Count() > 1)
                throw new InputException("the stores compare different optimizers; name two that all of them have with --pair");
            AtWork.On("measuring and scoring the proposed explanations");
            GapPredictors found = GapPredictors.Of(read);
            RunStore[] opened = [.. read.Select(r => r.Item1)];
            if (parsed.GetValue(predictor) is { } asked && !found.Names.Contains(asked))
                throw new InputException(
                    $"--predictor got '{asked}', which these stores do not have; expected one of: {string.Join("; ", found.Names)}"
                );
            IReadOnlyList<PredictorScore> scores = PredictorScores.Of(found.Names, found.Rows);
            if (output.Document.Html.Of(parsed) is { } page)
            {
                string names = string.Join(' ', parsed.GetRequiredValue(stores)),
                    made = $"gaplab explain {names}";
                string shown = parsed.GetValue(predictor) ?? ExplainSections.Ranked(scores).First(s => s.Correlation is not null).Name;
                ReportWriter.Write(
                    page,
                    new Report
                    {
                        Title = "What explains the gap",
                        Headline = ExplainSections.Headline(scores),
                        Command = made,
                        Generator = $"Gaplab {RunEnvironment.Version}",
                        Facts =
                        [
                            new("compared", $"{read[0].Item3.First} with {read[0].Item3.Second}"),
                            new("gaps", NumberText.Count(found.Rows.Count)),
                            new("settings", NumberText.Count(found.Rows.Select(r => r.Setting).Distinct().Count())),
                        ],
                        Sections =
                        [
                            .. ExplainSections.Of(
                                found.Names,
                                found.Rows,
                                scores,
                                shown,
                                new Provenance(StoreIntegrity.Of(opened).Describe(names), made, [])
                            ),
                        ],
                    },
                    ReportBundle.Load()
                );
                output.Words(parsed).WriteLine($"report: {page.Path}");
            }
            if (output.Json(parsed))
                Console.Out.WriteLine(StoreCheck.With(Json(found, scores), opened).ToJsonString(DocumentOutput.Format));
            else
                Print(found, scores);
            StoreCheck.Print(output.Words(parsed), opened);
            return StoreCheck.Tell(CommandRunner.Done, opened);
        });
        return command;
    }

    private static void Print(GapPredictors found, IReadOnlyList<PredictorScore> scores)
    {
        Console.WriteLine(
            $"{found.Rows.Count} gaps of {found.Rows.Select(r => r.Setting).Distinct().Count()} settings. 'left out' tells how well a "
                + $"setting is predicted from the others: 1 perfectly, 0 no better than by their mean."
        );
        Console.WriteLine();
        Console.WriteLine(
            $"{"predictor", -40} {"gaps", 5} {"settings", 8} {"left out", 9} {"rank correlation", 17}   {"95% interval", -16} "
                + $"{"p (Holm)", 8}"
        );
        foreach (PredictorScore s in ExplainSections.Ranked(scores))
        {
            SettingCorrelation? c = s.Correlation;
            string interval = c?.Interval is { Low: { } low, High: { } high }
                ? $"{NumberText.Correlation(low)} … {NumberText.Correlation(high)}"
                : NumberText.None;
            Console.WriteLine(
                $"{s.Name, -40} {s.Rows, 5} {s.Settings, 8} {NumberText.Correlation(s.R2), 9} {NumberText.Correlation(c?.Value), 17}   "
                    + $"{interval, -16} {c?.Adjusted?.ToString("0.000", CultureInfo.InvariantCulture) ?? NumberText.None, 8}"
            );
        }
        Console.WriteLine();
        Console.WriteLine(ExplainSections.Caution(scores));
    }

    private static JsonObject Json(GapPredictors found, IReadOnlyList<PredictorScore> scores) =>
        new()
        {
            ["scores"] = new JsonArray([
                .. scores.Select(s =>
                    (JsonNode?)
                        new JsonObject
                        {
                            ["name"] = s.Name,
                            ["gaps"] = s.Rows,
                            ["settings"] = s.Settings,
                            ["leftOutPrediction"] = Number(s.R2),
                            ["rankCorrelation"] = s.Correlation?.Value,
                            ["low"] = s.Correlation?.Interval.Low,
                            ["high"] = s.Correlation?.Interval.High,
                            ["p"] = s.Correlation?.PValue,
                            ["adjusted"] = s.Correlation?.Adjusted,
                        }
                ),
            ]),
            ["rows"] = new JsonArray([
                .. found.Rows.Select(r =>
                {
                    var row = new JsonObject
                    {
                        ["setting"] = r.Setting,
                        ["batch"] = r.Batch,
                        ["relativeGap"] = r.Gap,
                    };
                    for (int i = 0; i < found.Names.Count; i++)
                        row[found.Names[i]] = Number(r.Predictors[i]);
                    return (JsonNode?)row;
                }),
            ]),
        };

    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}
