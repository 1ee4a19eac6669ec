// One run in several rows of a table without histories: trackers list a run twice when a page of it is loaded again.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Runs known by an id count once.</summary>
internal static class SameRun
{
    /// <summary>Rows that are equal in every field, the run's id among them, are one.</summary>
    public static SourceTable Once(SourceTable table, ColumnRoles roles, List<Finding> findings)
    {
        if (roles[ColumnRole.Run] is null)
            return table;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        SourceRow[] rows = [.. table.Rows.Where(r => seen.Add(string.Join('\u001F', r.Fields)))];
        if (rows.Length == table.Rows.Count)
            return table;
        findings.Add(
            new(
                FindingKinds.RepeatedRows,
                Severity.Warning,
                $"Rows that repeat another in every field, the run's {table.Name(roles[ColumnRole.Run]!.Value)} among them, count once: "
                    + $"{table.Rows.Count - rows.Length} were left out."
            )
        );
        return table with { Rows = rows };
    }

    /// <exception cref="InputException">One id stands on rows of one setting with different values, and nothing says which of them is
    /// later.</exception>
    public static void CheckIds(SourceTable table, ColumnRoles roles)
    {
        if (roles[ColumnRole.Run] is not { } run || !ColumnNames.IdentifiesRuns(table.Header[run]))
            return;
        int[] setting =
        [
            run,
            .. new[] { roles[ColumnRole.Optimizer], roles[ColumnRole.Batch], roles[ColumnRole.Seed] }.OfType<int>(),
            .. roles.Rates,
            .. roles.OwnRates.Values,
            .. roles.Momenta,
            .. roles.OwnMomenta.Values,
            .. roles.Groups,
        ];
        var twice = table
            .Rows.Where(r => r.Fields[run].Length > 0)
            .GroupBy(r => string.Join('\u001F', setting.Select(c => r.Fields[c])))
            .FirstOrDefault(g => g.Count() > 1);
        if (twice is null)
            return;
        SourceRow[] rows = [.. twice.Take(2)];
        throw new InputException(
            $"{table.File}, {rows[0].Where} and {rows[1].Where}: one run by {table.Name(run)} with different values; name the column "
                + $"that counts its steps with --map COLUMN=step, "
                + $"or say --map {SourceTable.Shown(table.Header[run])}=ignore if they are several runs"
        );
    }
}
