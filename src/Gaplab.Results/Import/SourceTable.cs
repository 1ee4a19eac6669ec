// A table as it was read, before anything is known of its meaning.
using Gaplab.Numerics;

namespace Gaplab.Results.Import;

/// <summary>One row.</summary>
/// <param name="Line">The line of the file at which it ends, or its number where it comes from no line; no two rows have the same.</param>
/// <param name="Fields">As many as the header has; "" is nothing.</param>
/// <param name="Place">Where it comes from, where that is no line: "run 3f2a".</param>
internal readonly record struct SourceRow(int Line, string[] Fields, string? Place = null)
{
    public string Where => Place ?? $"line {Line}";

    /// <summary>What was noticed about it alone; null for most.</summary>
    public string? Why { get; init; }

    /// <summary>Of several tables that were put together, which one it is of.</summary>
    public int Part { get; init; }
}

/// <summary>Named columns of text, whatever kind of file they came from.</summary>
/// <param name="File">The file's name, for messages.</param>
internal sealed record SourceTable(string File, string[] Header, IReadOnlyList<SourceRow> Rows)
{
    private const int LongestShown = 40,
        LongestNames = 90;

    private static readonly Dictionary<ColumnRole, int> s_none = [];

    /// <summary>Columns whose role the reader itself has settled, run by run; a user's map goes before it.</summary>
    public IReadOnlyDictionary<ColumnRole, int> Given { get; init; } = s_none;

    /// <summary>The columns that hold what was measured; null where the reader cannot tell them from settings.</summary>
    public IReadOnlySet<int>? Measured { get; init; }

    public bool MayBeMetric(int column) => Measured?.Contains(column) ?? true;

    /// <summary>Of columns of which the file itself says so: whether more is better.</summary>
    public IReadOnlyDictionary<string, bool> HigherIsBetter { get; init; } = new Dictionary<string, bool>();

    /// <summary>How long each run had trained when its values were measured; null where the rows say it, or nothing does.</summary>
    public RunLengths? Lengths { get; init; }

    /// <summary>Several tables as one: columns of one name are one column.</summary>
    /// <exception cref="InputException">More columns than a table may have.</exception>
    public static SourceTable Together(IReadOnlyList<SourceTable> tables)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        var given = new Dictionary<ColumnRole, int>();
        var lengths = new RunLengths();
        foreach (SourceTable table in tables)
        {
            foreach (string name in table.Header)
                columns.TryAdd(name, columns.Count);
            foreach ((ColumnRole role, int column) in table.Given)
                given.TryAdd(role, columns[table.Header[column]]);
        }
        string file = tables.Count == 2 ? $"{tables[0].File} and {tables[1].File}" : $"{tables[0].File} and {tables.Count - 1} others";
        TableHeader.Check(file, columns.Keys);
        var rows = new List<SourceRow>(tables.Sum(t => t.Rows.Count));
        foreach ((int part, SourceTable table) in tables.Index())
        {
            int[] at = [.. table.Header.Select(h => columns[h])];
            foreach (SourceRow row in table.Rows)
            {
                string[] fields = new string[columns.Count];
                Array.Fill(fields, "");
                for (int c = 0; c < at.Length; c++)
                    fields[at[c]] = row.Fields[c];
                rows.Add(row with { Line = rows.Count + 1, Fields = fields, Place = $"{table.File}, {row.Where}", Part = part });
                table.Lengths?.CopyTo(lengths, row.Line, rows.Count, at);
            }
        }
        // Of a column that is better up in one table and down in another, neither is said.
        var ways = tables
            .SelectMany(t => t.HigherIsBetter)
            .GroupBy(w => w.Key, w => w.Value, StringComparer.Ordinal)
            .Where(w => w.Distinct().Count() == 1);
        return new(file, [.. columns.Keys], rows)
        {
            Given = given,
            HigherIsBetter = ways.ToDictionary(w => w.Key, w => w.First(), StringComparer.Ordinal),
            Lengths = lengths.IsEmpty ? null : lengths,
            Measured = tables.All(t => t.Measured is not null)
                ? tables.SelectMany(t => t.Measured!.Select(c => columns[t.Header[c]])).ToHashSet()
                : null,
        };
    }

    public string this[int row, int column] => Rows[row].Fields[column];

    /// <summary>A column's name in quotes, cut to what a message can hold.</summary>
    public string Name(int column) => $"'{Shown(Header[column])}'";

    /// <summary>The names of some columns, as many as one line can hold.</summary>
    public string Names(IEnumerable<int> columns)
    {
        int[] all = [.. columns];
        var names = new List<string>();
        foreach (int column in all)
        {
            names.Add($"'{Shown(Header[column], all.Length > 4 ? 20 : LongestShown)}'");
            if (names.Sum(n => n.Length + 2) > LongestNames)
                break;
        }
        return string.Join(", ", names) + (all.Length > names.Count ? $" and {all.Length - names.Count} more" : "");
    }

    /// <summary>Index of a column by its exact name, else by its name in any case; −1 when there is none.</summary>
    public int Column(string name)
    {
        int exact = Array.IndexOf(Header, name);
        return exact >= 0 ? exact : Array.FindIndex(Header, h => h.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What can be said to a name that is none of the columns.</summary>
    public string Have(string wanted) =>
        ColumnNames.Nearest(wanted, Header) is { } near
            ? $"did you mean '{Shown(near)}'?"
            : $"its columns are {Names(Enumerable.Range(0, Header.Length))}";

    /// <summary>A field that is not what it should be.</summary>
    public InputException Bad(SourceRow row, int column, string expected)
    {
        string got = row.Fields[column];
        return new(
            $"{File}, {row.Where}, column {Name(column)}: got {(got.Length == 0 ? "nothing" : $"'{Shown(got)}'")}, expected {expected}"
        );
    }

    /// <summary>Text of a file, on one line and cut to what a message can hold.</summary>
    public static string Shown(string text, int longest = LongestShown)
    {
        string line = (text.Length > longest ? text[..longest] : text).ReplaceLineEndings(" ");
        return text.Length > longest ? line + "…" : line;
    }
}
