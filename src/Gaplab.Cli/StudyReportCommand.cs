// gaplab study report: the analysis and the page of a store. Needs no libtorch and not the data.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Cli;

internal static class StudyReportCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var metric = new Option<string?>("--metric") { Description = $"analyse another metric: {string.Join(", ", StudySpec.Metrics)}" };
        var pair = new PairOptions();
        var output = new PagedOutput(StudyAnswer.Kind);
        var command = new GaplabCommand(
            "report",
            "analyse a store and write its page",
            Needs.Page,
            examples:
            [
                new("stores/quickstart", "analyse and write report.html into the store"),
                new("stores/quickstart --svg gap.svg --figure opening", "its main figure alone"),
            ]
        )
        {
            store,
            output.Html,
            metric,
        };
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStore(parsed, parsed.GetRequiredValue(store));
            if (parsed.GetValue(metric) is { } named && !StudySpec.Metrics.Contains(named))
                throw new InputException($"--metric got '{named}'; expected one of {string.Join(", ", StudySpec.Metrics)}");
            return Give(parsed, pair, output, opened, document, parsed.GetValue(metric));
        });
        return command;
    }

    /// <summary>Analyses the store and gives the answer; without a file named, its page is in the store.</summary>
    public static int Give(
        ParseResult parsed,
        PairOptions pair,
        PagedOutput output,
        RunStore store,
        PlanDocument document,
        string? metric = null
    )
    {
        store = store.Still();
        pair.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
        AtWork.On($"analysing the runs of {store.Root}");
        var report = new StudyReport(document, store);
        GapAnalysis analysis = report.Analyse(
            pair.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(metric ?? document.Study.Metric)),
            metric
        );
        return output.Give(parsed, new StudyAnswer(report, analysis, store.Root), folder: store.Root, stores: store);
    }
}
