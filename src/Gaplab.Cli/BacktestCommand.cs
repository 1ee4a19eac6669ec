// gaplab backtest: predicted curves against what stores measured. Pure C#.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class BacktestCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("store")
        {
            Description = $"stores that hold a {GapPrediction.FileName} (gaplab predict … --out STORE/{GapPrediction.FileName})",
            Arity = ArgumentArity.OneOrMore,
        };
        PairOptions output = new PairOptions(byMomentum: false);
        var command = new Command("backtest", "hold predicted gaps and crossovers against measured ones") { stores, output.Document.Html };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            var pairs = new List<BacktestPair>();
            var read = new List<RunStore>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                AtWork.On($"analysing the runs of {path}");
                (var store, var document) = StudyArguments.OpenStore(path);
                read.Add(store);
                var report = new StudyReport(document, store);
                ComparisonKey[] keys = [.. document.ToPlan().Comparisons.Select(c => c.Key)];
                IReadOnlyList<GapPrediction>[] predictions = [.. keys.Select(k => PredictionFiles.AllOf(store, k))];
                GapPrediction any =
                    predictions.SelectMany(p => p).FirstOrDefault()
                    ?? throw new InputException(
                        $"{path} holds no prediction of its {(keys.Length == 1 ? "comparison" : "comparisons")}; make one with gaplab "
                            + $"predict STUDY.yaml, or gaplab predict probe.json --out {PredictionFiles.Of(store, keys[0]).Prediction}"
                    );
                output.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
                AnalysisOptions pair = output.Options(parsed, (any.First, any.Second));
                bool OfPair(GapPrediction p) => (p.First, p.Second) == (pair.First, pair.Second);
                if (output.NamesPair(parsed) && predictions.Any(p => p.Any(OfPair)))
                    predictions = [.. predictions.Select(p => p.Where(OfPair).ToArray())];
                if (predictions.SelectMany(p => p).FirstOrDefault(p => !OfPair(p)) is { } other)
                    throw new InputException(
                        $"{path}{(other.Comparison.Length > 0 ? $", {other.Comparison}" : "")}: predicted for {other.First} against {other.Second}, "
                            + $"not for {pair.First} against {pair.Second}; predict it for that pair, or name another with --pair"
                    );
                GapAnalysis analysis = report.Analyse(pair);
                if (analysis.HigherIsBetter)
                    throw new InputException($"{path}: the metric is a score; predictions are of losses");
                foreach ((ComparisonKey key, IReadOnlyList<GapPrediction> made) in keys.Zip(predictions))
                {
                    ComparisonAnalysis? comparison = analysis.Of(key);
                    if (made.Count == 0 || comparison is null)
                        output
                            .Words(parsed)
                            .WriteLine($"left out   {path}, {key}: {(comparison is null ? "no finished runs" : "no prediction")}");
                    else
                        pairs.AddRange(
                            made.Select(prediction => new BacktestPair(
                                keys.Length == 1 ? document.Study.Name : Name(document.Study.Name, key),
                                prediction,
                                comparison
                            ))
                        );
                }
            }
            IReadOnlyList<Backtest> tests = Backtest.ByMethod(pairs);
            string names = string.Join(' ', parsed.GetRequiredValue(stores));
            if (output.Document.Html.Of(parsed) is { } page)
            {
                var made = new Report
                {
                    Title = "Back-test",
                    Headline = string.Join(" ", BacktestSection.Headlines(tests)),
                    Command = $"gaplab backtest {names}",
                    Generator = $"Gaplab {RunEnvironment.Version}",
                    Sections =
                    [
                        .. BacktestSection.Of(
                            tests,
                            new Provenance(StoreIntegrity.Of(read).Describe(names), $"gaplab backtest {names}", [])
                        ),
                    ],
                };
                ReportWriter.Write(page, made, ReportBundle.Load());
                output.Words(parsed).WriteLine($"report: {page.Path}");
            }
            if (output.Json(parsed))
                Console.Out.WriteLine(
                    StoreCheck
                        .With(
                            JsonSerializer
                                .SerializeToNode(
                                    new
                                    {
                                        methods = tests.Select(t => new
                                        {
                                            method = t.Method,
                                            headline = BacktestSection.Headline(t),
                                            gaps = t.Gaps,
                                            crossovers = t.Crossovers,
                                        }),
                                    },
                                    DocumentOutput.Format
                                )!
                                .AsObject(),
                            read
                        )
                        .ToJsonString(DocumentOutput.Format)
                );
            else
                Print(tests);
            StoreCheck.Print(output.Words(parsed), read);
            return StoreCheck.Tell(CommandRunner.Done, read);
        });
        return command;
    }

    private static void Print(IReadOnlyList<Backtest> tests)
    {
        foreach (string line in BacktestSection.Headlines(tests))
            Console.WriteLine(line);
        foreach (Backtest backtest in tests)
        {
            Console.WriteLine();
            if (tests.Count > 1)
                Console.WriteLine($"[{backtest.Method}]");
            foreach (BacktestGap c in backtest.Gaps)
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{c.Name, -24} batch {c.Batch, 6}  predicted {Signed(c.Predicted), 9}  measured {Signed(c.LogRatio), 9}  "
                            + $"{(c.SignRight is { } right ? right ? "right" : "wrong" : "not judged")}"
                    )
                );
            foreach (BacktestCrossover c in backtest.Crossovers)
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{c.Name, -24} B* predicted {Short(c.Predicted)}, measured "
                            + $"{Short(c.Measured)}{(c.Determined ? "" : " (not determined)")}"
                    )
                );
        }
    }

    /// <summary>The setting's own name where that is all of the key.</summary>
    private static string Name(string study, ComparisonKey key) =>
        key.Pairs is [{ Key: "setting", Value: var only }] ? only : $"{study}, {key}";

    private static string Signed(double? value) => value is { } v ? NumberText.Signed(v) : NumberText.None;

    private static string Short(double? value) => value is { } v ? NumberText.Short(v) : NumberText.None;
}
