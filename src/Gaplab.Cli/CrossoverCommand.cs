// gaplab crossover: the gap analysis of anyone's sweep table. Pure C#: it needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class CrossoverCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "a CSV table with optimizer, learning rate, batch size and metric columns, and optionally seed and momentum",
        };
        var html = new OutputOption("--html", "also write the report to this file");
        var options = new TableArguments();
        PairOptions output = new PairOptions();
        var command = new Command("crossover", "where one optimizer overtakes the other, in a table of runs made by any framework")
        {
            file,
        };
        options.AddTo(command);
        command.Add(html);
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            AtWork.On($"analysing the runs of {Shown.Of(path)}");
            SweepTable table = options.Read(parsed, path);
            GapAnalysis analysis = GapAnalysis.Analyse(table, output.Options(parsed, table.Optimizers, options.Maximize(parsed)));
            OutputFile? page = html.Of(parsed);
            if (page is not null)
            {
                Report report = CrossoverReport.Build(
                    new CrossoverReportInput
                    {
                        Analysis = analysis,
                        Title = Path.GetFileNameWithoutExtension(path),
                        Source = Path.GetFileName(path),
                        Command = $"gaplab crossover {Path.GetFileName(path)}",
                        Generator = $"Gaplab {RunEnvironment.Version}",
                    }
                );
                ReportWriter.Write(page, report, ReportBundle.Load());
            }
            output.Print(parsed, analysis);
            if (page is not null)
                output.Words(parsed).WriteLine($"report: {page.Path}");
            return CommandRunner.Done;
        });
        return command;
    }
}
