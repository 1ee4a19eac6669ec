// gaplab explain: which measured quantity predicts the gap in comparisons that were left out. Pure C#.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Cli;

internal static class ExplainCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("store")
        {
            Description = "stores with finished runs; three comparisons or more in all",
            Arity = ArgumentArity.OneOrMore,
        };
        var predictor = new Option<string?>("--predictor")
        {
            Description = "the explanation that the page draws the gaps against (default the best)",
        };
        var pair = new PairOptions(byMomentum: false);
        var output = new PagedOutput();
        var command = new GaplabCommand(
            "explain",
            "score every measured explanation of the gap on comparisons that were left out",
            examples: [new("stores/first stores/second stores/third", "which quantity predicts the gap where it was left out")]
        )
        {
            stores,
            output.Html,
            predictor,
        };
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            string? shown = parsed.GetValue(predictor);
            if (shown is not null && parsed.GetValue(output.Html) is null && !PictureOptions.Asked(parsed))
                throw new InputException(
                    "--predictor got an explanation to draw, but there is no page; expected --html FILE, --svg FILE or --png FILE beside it"
                );
            if (shown is not null && !MeasuredExplanations.Known.Contains(shown))
                throw new InputException($"--predictor got '{shown}'; expected one of: {string.Join("; ", MeasuredExplanations.Known)}");
            var read = new List<(RunStore Store, PlanDocument Document, GapAnalysis Analysis)>();
            foreach (string path in parsed.GetRequiredValue(stores))
            {
                AtWork.On($"analysing the runs of {path}");
                (var store, var document) = StudyArguments.OpenStill(parsed, path);
                pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
                if (StudySpec.IsHigherBetter(document.Study.Metric))
                    throw new InputException($"{path}: the metric is a score; explanations are of gaps in losses");
                var report = new StudyReport(document, store);
                read.Add((store, document, report.Analyse(pair.Options(parsed, report.DefaultPair()))));
            }
            if (read.Select(r => (r.Analysis.First, r.Analysis.Second)).Distinct().Count() > 1)
                throw new InputException("the stores compare different optimizers; name two that all of them have with --pair");
            AtWork.On("measuring and scoring the proposed explanations");
            MeasuredExplanations found = MeasuredExplanations.Of(read);
            if (found.Rows.Select(r => r.Setting).Distinct().Count() is var comparisons && comparisons < LeftOutSettings.Fewest)
                throw new InputException(
                    $"comparisons with a gap: {comparisons}; expected at least {LeftOutSettings.Fewest}, because each is predicted from "
                        + "the others: name more stores"
                );
            if (shown is not null && !found.Names.Contains(shown))
                throw new InputException(
                    $"--predictor got '{shown}', which these stores do not have; expected one of: {string.Join("; ", found.Names)}"
                );
            string names = string.Join(' ', parsed.GetRequiredValue(stores));
            RunStore[] opened = [.. read.Select(r => r.Store)];
            var answer = new ExplainAnswer
            {
                Compared = $"{read[0].Analysis.First} with {read[0].Analysis.Second}",
                Names = found.Names,
                Rows = found.Rows,
                Scores = ExplanationScores.Of(found.Rows, found.Names, ExplanationFits.Ridge, together: true),
                Shown = shown,
                Source = StoreIntegrity.Of(opened).Describe(names),
                Command = $"gaplab explain {names}",
            };
            return output.Give(parsed, answer, stores: opened);
        });
        return command;
    }
}
