// gaplab study export: a store's runs or all their measurements as a table that any tool reads, or as event files for TensorBoard.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Export;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Cli;

internal static class StudyExportCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var to = new OutputOption(
            "--to",
            "the file to write: .csv, .json, .jsonl or .parquet; with --tidy .csv or .parquet (default: CSV to standard output)"
        );
        var tidy = new Option<bool>("--tidy") { Description = "a row per measurement, with every key of its run, instead of one per run" };
        var tensorboard = new Option<string?>("--tensorboard")
        {
            Description = "a new or empty folder for TensorBoard: a folder per run, with event files of its scalars and hyper-parameters",
        };
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output" };
        var command = new GaplabCommand(
            "export",
            "the runs of a store as CSV, JSON, JSON Lines, Parquet or for TensorBoard",
            examples:
            [
                new("stores/quickstart --to runs.parquet", "one row a run"),
                new("stores/quickstart --tidy --to tidy.csv", "one row a value, every key on every row"),
            ]
        )
        {
            store,
            to,
            tidy,
            tensorboard,
            json,
        };
        command.SetAction(parsed =>
        {
            bool all = parsed.GetValue(tidy),
                asJson = parsed.GetValue(json);
            OutputFile? file = to.Of(parsed);
            OutputFolder? events = parsed.GetValue(tensorboard) is { } folder ? new(folder) : null;
            if (file is not null)
                SweepExport.CheckName("--to", file.Path, all);
            if (all && asJson)
                throw new InputException("--tidy is written as CSV or Parquet; leave --json out, or give --to FILE.csv or FILE.parquet");
            events?.Check();
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStill(parsed, parsed.GetRequiredValue(store));
            AtWork.On($"reading the runs of {Shown.Of(opened.Root)}");
            var export = new StudyExport(document, opened);
            if (file is not null)
            {
                if (all)
                    SweepExport.WriteTidy(file, export.Rows, export.History);
                else
                    SweepExport.Write(file, export.Rows);
                Console.Error.WriteLine($"wrote {file.Path}");
            }
            else if (events is null || all || asJson)
            {
                // A file or a pipe gets the table as it is; a screen must not obey a name.
                TextWriter output = Console.IsOutputRedirected ? TerminalText.Raw : Console.Out;
                if (all)
                    SweepExport.WriteTidy(output, export.Rows, export.History);
                else
                    output.Write(asJson ? SweepExport.ToJson(export.Rows) : SweepExport.ToCsv(export.Rows));
            }
            if (events is not null)
                Console.Error.WriteLine(
                    $"wrote {events.Path}, {events.Write(export.WriteEvents)} runs: tensorboard --logdir {events.Path}"
                );
            StoreCheck.Print(Console.Error, opened);
            return StoreCheck.Tell(CommandRunner.Done, opened);
        });
        return command;
    }
}
