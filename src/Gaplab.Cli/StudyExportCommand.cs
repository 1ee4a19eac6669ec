// gaplab study export: a store's runs as a table that any tool reads, or its metric histories.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Export;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Cli;

internal static class StudyExportCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var to = new OutputOption("--to", "the file to write: .csv or .json (default: CSV to standard output)");
        var histories = new Option<bool>("--histories") { Description = "every measurement of every run instead of one row per run" };
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output" };
        var command = new GaplabCommand("export", "the runs of a store as CSV or JSON") { store, to, histories, json };
        command.SetAction(parsed =>
        {
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStore(parsed, parsed.GetRequiredValue(store));
            string? path = parsed.GetValue(to);
            string extension = path is null ? (parsed.GetValue(json) ? ".json" : ".csv") : Path.GetExtension(path).ToLowerInvariant();
            if (extension is not (".csv" or ".json"))
                throw new InputException($"--to got '{path}'; expected a name ending in .csv or .json");
            bool all = parsed.GetValue(histories);
            if (all && extension == ".json")
                throw new InputException("histories are written as CSV; give --to FILE.csv without --json");
            StoreReading read = opened.Read();
            IReadOnlyDictionary<string, RunResult> results = read.Results;
            // The clip's fraction has a column of its own, under the name that tables of runs know.
            List<ExportRow> rows =
            [
                .. new StudyResults(document.ToPlan(), opened)
                    .Sweep()
                    .Rows.Select(row =>
                        row.Provenance is { } id && results.TryGetValue(id, out RunResult? result)
                            ? new ExportRow(row, result.Metrics.Where(m => m.Key != StudyResults.ClipFraction).ToDictionary())
                            {
                                Verified = result.HasDigest,
                            }
                            : new ExportRow(row, new Dictionary<string, double>())
                            {
                                Damaged = [.. read.Damaged.Where(d => d.Run == row.Provenance && !d.IsStray)],
                            }
                    ),
            ];
            void Write(TextWriter writer)
            {
                if (all)
                    SweepExport.WriteHistories(
                        writer,
                        [.. rows.Where(r => r.Row.Provenance is { } id && results.ContainsKey(id))],
                        id => opened.Run(id).ReadMetrics()
                    );
                else
                    writer.Write(extension == ".csv" ? SweepExport.ToCsv(rows) : SweepExport.ToJson(rows));
            }
            if (path is null)
            {
                // A file or a pipe gets the table as it is; a screen must not obey a name.
                Write(Console.IsOutputRedirected ? TerminalText.Raw : Console.Out);
            }
            else
            {
                SweepExport.WriteFile(to.Of(parsed)!, Write);
                Console.Error.WriteLine($"wrote {path}");
            }
            StoreCheck.Print(Console.Error, opened);
            return StoreCheck.Tell(CommandRunner.Done, opened);
        });
        return command;
    }
}
