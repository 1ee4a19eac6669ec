// Any table as CSV, by the rules of all our exports.
namespace Gaplab.Results.Export;

/// <summary>Numbers read back bit for bit, what is not known is empty, and no text is a formula.</summary>
public static class CsvText
{
    /// <param name="header">Names of the columns.</param>
    /// <param name="rows">As many cells each: numbers as <see cref="double"/>, NaN where there is none; anything else by its text.</param>
    public static string Of(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<object?>> rows)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(rows);
        using var writer = new StringWriter();
        new ExportTable([.. header.Select(h => new ExportColumn(h))], rows.Select(r => r.Select(CellOf).ToArray())).WriteCsv(writer);
        return writer.ToString();
    }

    private static Cell CellOf(object? value) =>
        value is double number ? new Cell(double.IsNaN(number) ? (double?)null : number) : new Cell(value?.ToString() ?? "");
}
