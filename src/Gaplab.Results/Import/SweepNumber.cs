// One number as sweep tables write it, and the words that stand where there is none.
using System.Globalization;

namespace Gaplab.Results.Import;

/// <summary>Numbers with a decimal point, NaN and infinity in the spellings of Python, C and spreadsheets, and blanks.</summary>
internal static class SweepNumber
{
    private const int LongestWord = 12;

    /// <summary>Nothing was written: an empty field, Python's None, JSON's null, "n/a", a spreadsheet's #N/A, a dash. NaN is no blank: it
    /// is a number that went wrong.</summary>
    public static bool IsBlank(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length > LongestWord)
            return false;
        Span<char> lower = stackalloc char[LongestWord];
        return lower[..text.ToLowerInvariant(lower)]
            is ""
                or "none"
                or "null"
                or "nil"
                or "na"
                or "n/a"
                or "<na>"
                or "#n/a"
                or "#nv"
                or "-"
                or "--"
                or "–"
                or "—";
    }

    /// <summary>Null when it is no number; NaN for nan, ±∞ for inf and infinity.</summary>
    public static double? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            return value;
        if (text.Length is 0 or > LongestWord)
            return null;
        Span<char> lower = stackalloc char[LongestWord];
        return lower[..text.ToLowerInvariant(lower)] switch
        {
            "nan" or "+nan" or "-nan" or "nan(ind)" or "-nan(ind)" or "1.#qnan" or "-1.#qnan" or "1.#ind" or "-1.#ind" => double.NaN,
            "inf" or "+inf" or "infinity" or "+infinity" or "1.#inf" or "∞" => double.PositiveInfinity,
            "-inf" or "-infinity" or "-1.#inf" or "-∞" => double.NegativeInfinity,
            _ => null,
        };
    }

    /// <summary>Why a field that should be a number is none, where its look tells: a spreadsheet's error or date. Null where it does
    /// not.</summary>
    public static string? Cause(string text) =>
        text.StartsWith('#') ? "a number; that is a spreadsheet's error: leave the cell empty, or write nan where the run diverged"
        : LooksLikeDate(text) ? "a number; a spreadsheet seems to have made a date of it: export the table again with that column as text"
        : null;

    private static bool LooksLikeDate(string text)
    {
        string[] parts = text.Split(['-', '.', '/', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length is 2 or 3
            && parts.Any(p => p.Any(char.IsAsciiDigit))
            && (
                parts.All(p => p.Length <= 4 && p.All(char.IsAsciiDigit))
                || parts.Any(p => s_months.Any(m => p.StartsWith(m, StringComparison.OrdinalIgnoreCase)) && p.All(char.IsLetter))
            );
    }

    /// <summary>English and German, French and Spanish where they differ.</summary>
    private static readonly string[] s_months =
    [
        "jan",
        "feb",
        "mar",
        "mär",
        "mrz",
        "apr",
        "may",
        "mai",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "okt",
        "nov",
        "dec",
        "dez",
        "fév",
        "avr",
        "aoû",
        "déc",
        "ene",
        "abr",
        "ago",
        "dic",
    ];
}
