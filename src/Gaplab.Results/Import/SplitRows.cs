// Tables with training and evaluation in rows of their own, told by a column: only one part of the data is compared.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Keeps the rows of one split, evaluation before training.</summary>
internal static class SplitRows
{
    public static SourceTable Chosen(SourceTable table, ColumnRoles roles, ImportNotes notes)
    {
        foreach (
            int column in Enumerable
                .Range(0, table.Header.Length)
                .Where(c => !roles.IsUsed(c) && ColumnNames.Rank(ColumnNames.SplitColumns, table.Header[c]) >= 0)
        )
        {
            string[] splits = [.. table.Rows.Select(r => ColumnNames.Simplify(r.Fields[column])).Distinct(StringComparer.Ordinal)];
            if (splits.Length < 2 || !splits.All(ColumnNames.Splits.Contains))
                continue;
            string chosen = ColumnNames.Splits.First(splits.Contains);
            notes.Caveats.Add($"{chosen} rows only, by {table.Name(column)}");
            notes.Findings.Add(
                new(
                    FindingKinds.SplitChosen,
                    Severity.Warning,
                    $"{table.Name(column)} says on which part of the data a row was measured: {chosen} is compared, not "
                        + $"{string.Join(", ", splits.Where(s => s != chosen))}. To compare all parts apart, say --group "
                        + $"{SourceTable.Shown(table.Header[column])}."
                )
            );
            return table with { Rows = [.. table.Rows.Where(r => ColumnNames.Simplify(r.Fields[column]) == chosen)] };
        }
        return table;
    }
}
