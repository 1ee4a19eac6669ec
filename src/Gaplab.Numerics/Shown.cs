// What others wrote, as it may stand in a message: one line, short, and without characters that act on a terminal.
using System.Globalization;
using System.Text;

namespace Gaplab.Numerics;

/// <summary>Makes foreign text fit to be shown: control characters, bidirectional marks and halves of surrogate pairs are written as
/// escapes; what is long is cut.</summary>
public static class Shown
{
    /// <summary>Characters of a value that a message repeats.</summary>
    public const int Most = 80;

    /// <summary>Characters of a path or another single word: names of deep folders are long.</summary>
    public const int MostWord = 256;

    /// <summary>Characters of a whole message.</summary>
    public const int MostLine = 1200;

    /// <summary>A value on one line, with at most <paramref name="most"/> of its characters.</summary>
    public static string Of(string? value, int most = Most) => value is null ? "" : Harmless(Cut(value, most), spaced: false);

    /// <summary>A list of names, of which the first <paramref name="count"/> are shown.</summary>
    public static string List(IEnumerable<string> names, int count = 8)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] first = [.. names.Take(count + 1)];
        return string.Join(", ", first.Take(count).Select(n => Of(n))) + (first.Length > count ? ", …" : "");
    }

    /// <summary>A whole message on one line; ends of lines become blanks, and no word is longer than <see cref="MostWord"/>.</summary>
    public static string Line(string message, int most = MostLine) => Harmless(Cut(Words(message ?? ""), most), spaced: true);

    private static string Words(string text)
    {
        if (text.Length <= MostWord)
            return text;
        var made = new StringBuilder();
        for (int start = 0; start < text.Length && made.Length <= MostLine; )
        {
            int end = text.AsSpan(start).IndexOfAny(" \n") is >= 0 and var length ? start + length + 1 : text.Length;
            made.Append(
                end - start > MostWord + 1
                    ? Cut(text[start..end].TrimEnd(), MostWord) + (end < text.Length ? " " : "")
                    : text.AsSpan(start, end - start)
            );
            start = end;
        }
        return made.ToString();
    }

    private static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        int end = char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static string Harmless(string text, bool spaced)
    {
        int first = 0;
        while (first < text.Length && IsHarmless(text, first))
            first++;
        if (first == text.Length)
            return text;
        var made = new StringBuilder(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            char c = text[i];
            if (IsHarmless(text, i))
                made.Append(c);
            else if (spaced && c is '\n' or '\r' or '\t')
            {
                if (c != '\r' || i + 1 == text.Length || text[i + 1] != '\n')
                    made.Append(' ');
            }
            else
                made.Append(
                    c switch
                    {
                        '\n' => "\\n",
                        '\r' => "\\r",
                        '\t' => "\\t",
                        < '\u0100' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}"),
                        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                    }
                );
        }
        return made.ToString();
    }

    // Format characters (Cf) hold the bidirectional marks and what has no width; U+2028 and U+2029 end lines.
    private static bool IsHarmless(string text, int at)
    {
        char c = text[at];
        if (c is >= ' ' and < '\u007F')
            return true;
        if (char.IsHighSurrogate(c))
            return at + 1 < text.Length
                && char.IsLowSurrogate(text[at + 1])
                && CharUnicodeInfo.GetUnicodeCategory(text, at) != UnicodeCategory.Format;
        if (char.IsLowSurrogate(c))
            return at > 0
                && char.IsHighSurrogate(text[at - 1])
                && CharUnicodeInfo.GetUnicodeCategory(text, at - 1) != UnicodeCategory.Format;
        return char.GetUnicodeCategory(c)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
    }
}
