// Writes imported runs as a table that any tool reads, and the importer too: CSV, Parquet, JSON or JSON Lines, a row per run.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Export;
using Gaplab.Results.Import;
using Gaplab.Results.Store;

namespace Gaplab.Results.Folders;

/// <summary>The table of an import: first what is known of every run, then the other columns as they were read.</summary>
public static class RunsFile
{
    private static readonly string[] s_endings = [".csv", ".parquet", ".json", ".jsonl"];

    /// <summary>Columns that would be taken for what stands in a column of its own already.</summary>
    private static readonly ColumnRole[] s_said =
    [
        ColumnRole.Optimizer,
        ColumnRole.LearningRate,
        ColumnRole.Batch,
        ColumnRole.Seed,
        ColumnRole.Momentum,
        ColumnRole.Beta2,
        ColumnRole.State,
        ColumnRole.Run,
        ColumnRole.Group,
    ];

    /// <exception cref="InputException">The name's ending says no form that is written.</exception>
    public static void CheckName(string path)
    {
        if (!s_endings.Contains(Path.GetExtension(path)?.ToLowerInvariant()))
            throw new InputException($"--out got '{Shown.Of(path)}'; expected a name ending in {string.Join(", ", s_endings)}");
    }

    /// <summary>Writes the runs that were read; those that were set aside are none.</summary>
    /// <exception cref="InputException">The file is there and may not be replaced, or cannot be written.</exception>
    public static void Write(OutputFile file, ImportedRuns runs)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(runs);
        CheckName(file.Path);
        (string[] header, string[][] rows) = Table(runs);
        switch (Path.GetExtension(file.Path).ToLowerInvariant())
        {
            case ".json":
                file.WriteText(new JsonArray([.. Objects(header, rows)]).ToJsonString(StoreJson.Indented) + "\n");
                break;
            case ".jsonl":
                SweepExport.WriteText(
                    file,
                    writer =>
                    {
                        foreach (JsonObject row in Objects(header, rows))
                            writer.Write(row.ToJsonString(StoreJson.Line) + "\n");
                    }
                );
                break;
            default:
                SweepExport.Write(file, Typed(header, rows));
                break;
        }
    }

    private static (string[] Header, string[][] Rows) Table(ImportedRuns runs)
    {
        string[] groups = [.. runs.Rows.SelectMany(r => r.Comparison.Pairs.Select(p => p.Key)).Distinct(StringComparer.Ordinal)];
        string[] own = ["run_id", .. groups, "optimizer", "lr", "batch", "seed", "momentum", "beta2", "state"];
        string[] extra =
        [
            .. runs.Extra.Where(e =>
                !own.Contains(e, StringComparer.OrdinalIgnoreCase)
                && !Array.Exists(s_said, r => ColumnNames.Rank(r, e) >= 0)
                && ColumnNames.Rank(ColumnNames.Multipliers, e) < 0
            ),
        ];
        string[][] rows =
        [
            .. runs.Rows.Select(
                (r, i) =>
                    (string[])
                        [
                            runs.Runs[i].Path,
                            .. groups.Select(g => r.Comparison.Pairs.FirstOrDefault(p => p.Key == g).Value ?? ""),
                            r.Optimizer,
                            Text(r.LearningRate),
                            Text(r.Batch),
                            r.Seed ?? "",
                            Text(r.Momentum),
                            Text(r.Beta2),
                            runs.Runs[i].State,
                            .. extra.Select(e => runs.Runs[i].Values.GetValueOrDefault(e, "")),
                        ]
            ),
        ];
        // A column that is empty throughout says nothing.
        int[] kept = [.. Enumerable.Range(0, own.Length + extra.Length).Where(c => Array.Exists(rows, r => r[c].Length > 0))];
        string[] header = [.. own, .. extra];
        return ([.. kept.Select(c => header[c])], [.. rows.Select(r => kept.Select(c => r[c]).ToArray())]);
    }

    /// <summary>A column in which every value is a number is one of numbers.</summary>
    internal static ExportTable Typed(string[] header, string[][] rows)
    {
        bool[] numbers =
        [
            .. Enumerable
                .Range(0, header.Length)
                .Select(c =>
                    Array.Exists(rows, r => r[c].Length > 0)
                    && Array.TrueForAll(rows, r => r[c].Length == 0 || SweepNumber.Parse(r[c]) is not null)
                ),
        ];
        return new(
            [.. header.Select((h, c) => new ExportColumn(h, numbers[c] ? ColumnKind.Number : ColumnKind.Text))],
            rows.Select(r => r.Select((text, c) => numbers[c] ? new Cell(text, SweepNumber.Parse(text)) : new Cell(text)).ToArray())
        );
    }

    private static IEnumerable<JsonObject> Objects(string[] header, string[][] rows)
    {
        foreach (string[] row in rows)
        {
            var json = new JsonObject();
            for (int c = 0; c < header.Length; c++)
                if (row[c].Length > 0)
                    json[header[c]] = SweepNumber.Parse(row[c]) is { } number ? JsonNumber.Node(number) : row[c];
            yield return json;
        }
    }

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
