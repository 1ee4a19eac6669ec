// Tables with a row per measurement, whose metrics stand below each other in a column of names: one of them is taken.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Makes a table with a column of the metric out of one with columns <c>metric</c> and <c>value</c>: "long", "melted" or "tidy"
/// tables, as <c>study export --tidy</c>, pandas and R write them.</summary>
internal static class MeltedRows
{
    private static readonly string[] s_names = ["metric", "metricname", "variable"],
        s_values = ["value", "metricvalue"];

    /// <exception cref="InputException">None of the names is known, and the user says none: one line.</exception>
    public static SourceTable Taken(SourceTable table, ImportOptions options, ImportNotes notes)
    {
        int names = Of(table, s_names),
            values = Of(table, s_values);
        if (names < 0 || values < 0 || table.Measured is not null || IsMapped(table, options, names) || IsMapped(table, options, values))
            return table;
        // Numbers are a metric, and no names of any.
        if (table.Rows.Any(r => r.Fields[names].Length == 0 || SweepNumber.Parse(r.Fields[names]) is not null))
            return table;
        string[] there = [.. table.Rows.Select(r => r.Fields[names]).Distinct(StringComparer.Ordinal)];
        string taken = Chosen(table, there, names, options, notes);
        int[] kept = [.. Enumerable.Range(0, table.Header.Length).Where(c => c != names)];
        int[] settings = [.. kept.Where(c => c != values && ColumnNames.Rank(ColumnRole.Step, table.Header[c]) < 0)];
        string Run(SourceRow row) => string.Join('\u001F', settings.Select(c => row.Fields[c]));

        HashSet<string> measured = [.. table.Rows.Where(r => r.Fields[names] == taken).Select(Run)];
        List<SourceRow> rows = [];
        foreach (SourceRow row in table.Rows)
            if (row.Fields[names] == taken)
                rows.Add(row with { Fields = [.. kept.Select(c => row.Fields[c])] });
            // A run that never measured it is a run all the same: what it is, its state says.
            else if (measured.Add(Run(row)))
                rows.Add(row with { Fields = [.. kept.Select(c => c == values ? "" : row.Fields[c])] });
        return table with { Header = [.. kept.Select(c => c == values ? taken : table.Header[c])], Rows = rows };
    }

    private static string Chosen(SourceTable table, string[] there, int names, ImportOptions options, ImportNotes notes)
    {
        if (options.Metric is { } wanted)
            return Array.Find(there, n => n == wanted)
                ?? throw new InputException(
                    $"--metric {SourceTable.Shown(wanted)}: {table.File} has no such metric in column {table.Name(names)}, which has "
                        + Shown.List(there, 8)
                );
        string[] order = options.HigherIsBetter
            ? [.. ColumnNames.Scores, .. ColumnNames.Losses]
            : [.. ColumnNames.Losses, .. ColumnNames.Scores];
        string[] known =
        [
            .. there
                .Select(n => (Name: n, Rank: ColumnNames.Rank(order, n)))
                .Where(n => n.Rank >= 0)
                .OrderBy(n => n.Rank)
                .Select(n => n.Name),
        ];
        string taken =
            there.Length == 1 ? there[0]
            : known.Length > 0 ? known[0]
            : throw new InputException(
                $"{table.File}: column {table.Name(names)} names metrics of which none is known as a loss; say which with --metric NAME: "
                    + Shown.List(there, 8)
            );
        if (there.Length > 1)
            notes.Findings.Add(
                new(
                    FindingKinds.MetricChosen,
                    Severity.Hint,
                    $"The rows are measurements of {there.Length} metrics, named in column {table.Name(names)}: "
                        + $"{SourceTable.Shown(taken)} is taken; {Shown.List(there.Where(n => n != taken), 4)} could be it too: choose "
                        + "with --metric NAME."
                )
            );
        return taken;
    }

    private static int Of(SourceTable table, string[] names) => Array.FindIndex(table.Header, h => names.Contains(ColumnNames.Simplify(h)));

    private static bool IsMapped(SourceTable table, ImportOptions options, int column) =>
        options.Map.Any(m => m.Split('=', 2).Contains(table.Header[column], StringComparer.Ordinal));
}
