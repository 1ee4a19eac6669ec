// The table of runs: what a run was, column by column, and its final numbers.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Export;

/// <summary>A row per run.</summary>
internal static class RunTable
{
    /// <summary><c>run</c>, the comparison's keys, <c>optimizer, lr, batch, seed, momentum, beta2, state, clip_fraction</c>, then the
    /// metrics in ordinal order; what is named as a column of ours has a name of its own.</summary>
    public static ExportTable Of(IReadOnlyList<ExportRow> rows)
    {
        string[] keys = ComparisonKeys(rows),
            metrics = [.. rows.SelectMany(r => r.Metrics.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(
            [
                new("run"),
                .. ComparisonColumns(rows, keys),
                .. SettingColumns(rows),
                new("state"),
                new("clip_fraction", ColumnKind.Number),
                .. metrics.Select(m => new ExportColumn(m, ColumnKind.Number) { Owner = "metric" }),
            ],
            rows.Select(row =>
                (Cell[])
                    [
                        new(row.Row.Provenance ?? ""),
                        .. Comparison(row.Row, keys),
                        .. Setting(row.Row),
                        new(row.State),
                        new(row.Row.ClipFraction),
                        .. metrics.Select(m => new Cell(row.Metrics.TryGetValue(m, out double value) ? value : (double?)null)),
                    ]
            )
        );
    }

    /// <summary>The column of what else is varied in an optimizer, where something is.</summary>
    private const string Variant = "variant";

    public static string[] ComparisonKeys(IReadOnlyList<ExportRow> rows) =>
        [
            .. rows.SelectMany(r => r.Row.Comparison.Pairs.Select(p => p.Key)).Distinct(StringComparer.Ordinal),
            .. rows.Any(r => r.Row.Variant.Length > 0) ? [Variant] : (string[])[],
        ];

    public static IEnumerable<ExportColumn> ComparisonColumns(IReadOnlyList<ExportRow> rows, string[] keys) =>
        keys.Select(k => ExportColumn.Of(k, rows.Select(r => Level(r.Row, k))) with { Owner = "factor" });

    public static IEnumerable<Cell> Comparison(SweepRow row, string[] keys) => keys.Select(k => new Cell(Level(row, k)));

    public static IEnumerable<ExportColumn> SettingColumns(IReadOnlyList<ExportRow> rows) =>
        [
            new("optimizer"),
            new("lr", ColumnKind.Number),
            new("batch", ColumnKind.Whole),
            ExportColumn.Of("seed", rows.Select(r => r.Row.Seed ?? "")),
            new("momentum", ColumnKind.Number),
            new("beta2", ColumnKind.Number),
        ];

    public static IEnumerable<Cell> Setting(SweepRow row) =>
        [new(row.Optimizer), new(row.LearningRate), new(row.Batch), new(row.Seed ?? ""), new(row.Momentum), new(row.Beta2)];

    private static string Level(SweepRow row, string key) =>
        key == Variant && row.Variant.Length > 0 ? row.Variant : row.Comparison.Pairs.FirstOrDefault(p => p.Key == key).Value ?? "";
}
