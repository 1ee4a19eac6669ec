// Rows that are no runs: totals and means that a spreadsheet or a pivot table added.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Leaves out the rows that summarise others.</summary>
internal static class SummaryRows
{
    private static readonly string[] s_words =
    [
        "total",
        "totals",
        "grandtotal",
        "subtotal",
        "sum",
        "mean",
        "average",
        "avg",
        "median",
        "std",
        "stdev",
        "min",
        "max",
        "count",
        "gesamt",
        "summe",
        "mittelwert",
        "moyenne",
    ];

    /// <exception cref="InputException">Nothing else is left.</exception>
    public static SourceTable LeftOut(SourceTable table, ColumnRoles roles, List<Finding> findings)
    {
        var runs = new List<SourceRow>();
        var summaries = new List<SourceRow>();
        foreach (SourceRow row in table.Rows)
            (Summarises(row, roles) ? summaries : runs).Add(row);
        if (summaries.Count == 0)
            return table;
        if (runs.Count == 0)
            throw new InputException($"{table.File} holds rows of totals and means only; expected one row per run");
        findings.Add(
            new(
                FindingKinds.SummaryRows,
                Severity.Warning,
                $"Rows that summarise others are no runs and were left out: {summaries.Count}, the first is {summaries[0].Where}."
            )
        );
        return table with { Rows = runs };
    }

    /// <summary>It says so where an optimizer's name or the first word of the row should be, and lacks what every run has.</summary>
    private static bool Summarises(SourceRow row, ColumnRoles roles)
    {
        if (roles[ColumnRole.Optimizer] is { } optimizer && Says(row.Fields[optimizer]))
            return true;
        bool lacks =
            (roles[ColumnRole.Batch] is { } batch && row.Fields[batch].Length == 0)
            || (roles[ColumnRole.Optimizer] is { } named && row.Fields[named].Length == 0);
        return lacks && Array.Find(row.Fields, f => f.Length > 0) is { } first && Says(first);
    }

    private static bool Says(string field) => field.Length < 20 && s_words.Contains(ColumnNames.Simplify(field));
}
