// The bytes of a table as text: which encoding they are in is found out, or the file is refused.
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>UTF-8, UTF-16 and UTF-32 by their byte-order marks, UTF-16 without one by its zero bytes, Windows-1252 where the bytes are no
/// UTF-8.</summary>
internal static class TableText
{
    /// <exception cref="InputException">No such file, a folder, not readable, or not text.</exception>
    public static string Read(string path, string name, List<Finding> findings) =>
        Decode(RegularFile.ReadBytes(path, FileLimit.Table), name, findings);

    public static string Decode(byte[] bytes, string name, List<Finding> findings)
    {
        Encoding? marked = bytes.AsSpan() switch
        {
            [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(
                bigEndian: bytes[0] == 0,
                byteOrderMark: true,
                throwOnInvalidCharacters: true
            ),
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => new UnicodeEncoding(
                bigEndian: bytes[0] == 0xFE,
                byteOrderMark: true,
                throwOnInvalidBytes: true
            ),
            _ => bytes.AsSpan().Contains((byte)0)
                ? Unmarked(bytes) ?? throw new InputException($"{name} is not text (it holds zero bytes); expected text in UTF-8")
                : null,
        };
        string text;
        try
        {
            text = (marked ?? new UTF8Encoding(false, throwOnInvalidBytes: true)).GetString(bytes);
        }
        catch (ArgumentException e)
        {
            if (marked is not null)
                throw new InputException($"{name} begins as {marked.WebName} text and does not go on so; save it again in UTF-8", e);
            text =
                Western(bytes)
                ?? throw new InputException($"{name} is text neither in UTF-8 nor in Windows-1252; save it again in UTF-8", e);
            findings.Add(
                new(
                    FindingKinds.TableEncoding,
                    Severity.Hint,
                    $"{name} is not UTF-8: it is read as Windows-1252 (Western European), which matters for names only."
                )
            );
        }
        text = text.TrimStart('\uFEFF');
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new InputException($"{name} is not text (it holds zero bytes); expected text in UTF-8");
        return text;
    }

    /// <summary>UTF-16 when zero bytes stand at one parity only and at nearly every place of it, as in text of mostly Latin letters; else
    /// null.</summary>
    private static UnicodeEncoding? Unmarked(ReadOnlySpan<byte> bytes)
    {
        int pairs = bytes.Length / 2,
            even = 0,
            odd = 0;
        if (bytes.Length % 2 != 0 || pairs < 2)
            return null;
        for (int i = 0; i < pairs; i++)
        {
            if (bytes[2 * i] == 0)
                even++;
            if (bytes[2 * i + 1] == 0)
                odd++;
        }
        return (even, odd) switch
        {
            (0, _) when odd >= 0.9 * pairs => new UnicodeEncoding(false, false, throwOnInvalidBytes: true),
            (_, 0) when even >= 0.9 * pairs => new UnicodeEncoding(true, false, throwOnInvalidBytes: true),
            _ => null,
        };
    }

    /// <summary>Windows-1252; null when a byte is undefined there, or a control character that no table holds.</summary>
    private static string? Western(byte[] bytes)
    {
        foreach (byte b in bytes)
            if (b is 0x81 or 0x8D or 0x8F or 0x90 or 0x9D or 0x7F or (< 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r')))
                return null;
        return CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(bytes);
    }
}
