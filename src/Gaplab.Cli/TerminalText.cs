// What reaches the terminal: control characters and marks that reorder or hide text are shown, never obeyed.
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gaplab.Cli;

/// <summary>A writer that lets line ends and tabs through and writes every other control or format character as \uXXXX, which in a JSON
/// document is the character itself.</summary>
/// <remarks>Names come from files that others made: ESC could clear a screen or set its title, U+202E turn a line about.</remarks>
internal sealed class TerminalText(TextWriter terminal) : TextWriter(CultureInfo.InvariantCulture)
{
    private static long s_written;
    private static TextWriter? s_raw;

    /// <summary>Standard output as it is, for a screen's own control sequences and for data that a file is to receive unchanged.</summary>
    public static TextWriter Raw => s_raw ?? Console.Out;

    /// <summary>When anything was written last; 0 before.</summary>
    public static long Written => Volatile.Read(ref s_written);

    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Standard output and standard error go through the filter from here on.</summary>
    public static void Install()
    {
        s_raw = Console.Out;
        Console.SetOut(new TerminalText(Console.Out));
        Console.SetError(new TerminalText(Console.Error));
    }

    public static string Harmless(string text)
    {
        var safe = new StringWriter(CultureInfo.InvariantCulture);
        using var filter = new TerminalText(safe);
        filter.Write(text);
        return safe.ToString();
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> text)
    {
        Volatile.Write(ref s_written, Stopwatch.GetTimestamp());
        int from = 0;
        for (int i = 0; i < text.Length; )
        {
            int length = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            if (!IsHarmless(text, i, length))
            {
                terminal.Write(text[from..i]);
                foreach (char c in text.Slice(i, length))
                    terminal.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"));
                from = i + length;
            }
            i += length;
        }
        terminal.Write(text[from..]);
    }

    public override void Flush() => terminal.Flush();

    private static bool IsHarmless(ReadOnlySpan<char> text, int at, int length)
    {
        char c = text[at];
        if (c is '\n' or '\t' || c == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
            return true;
        UnicodeCategory category =
            length == 2 ? CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[at + 1])) : CharUnicodeInfo.GetUnicodeCategory(c);
        return category
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
    }
}
