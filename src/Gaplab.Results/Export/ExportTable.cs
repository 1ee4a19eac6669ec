// A table to write: columns of one kind each, and rows one after another.
using System.Globalization;

namespace Gaplab.Results.Export;

/// <summary>What every cell of a column is.</summary>
internal enum ColumnKind
{
    Text,
    Whole,
    Number,
}

/// <summary>A column's name, and the kind that a format with types gives it.</summary>
internal sealed record ExportColumn(string Name, ColumnKind Kind = ColumnKind.Text)
{
    /// <summary>What users named goes before one of our names: a factor <c>samples</c> beside our <c>samples</c> is
    /// <c>factor_samples</c>.</summary>
    public string? Owner { get; init; }

    /// <summary>A column of texts: of numbers where each is one, or empty.</summary>
    public static ExportColumn Of(string name, IEnumerable<string> values)
    {
        bool any = false,
            whole = true;
        foreach (string value in values)
        {
            if (value.Length == 0)
                continue;
            any = true;
            whole = whole && Cell.Whole(value) is not null;
            if (!whole && Cell.Number(value) is null)
                return new(name);
        }
        return new(
            name,
            !any ? ColumnKind.Text
                : whole ? ColumnKind.Whole
                : ColumnKind.Number
        );
    }
}

/// <summary>A cell as text, or as the number that its text would be.</summary>
internal readonly record struct Cell
{
    private readonly string? _text;
    private readonly double? _number;
    private readonly long? _whole;

    public Cell(string? text) => _text = text;

    public Cell(double? number) => _number = number;

    public Cell(long? whole) => _whole = whole;

    /// <summary>A number with the text it was read as.</summary>
    public Cell(string text, double? number) => (_text, _number) = (text, number);

    /// <summary>Whether a spreadsheet could take it for a formula.</summary>
    public bool IsText => _text is not null;

    /// <summary>Numbers invariant, such that they read back bit for bit; "NaN", "inf" and "-inf"; what is not known is empty.</summary>
    public string Field => _text ?? _whole?.ToString(CultureInfo.InvariantCulture) ?? (_number is { } v ? Text(v) : "");

    public long? AsWhole => _whole ?? (_text is { } text ? Whole(text) : null);

    public double? AsNumber => _number ?? _whole ?? (_text is { } text ? Number(text) : null);

    public static long? Whole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
        && value.ToString(CultureInfo.InvariantCulture) == text
            ? value
            : null;

    public static double? Number(string text) =>
        text switch
        {
            "NaN" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null,
        };

    private static string Text(double v) =>
        double.IsNaN(v) ? "NaN"
        : double.IsPositiveInfinity(v) ? "inf"
        : double.IsNegativeInfinity(v) ? "-inf"
        : v.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>A table whose rows need not all be in memory.</summary>
/// <param name="Rows">Each as long as there are columns; what is handed out may be overwritten by the next row.</param>
internal sealed record ExportTable(IReadOnlyList<ExportColumn> Columns, IEnumerable<Cell[]> Rows)
{
    /// <summary>No two of one name.</summary>
    public IReadOnlyList<ExportColumn> Columns { get; } =
    [
        .. Columns.Select(
            (c, i) =>
                c.Owner is { } owner && Columns.Where((other, j) => j != i && other.Name == c.Name).Any()
                    ? c with
                    {
                        Name = $"{owner}_{c.Name}",
                    }
                    : c
        ),
    ];

    /// <summary>CSV with a header. Text that a spreadsheet would run is disarmed (<see cref="SpreadsheetField"/>).</summary>
    public void WriteCsv(TextWriter writer)
    {
        WriteLine(writer, [.. Columns.Select(c => new Cell(c.Name))]);
        foreach (Cell[] row in Rows)
            WriteLine(writer, row);
    }

    private static void WriteLine(TextWriter writer, Cell[] cells)
    {
        for (int c = 0; c < cells.Length; c++)
        {
            if (c > 0)
                writer.Write(',');
            string field = cells[c].Field;
            if (cells[c].IsText)
                field = SpreadsheetField.Disarm(field);
            if (field.AsSpan().ContainsAny(",\"\n\r"))
            {
                writer.Write('"');
                writer.Write(field.Replace("\"", "\"\"", StringComparison.Ordinal));
                writer.Write('"');
            }
            else
                writer.Write(field);
        }
        writer.Write('\n');
    }
}
