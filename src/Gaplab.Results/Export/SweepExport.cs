// Writes a sweep as CSV or JSON, one row per run, with names that the importer of sweep tables reads back.
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;

namespace Gaplab.Results.Export;

/// <summary>A run to export: its row of the sweep and all its final numbers.</summary>
/// <param name="Row">The run; its metric is exported only when <paramref name="Metrics"/> holds it.</param>
/// <param name="Metrics">Final numbers by name; may be empty for a run without a result.</param>
public sealed record ExportRow(SweepRow Row, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>Of a store: whether the result was held against its digest; null of a run without a result, and of a table.</summary>
    public bool? Verified { get; init; }

    /// <summary>Of a store: why the run is left out though it was finished.</summary>
    public IReadOnlyList<Damage> Damaged { get; init; } = [];
}

/// <summary>Sweeps as CSV and JSON. Numbers are invariant and read back bit for bit.</summary>
public static class SweepExport
{
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

    /// <summary>CSV: <c>run</c>, the group's keys, <c>optimizer, lr, batch, seed, momentum, beta2, state, clip_fraction</c>, then the
    /// metrics in ordinal order.
    /// Diverged numbers are "NaN" or "inf" with the state "diverged"; what is not known is empty.</summary>
    public static string ToCsv(IReadOnlyList<ExportRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        string[] keys = Keys(rows),
            metrics = Metrics(rows);
        var csv = new StringBuilder();
        Line(csv, ["run", .. keys, .. Setting, "clip_fraction", .. metrics]);
        foreach (ExportRow row in rows)
        {
            SweepRow r = row.Row;
            Line(
                csv,
                [
                    r.Provenance ?? "",
                    .. Fields(r, keys),
                    Text(r.ClipFraction),
                    .. metrics.Select(m => row.Metrics.TryGetValue(m, out double value) ? Text(value) : ""),
                ]
            );
        }
        return csv.ToString();
    }

    /// <summary>JSON: an array of objects with the columns of the CSV; metrics in an object of their own, NaN and infinities as strings. Of
    /// a store, <c>verified</c> tells whether the result was held against its digest, and <c>damaged</c> why a finished run is left
    /// out.</summary>
    public static string ToJson(IReadOnlyList<ExportRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var array = new JsonArray();
        foreach (ExportRow row in rows)
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
                ["state"] = State(r.Status),
                ["clip_fraction"] = r.ClipFraction,
                ["metrics"] = metrics,
            };
            if (row.Verified is { } verified)
                json["verified"] = verified;
            if (row.Damaged.Count > 0)
                json["damaged"] = new JsonArray([.. row.Damaged.Select(d => (JsonNode?)d.ToJson())]);
            array.Add(json);
        }
        return array.ToJsonString(StoreJson.Indented) + "\n";
    }

    /// <summary>Metric histories in the long form, every line with what a plot needs: <c>run</c>, the group's keys, <c>optimizer, lr,
    /// batch, seed, momentum, beta2, state, step, samples, name, value</c>; streamed, as histories can be long.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="rows">The runs; one without <see cref="SweepRow.Provenance"/> is left out.</param>
    /// <param name="history">The metrics of a run by its id.</param>
    public static void WriteHistories(TextWriter writer, IReadOnlyList<ExportRow> rows, Func<string, IReadOnlyList<MetricRow>> history)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(history);
        string[] keys = Keys(rows);
        var line = new StringBuilder();
        Line(line, ["run", .. keys, .. Setting, "step", "samples", "name", "value"]);
        writer.Write(line);
        foreach (SweepRow run in rows.Select(r => r.Row))
        {
            if (run.Provenance is not { } id)
                continue;
            string[] fixedFields = [id, .. Fields(run, keys)];
            foreach (MetricRow row in history(id))
            {
                line.Clear();
                Line(
                    line,
                    [
                        .. fixedFields,
                        row.Step.ToString(CultureInfo.InvariantCulture),
                        row.Samples.ToString(CultureInfo.InvariantCulture),
                        row.Name,
                        Text(row.Value),
                    ]
                );
                writer.Write(line);
            }
        }
    }

    /// <summary>Writes an export to a file.</summary>
    /// <exception cref="InputException">The file is there and may not be replaced, or cannot be written.</exception>
    public static void WriteFile(OutputFile file, Action<TextWriter> write)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(write);
        file.Write(stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            write(writer);
        });
    }

    /// <summary>A table of texts as CSV.</summary>
    internal static void WriteTable(TextWriter writer, IReadOnlyList<string> header, IEnumerable<string[]> rows)
    {
        var line = new StringBuilder();
        foreach (IEnumerable<string> fields in rows.Prepend([.. header]))
        {
            line.Clear();
            Line(line, fields);
            writer.Write(line);
        }
    }

    // What a run was, column by column; both tables have these.
    private static readonly string[] Setting = ["optimizer", "lr", "batch", "seed", "momentum", "beta2", "state"];

    private static string[] Fields(SweepRow r, string[] keys) =>
        [
            .. keys.Select(k => k == Variant ? r.Variant : r.Comparison.Pairs.FirstOrDefault(p => p.Key == k).Value ?? ""),
            r.Optimizer,
            Text(r.LearningRate),
            r.Batch.ToString(CultureInfo.InvariantCulture),
            r.Seed ?? "",
            Text(r.Momentum),
            Text(r.Beta2),
            State(r.Status),
        ];

    private static string[] Keys(IReadOnlyList<ExportRow> rows) =>
        [
            .. rows.SelectMany(r => r.Row.Comparison.Pairs.Select(p => p.Key)).Distinct(StringComparer.Ordinal),
            .. rows.Any(r => r.Row.Variant.Length > 0) ? [Variant] : Array.Empty<string>(),
        ];

    /// <summary>The column of what else is varied in an optimizer, where something is.</summary>
    private const string Variant = "variant";

    private static string[] Metrics(IReadOnlyList<ExportRow> rows) =>
        [.. rows.SelectMany(r => r.Metrics.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string State(RunStatus status) =>
        status switch
        {
            RunStatus.Usable => "finished",
            RunStatus.Diverged => "diverged",
            _ => "missing",
        };

    private static string Text(double? value) =>
        value is not double v ? ""
        : double.IsNaN(v) ? "NaN"
        : double.IsPositiveInfinity(v) ? "inf"
        : double.IsNegativeInfinity(v) ? "-inf"
        : v.ToString("R", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder csv, IEnumerable<string> fields)
    {
        bool first = true;
        foreach (string text in fields)
        {
            string field = SpreadsheetField.Disarm(text);
            if (!first)
                csv.Append(',');
            first = false;
            if (field.AsSpan().ContainsAny(",\"\n\r"))
                csv.Append('"').Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            else
                csv.Append(field);
        }
        csv.Append('\n');
    }
}
