// Text that a spreadsheet would run as a formula, made plain text by an apostrophe, and read back without it.
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gaplab.Results.Export;

/// <summary>A field that begins with = + - @, a tab or a carriage return and is no number gets an apostrophe before it; one that already
/// has apostrophes there gets one more, so that reading takes off exactly what writing put on.</summary>
internal static partial class SpreadsheetField
{
    public static string Disarm(string field) =>
        field.Length > 0 && "=+-@\t\r'".Contains(field[0], StringComparison.Ordinal) && Formula().IsMatch(field) && !IsNumber(field)
            ? "'" + field
            : field;

    public static string Restore(string field) => field.StartsWith('\'') && Formula().IsMatch(field) ? field[1..] : field;

    // "-inf" is a number of ours; "+1+2" is none.
    private static bool IsNumber(string field) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && !char.IsWhiteSpace(field[0])
        || field is "-inf" or "+inf";

    [GeneratedRegex("^'*[=+\\-@\t\r]")]
    private static partial Regex Formula();
}
