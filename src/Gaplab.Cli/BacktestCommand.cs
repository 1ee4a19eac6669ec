// gaplab backtest: predicted curves against what stores measured. Pure C#.
using System.CommandLine;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Backtesting;

namespace Gaplab.Cli;

internal static class BacktestCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("store")
        {
            Description = $"stores that hold predictions (gaplab predict STUDY, or … --out STORE/{GapPrediction.FileName})",
            Arity = ArgumentArity.OneOrMore,
        };
        var pair = new PairOptions(byMomentum: false);
        var output = new PagedOutput();
        var command = new GaplabCommand(
            "backtest",
            "hold predicted gaps and crossovers against measured ones",
            examples: [new("stores/quickstart --html backtest.html", "predictions made before the sweep against what it found")]
        )
        {
            stores,
            output.Html,
        };
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            var pairs = new List<BacktestPair>();
            var forecasts = new List<ForecastTask>();
            var read = new List<RunStore>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                AtWork.On($"analysing the runs of {path}");
                (var store, var document) = StudyArguments.OpenStill(parsed, path);
                read.Add(store);
                var predicted = new StoreBacktest(path, document, store);
                pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
                pairs.AddRange(
                    predicted.Pairs(pair.Options(parsed, predicted.Pair), pair.NamesPair(parsed), output.Words(parsed).WriteLine)
                );
                forecasts.AddRange(predicted.Forecasts(output.Words(parsed).WriteLine));
            }
            string names = string.Join(' ', parsed.GetRequiredValue(stores));
            var answer = new BacktestAnswer(Backtest.ByMethod(pairs), StoreIntegrity.Of(read).Describe(names), $"gaplab backtest {names}")
            {
                Standings = Standings(forecasts),
            };
            return output.Give(parsed, answer, stores: read);
        });
        return command;
    }

    /// <summary>Every forecaster beside the dearest pilot that most tasks have.</summary>
    private static IReadOnlyList<ForecastStanding> Standings(List<ForecastTask> tasks) =>
        tasks
            .SelectMany(t => t.Forecasts.Keys)
            .GroupBy(k => k)
            .OrderBy(g => g.Count())
            .ThenBy(g => g.Key.Length)
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .LastOrDefault()
            is { } own
            ? ForecastTrial.Of(tasks, own.Key, new RelevanceBand())
            : [];
}
