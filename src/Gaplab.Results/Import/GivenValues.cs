// What the user says of runs that do not say it themselves: values that hold for all (--default), and which runs are meant (--where).
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Fills and chooses rows before the columns are given their roles.</summary>
internal static class GivenValues
{
    /// <exception cref="InputException">A pair is none, or names no column.</exception>
    public static SourceTable Applied(SourceTable table, ImportOptions options, ImportNotes notes)
    {
        foreach (string pair in options.Where)
            table = Where(table, pair, notes);
        foreach (string pair in options.Defaults)
            table = Default(table, pair, notes);
        return table;
    }

    private static SourceTable Default(SourceTable table, string pair, ImportNotes notes)
    {
        (string key, string value) = Pair("--default", pair, "batch=64");
        ColumnRole? role = ColumnNames.RoleNamed(key);
        int column = Array.IndexOf(table.Header, key);
        if (column < 0 && role is { } named)
            column = table.Given.TryGetValue(named, out int given) ? given : ByName(table, named);
        if (column < 0 && role is null)
            throw new InputException(
                $"--default {SourceTable.Shown(pair, 60)}: '{SourceTable.Shown(key)}' is no column of {table.File} and none of optimizer, "
                    + $"lr, batch, seed, momentum, beta2, state; {table.Have(key)}"
            );
        int filled = 0;
        List<SourceRow> rows = [];
        foreach (SourceRow row in table.Rows)
        {
            string[] fields = column < 0 ? [.. row.Fields, value] : row.Fields;
            if (column < 0)
                filled++;
            else if (SweepNumber.IsBlank(fields[column]))
            {
                fields = [.. fields];
                fields[column] = value;
                filled++;
            }
            rows.Add(row with { Fields = fields });
        }
        notes.Findings.Add(
            new(
                FindingKinds.DefaultFilled,
                Severity.Hint,
                $"{SourceTable.Shown(key)} is {SourceTable.Shown(value)} in {filled} of {rows.Count} runs because --default says so."
            )
        );
        return table with { Header = column < 0 ? [.. table.Header, key] : table.Header, Rows = rows };
    }

    /// <summary>The column that best fits a role by its name; −1 when none does.</summary>
    private static int ByName(SourceTable table, ColumnRole role) =>
        Enumerable
            .Range(0, table.Header.Length)
            .Select(c => (Column: c, Rank: ColumnNames.Rank(role, table.Header[c])))
            .Where(c => c.Rank >= 0)
            .OrderBy(c => c.Rank)
            .Select(c => c.Column)
            .DefaultIfEmpty(-1)
            .First();

    private static SourceTable Where(SourceTable table, string pair, ImportNotes notes)
    {
        (string key, string value) = Pair("--where", pair, "config.model=gpt");
        int column = table.Column(key);
        if (column < 0)
            column = Array.FindIndex(table.Header, h => ColumnNames.WithoutPrefix(h).Equals(key, StringComparison.OrdinalIgnoreCase));
        if (column < 0 && ColumnNames.RoleNamed(key) is { } role && table.Given.TryGetValue(role, out int given))
            column = given;
        if (column < 0)
            throw new InputException(
                $"--where {SourceTable.Shown(pair, 60)}: {table.File} has no column '{SourceTable.Shown(key)}'; {table.Have(key)}"
            );
        double? number = SweepNumber.Parse(value);
        SourceRow[] rows =
        [
            .. table.Rows.Where(r =>
                r.Fields[column].Equals(value, StringComparison.OrdinalIgnoreCase)
                || (number is { } wanted && SweepNumber.Parse(r.Fields[column]) is { } got && got.Equals(wanted))
            ),
        ];
        if (rows.Length == 0)
            throw new InputException(
                $"--where {SourceTable.Shown(pair, 60)}: no run has it; {table.Name(column)} is "
                    + $"{Shown.List(table.Rows.Select(r => r.Fields[column]).Distinct(StringComparer.Ordinal), 4)}"
            );
        if (rows.Length < table.Rows.Count)
            notes.Caveats.Add($"{rows.Length} of {table.Rows.Count} runs, those with {SourceTable.Shown(pair, 60)}");
        return table with { Rows = rows };
    }

    private static (string Key, string Value) Pair(string option, string pair, string example)
    {
        int split = pair.IndexOf('=', StringComparison.Ordinal);
        return split > 0 && split < pair.Length - 1
            ? (pair[..split].Trim(), pair[(split + 1)..].Trim())
            : throw new InputException($"{option} {SourceTable.Shown(pair, 60)}: expected KEY=VALUE, e.g. {option} {example}");
    }
}
