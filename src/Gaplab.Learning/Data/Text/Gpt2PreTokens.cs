// GPT-2's pre-tokenization, scanned by hand over UTF-8 so that characters beyond the 16-bit plane count as letters and numbers too.
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gaplab.Learning.Data.Text;

/// <summary>Cuts text as the pattern <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> does.</summary>
/// <remarks>Radford et al. 2019's released encoder. .NET's own regular expressions see UTF-16 halves, for which \p{L} fails beyond
/// U+FFFF.</remarks>
internal static class Gpt2PreTokens
{
    private enum Class
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>Bytes of the pre-token at the start of a non-empty, valid UTF-8 text.</summary>
    public static int NextLength(ReadOnlySpan<byte> text)
    {
        int contraction = Contraction(text);
        if (contraction > 0)
            return contraction;
        Class first = ClassAt(text, 0, out int used);
        if (first != Class.Space)
            return RunEnd(text, used, first);
        // A plain space joins the run after it.
        if (text[0] == (byte)' ' && text.Length > 1)
        {
            Class second = ClassAt(text, 1, out int secondUsed);
            if (second != Class.Space)
                return RunEnd(text, 1 + secondUsed, second);
        }
        // Whitespace: all of it at the end of the text; else all but its last character, which is left for what follows.
        int end = used,
            last = 0;
        while (end < text.Length && ClassAt(text, end, out used) == Class.Space)
            (last, end) = (end, end + used);
        return end == text.Length || last == 0 ? end : last;
    }

    private static int RunEnd(ReadOnlySpan<byte> text, int end, Class run)
    {
        while (end < text.Length && ClassAt(text, end, out int used) == run)
            end += used;
        return end;
    }

    private static int Contraction(ReadOnlySpan<byte> text)
    {
        if (text[0] != (byte)'\'' || text.Length < 2)
            return 0;
        if (text[1] is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d')
            return 2;
        return text.Length > 2 && ((text[1], text[2]) is ((byte)'r', (byte)'e') or ((byte)'v', (byte)'e') or ((byte)'l', (byte)'l'))
            ? 3
            : 0;
    }

    private static Class ClassAt(ReadOnlySpan<byte> text, int at, out int used)
    {
        byte b = text[at];
        if (b < 0x80)
        {
            used = 1;
            return b is (byte)' ' or (>= 9 and <= 13) ? Class.Space
                : char.IsAsciiLetter((char)b) ? Class.Letter
                : char.IsAsciiDigit((char)b) ? Class.Number
                : Class.Other;
        }
        if (Rune.DecodeFromUtf8(text[at..], out Rune c, out used) != OperationStatus.Done)
            throw new ArgumentException("not valid UTF-8", nameof(text));
        if (Rune.IsWhiteSpace(c))
            return Class.Space;
        return Rune.GetUnicodeCategory(c) switch
        {
            <= UnicodeCategory.OtherLetter => Class.Letter, // Lu, Ll, Lt, Lm, Lo
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Class.Number,
            _ => Class.Other,
        };
    }
}
