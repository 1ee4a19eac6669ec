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
}

/// <summary>Named columns of text, whatever kind of file they came from.</summary>
/// <param name="File">The file's name, for messages.</param>
internal sealed record SourceTable(string File, string[] Header, IReadOnlyList<SourceRow> Rows)
{
    private const int LongestShown = 40,
        LongestNames = 90;

    /// <summary>Of columns of which the file itself says so: whether more is better.</summary>
    public IReadOnlyDictionary<string, bool> HigherIsBetter { get; init; } = new Dictionary<string, bool>();

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
