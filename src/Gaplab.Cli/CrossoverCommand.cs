// gaplab crossover: the gap analysis of anyone's sweep table. Pure C#: it needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Report;

namespace Gaplab.Cli;

internal static class CrossoverCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description =
                "a table or folder of runs with optimizer, learning rate, batch size and metric columns, and optionally seed and momentum: "
                + $"{string.Join(", ", SweepFormats.All.Select(f => f.Name))}",
        };
        var options = new TableArguments();
        var pair = new PairOptions();
        var output = new PagedOutput("also write the report to this file");
        var command = new GaplabCommand(
            "crossover",
            "where one optimizer overtakes the other, in a table of runs made by any framework",
            examples:
            [
                new("runs.csv", "any table with optimizer, learning rate, batch size and metric"),
                new("wandb/ --metric val_loss --html report.html", "a folder that another tool left"),
                new("runs.csv --map config.optim=optimizer --svg gap.svg", "a column by another name, the figure as a file"),
            ]
        )
        {
            file,
        };
        options.AddTo(command);
        command.Add(output.Html);
        pair.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            AtWork.On($"analysing the runs of {Shown.Of(path)}");
            SweepTable table = options.Read(parsed, path);
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
            var input = new CrossoverReportInput
            {
                Analysis = GapAnalysis.Analyse(table, pair.Options(parsed, table.Optimizers, options.Maximize(parsed))),
                Title = Path.GetFileNameWithoutExtension(name),
                Source = name,
                Command = $"gaplab crossover {name}",
            };
            return output.Give(parsed, new CrossoverAnswer(input));
        });
        return command;
    }
}
