// A number as a script prints it in a line of text: with thousands, a unit, a total behind a slash.
using System.Buffers;
using System.Globalization;

namespace Gaplab.Results.Logs;

/// <summary>What stands where a digit begins.</summary>
/// <param name="End">The place behind it.</param>
/// <param name="Value">Null where it is no number after all: a time, a date, a version, a name that begins with a digit.</param>
/// <param name="Total">Of "10/1000" the second.</param>
/// <param name="IsPercent">A per-cent sign follows it.</param>
internal readonly record struct OutputNumber(int End, double? Value, double? Total = null, bool IsPercent = false)
{
    private const int LongestUnit = 12;

    private static readonly SearchValues<char> s_ends = SearchValues.Create(" \t,|;)]}\"'");

    /// <summary>Whether a number or something like it begins at a place: a digit, or a sign or point before one.</summary>
    public static bool Begins(ReadOnlySpan<char> text, int at)
    {
        if (at < text.Length && text[at] is '-' or '+')
            at++;
        if (at < text.Length && text[at] == '.')
            at++;
        return at < text.Length && char.IsAsciiDigit(text[at]);
    }

    public static OutputNumber Read(ReadOnlySpan<char> text, int at)
    {
        if (!Plain(text, at, out int end, out double value))
            return Other(text, at);
        double? total = null;
        int slash = Blanks(text, end);
        if (slash < text.Length && text[slash] == '/' && Blanks(text, slash + 1) is var next && next < text.Length)
            if (char.IsAsciiDigit(text[next]) && Plain(text, next, out int behind, out double of))
                (total, end) = (of, behind);
        char c = end < text.Length ? text[end] : ' ';
        char then = end + 1 < text.Length ? text[end + 1] : ' ';
        // 12:30, 2024-01-31, 1.2.3, 2024/01/31 and 0,31, which may be a decimal comma.
        if (c is ':' or '.' or '/' or ',' && char.IsAsciiDigit(then) || c == '-' && char.IsLetterOrDigit(then) || c == '_')
            return Other(text, at);
        int unit = end;
        while (unit < text.Length && unit - end <= LongestUnit && (char.IsLetter(text[unit]) || text[unit] is '%' or '/' or '°' or '²'))
            unit++;
        if (unit == end)
        {
            int percent = Blanks(text, end);
            return percent < text.Length && text[percent] == '%' ? new(percent + 1, value, total, true) : new(end, value, total);
        }
        if (unit - end > LongestUnit || (unit < text.Length && (char.IsAsciiDigit(text[unit]) || text[unit] is '_' or '-')))
            return Other(text, at);
        ReadOnlySpan<char> named = text[end..unit];
        double scale = named switch
        {
            "k" or "K" => 1e3,
            "M" => 1e6,
            "B" or "G" => 1e9,
            "T" => 1e12,
            _ => 1,
        };
        return new(unit, value * scale, total, named is "%");
    }

    /// <summary>Digits, perhaps in groups of three, a fraction, an exponent.</summary>
    private static bool Plain(ReadOnlySpan<char> text, int at, out int end, out double value)
    {
        int i = at;
        if (i < text.Length && text[i] is '-' or '+')
            i++;
        int digits = i;
        i = Digits(text, i);
        bool grouped = false;
        if (i - digits is >= 1 and <= 3)
            while (i < text.Length && text[i] == ',' && Digits(text, i + 1) == i + 4)
                (i, grouped) = (i + 4, true);
        int fraction = i;
        if (i < text.Length && text[i] == '.')
            i = Digits(text, i + 1);
        // "10." ends a sentence as often as it is a number.
        if (i == fraction + 1)
            i = fraction;
        if (i < text.Length && text[i] is 'e' or 'E')
        {
            int power = i + 1;
            if (power < text.Length && text[power] is '-' or '+')
                power++;
            if (Digits(text, power) is var last && last > power)
                i = last;
        }
        end = i;
        ReadOnlySpan<char> number = text[at..i];
        return double.TryParse(
            number,
            grouped ? NumberStyles.Float | NumberStyles.AllowThousands : NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out value
        );
    }

    private static OutputNumber Other(ReadOnlySpan<char> text, int at)
    {
        int length = text[at..].IndexOfAny(s_ends);
        return new(length < 0 ? text.Length : Math.Max(at + 1, at + length), null);
    }

    private static int Digits(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return at;
    }

    public static int Blanks(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
        return at;
    }
}
