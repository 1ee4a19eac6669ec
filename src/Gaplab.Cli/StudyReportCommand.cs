// gaplab study report: the analysis and the page of a store. Needs no libtorch and not the data.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class StudyReportCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var page = new OutputOption("--html", "the page to write (default report.html in the store)");
        var metric = new Option<string?>("--metric") { Description = $"analyse another metric: {string.Join(", ", StudySpec.Metrics)}" };
        PairOptions output = new PairOptions();
        var command = new Command("report", "analyse a store and write its page") { store, page, metric };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStore(parsed.GetRequiredValue(store));
            if (parsed.GetValue(metric) is { } named && !StudySpec.Metrics.Contains(named))
                throw new InputException($"--metric got '{named}'; expected one of {string.Join(", ", StudySpec.Metrics)}");
            return Write(parsed, output, opened, document, opened.Root, page.Of(parsed), parsed.GetValue(metric));
        });
        return command;
    }

    /// <summary>Analyses, writes the page (without a file: report.html in the store), prints.</summary>
    public static int Write(
        ParseResult parsed,
        PairOptions output,
        RunStore store,
        PlanDocument document,
        string source,
        OutputFile? file,
        string? metric
    )
    {
        output.CheckPair(parsed, [.. document.Study.Optimizers.Select(o => o.Name)]);
        AtWork.On($"analysing the runs of {source}");
        var report = new StudyReport(document, store);
        GapAnalysis analysis = report.Analyse(
            output.Options(parsed, report.DefaultPair(), StudySpec.IsHigherBetter(metric ?? document.Study.Metric)),
            metric
        );
        store.AssertThere();
        string page = DocumentOutput.WritePage(
            file,
            Path.Combine(source, "report.html"),
            report.Build(analysis, source, $"Gaplab {RunEnvironment.Version}")
        );
        output.Print(parsed, analysis);
        output.Words(parsed).WriteLine($"report: {page}");
        StoreCheck.Print(output.Words(parsed), store);
        return StoreCheck.Tell(CommandRunner.Done, store);
    }
}
