// gaplab backtest: predicted curves against what stores measured. Pure C#.
using System.CommandLine;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Prediction;

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
        var pair = new PairOptions(byMomentum: false);
        var output = new PagedOutput();
        var command = new GaplabCommand("backtest", "hold predicted gaps and crossovers against measured ones") { stores, output.Html };
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            var pairs = new List<BacktestPair>();
            var read = new List<RunStore>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                AtWork.On($"analysing the runs of {path}");
                (var store, var document) = StudyArguments.OpenStore(parsed, path);
                read.Add(store);
                var predicted = new StoreBacktest(path, document, store);
                pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
                pairs.AddRange(
                    predicted.Pairs(pair.Options(parsed, predicted.Pair), pair.NamesPair(parsed), output.Words(parsed).WriteLine)
                );
            }
            string names = string.Join(' ', parsed.GetRequiredValue(stores));
            var answer = new BacktestAnswer(Backtest.ByMethod(pairs), StoreIntegrity.Of(read).Describe(names), $"gaplab backtest {names}");
            return output.Give(parsed, answer, stores: read);
        });
        return command;
    }
}
