// gaplab advise: Adam or SGD at this batch size, from a study's runs and its prediction.
using System.CommandLine;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Cli;

internal static class AdviseCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("study") { Description = "the study's file, or its store" };
        var batch = new Option<double>("--batch") { Description = "the batch size you would train at", Required = true };
        var pair = new PairOptions();
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "advise",
            "Adam or SGD at this batch size, how sure, what being wrong costs, memory and learning rates",
            examples: [new("stores/quickstart --batch 64", "which optimizer at this batch size, and what being wrong costs")]
        )
        {
            source,
            batch,
        };
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            double asked = parsed.GetValue(batch);
            if (!(asked >= 1) || !double.IsFinite(asked))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"--batch got {asked}; expected a batch size of at least 1")
                );
            (RunStore store, PlanDocument document) = StudyArguments.OpenStill(parsed, parsed.GetRequiredValue(source));
            pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
            AnalysisOptions compared = pair.Options(
                parsed,
                new StudyReport(document, store).DefaultPair(),
                StudySpec.IsHigherBetter(document.Study.Metric)
            );
            return output.Give(parsed, new StudyAdvice(document, store, compared).At(asked, pair.NamesPair(parsed)), stores: store);
        });
        return command;
    }
}
