// gaplab import: folders and tables of runs as one table, with an account of every run. Pure C#: it needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Folders;

namespace Gaplab.Cli;

internal static class ImportCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("paths")
        {
            Description = $"files and folders of runs: {string.Join(", ", SweepFormats.All.Select(f => f.Name))}",
            Arity = ArgumentArity.OneOrMore,
        };
        var options = new TableArguments();
        var outTo = new OutputOption("--out", "also write the runs that were read as a table: .csv, .parquet or .json");
        var output = new AnswerOutput();
        var command = new GaplabCommand(
            "import",
            "folders and tables of runs as one table, and what became of every run",
            examples: [new("wandb/ mlruns/ --out runs.parquet", "one table of what is in these folders, and what is not and why")]
        )
        {
            paths,
            outTo,
        };
        options.AddTo(command);
        command.Add(output.Json);
        command.SetAction(parsed =>
        {
            string[] all = parsed.GetRequiredValue(paths);
            if (parsed.GetValue(outTo) is { } name)
                RunsFile.CheckName(name);
            AtWork.On($"reading the runs of {Shown.List(all, 3)}");
            ImportedRuns runs = options.Runs(parsed, all);
            if (outTo.Of(parsed) is { } file)
            {
                RunsFile.Write(file, runs);
                Console.Error.WriteLine($"wrote {Shown.Of(file.Path, Shown.MostWord)}");
            }
            return output.Give(parsed, new ImportAnswer(runs));
        });
        return command;
    }
}
