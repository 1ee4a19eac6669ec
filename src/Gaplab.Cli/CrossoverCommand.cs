// gaplab crossover: the gap analysis of anyone's sweep table. Pure C#: it needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;
using Gaplab.Results.Report;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class CrossoverCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "a CSV table with optimizer, learning rate, batch size and metric columns, and optionally seed and momentum" };
        var map = new Option<string[]>("--map") { Description = "column=name: the file's column is our optimizer, lr, batch, seed, momentum, metric, …; may be repeated", AllowMultipleArgumentsPerToken = true };
        var metric = new Option<string?>("--metric") { Description = "the metric's column; a history column takes :tail, :min or :last" };
        var group = new Option<string?>("--group") { Description = "columns to compare separately, a,b (default: data, model, task and the like)" };
        var optimizer = new Option<string?>("--optimizer") { Description = "the optimizer of a table that has no such column" };
        var maximize = new Option<bool>("--maximize") { Description = "higher is better" };
        var html = new OutputOption("--html", "also write the report to this file");
        var output = new AnalysisOutput();
        var command = new Command("crossover", "where one optimizer overtakes the other, in a table of runs made by any framework") { file, map, metric, group, optimizer, maximize, html };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            AtWork.On($"analysing the runs of {path}");
            SweepTable table = SweepImport.Read(path, new ImportOptions
            {
                Map = parsed.GetValue(map) ?? [],
                Metric = parsed.GetValue(metric),
                Groups = parsed.GetValue(group)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                HigherIsBetter = parsed.GetValue(maximize),
                Optimizer = parsed.GetValue(optimizer),
            });
            GapAnalysis analysis = GapAnalysis.Analyse(table, output.Options(parsed, table.Optimizers, parsed.GetValue(maximize)));
            OutputFile? page = html.Of(parsed);
            if (page is not null)
            {
                Report report = CrossoverReport.Build(new CrossoverReportInput
                {
                    Analysis = analysis,
                    Title = Path.GetFileNameWithoutExtension(path),
                    Source = Path.GetFileName(path),
                    Command = $"gaplab crossover {Path.GetFileName(path)}",
                    Generator = $"Gaplab {RunEnvironment.Version}",
                });
                ReportWriter.Write(page, report, ReportBundle.Load());
            }
            output.Print(parsed, analysis);
            if (page is not null) output.Words(parsed).WriteLine($"report: {page.Path}");
            return CommandRunner.Done;
        });
        return command;
    }
}
