// Writes a sweep as CSV, JSON, JSON Lines or Parquet, one row per run, with names that the importer of sweep tables reads back.
using System.Text;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;

namespace Gaplab.Results.Export;

/// <summary>Tables of runs. Numbers are invariant and read back bit for bit.</summary>
public static class SweepExport
{
    private static readonly string[] s_endings = [".csv", ".json", ".jsonl", ".parquet"],
        s_tidy = [".csv", ".parquet"];

    /// <summary>The rows of a table, each with the table's one metric.</summary>
    public static IReadOnlyList<ExportRow> Rows(SweepTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return
        [
            .. table.Rows.Select(r => new ExportRow(
                r,
                r.Status == RunStatus.Missing
                    ? new Dictionary<string, double>()
                    : new Dictionary<string, double> { [table.Metric] = r.Metric }
            )),
        ];
    }

    /// <summary>Refuses the name of a file that says no form in which runs, or with <paramref name="tidy"/> their histories, are
    /// written.</summary>
    /// <exception cref="InputException">One line.</exception>
    public static void CheckName(string option, string path, bool tidy = false)
    {
        string[] endings = tidy ? s_tidy : s_endings;
        if (!endings.Contains(Path.GetExtension(path)?.ToLowerInvariant()))
            throw new InputException(
                $"{option} got '{Shown.Of(path)}'; expected a name ending in {string.Join(", ", endings[..^1])} or {endings[^1]}"
            );
    }

    /// <summary>Writes the runs in the form that the file's ending says.</summary>
    /// <exception cref="InputException">No form that is known, the file is there and may not be replaced, or it cannot be
    /// written.</exception>
    public static void Write(OutputFile file, IReadOnlyList<ExportRow> rows)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(rows);
        CheckName("the export", file.Path);
        switch (Path.GetExtension(file.Path).ToLowerInvariant())
        {
            case ".json":
                file.WriteText(ToJson(rows));
                break;
            case ".jsonl":
                WriteText(file, writer => WriteJsonLines(writer, rows));
                break;
            default:
                Write(file, RunTable.Of(rows));
                break;
        }
    }

    /// <summary>Writes every measurement of every run in the form that the file's ending says: <see cref="TidyTable"/>.</summary>
    /// <param name="file">Where to: .csv or .parquet.</param>
    /// <param name="rows">The runs; one without <see cref="SweepRow.Provenance"/> is left out.</param>
    /// <param name="history">The measurements of a run by its id.</param>
    /// <exception cref="InputException">As of <see cref="Write(OutputFile, IReadOnlyList{ExportRow})"/>.</exception>
    public static void WriteTidy(OutputFile file, IReadOnlyList<ExportRow> rows, Func<string, IEnumerable<MetricRow>> history)
    {
        ArgumentNullException.ThrowIfNull(file);
        CheckName("the export", file.Path, tidy: true);
        Write(file, TidyTable.Of(rows, history));
    }

    /// <summary>The same as CSV.</summary>
    public static void WriteTidy(TextWriter writer, IReadOnlyList<ExportRow> rows, Func<string, IEnumerable<MetricRow>> history) =>
        TidyTable.Of(rows, history).WriteCsv(writer);

    /// <summary>CSV: <c>run</c>, the comparison's keys, <c>optimizer, lr, batch, seed, momentum, beta2, state, clip_fraction</c>, then the
    /// metrics in ordinal order. Diverged numbers are "NaN" or "inf" with the state "diverged"; what is not known is empty.</summary>
    public static string ToCsv(IReadOnlyList<ExportRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var text = new StringWriter();
        RunTable.Of(rows).WriteCsv(text);
        return text.ToString();
    }

    /// <summary>JSON: an array of objects with the columns of the CSV; metrics in an object of their own, NaN and infinities as strings. Of
    /// a store, <c>verified</c> tells whether the result was held against its digest, and <c>damaged</c> why a finished run is left
    /// out.</summary>
    public static string ToJson(IReadOnlyList<ExportRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new JsonArray([.. rows.Select(r => (JsonNode)Json(r))]).ToJsonString(StoreJson.Indented) + "\n";
    }

    /// <summary>JSON Lines: the objects of the JSON, one a line.</summary>
    public static void WriteJsonLines(TextWriter writer, IReadOnlyList<ExportRow> rows)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rows);
        foreach (ExportRow row in rows)
            writer.Write(Json(row).ToJsonString(StoreJson.Line) + "\n");
    }

    private static JsonObject Json(ExportRow row)
    {
        SweepRow r = row.Row;
        var comparison = new JsonObject();
        foreach ((string key, string value) in r.Comparison.Pairs)
            comparison[key] = value;
        var metrics = new JsonObject();
        foreach ((string name, double value) in row.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
            metrics[name] = JsonNumber.Node(value);
        var json = new JsonObject
        {
            ["run"] = r.Provenance,
            ["comparison"] = comparison,
            ["optimizer"] = r.Optimizer,
            ["lr"] = r.LearningRate,
            ["batch"] = r.Batch,
            ["seed"] = r.Seed,
            ["momentum"] = r.Momentum,
            ["beta2"] = r.Beta2,
            ["variant"] = r.Variant,
            ["state"] = row.State,
            ["clip_fraction"] = r.ClipFraction,
            ["metrics"] = metrics,
        };
        if (row.Verified is { } verified)
            json["verified"] = verified;
        if (row.Damaged.Count > 0)
            json["damaged"] = new JsonArray([.. row.Damaged.Select(d => (JsonNode?)d.ToJson())]);
        return json;
    }

    /// <summary>A table as CSV or, where the file's name ends so, as Parquet.</summary>
    internal static void Write(OutputFile file, ExportTable table)
    {
        if (file.Path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
            file.Write(stream => ParquetFile.Write(stream, table));
        else
            WriteText(file, table.WriteCsv);
    }

    internal static void WriteText(OutputFile file, Action<TextWriter> write) =>
        file.Write(stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            write(writer);
        });
}
