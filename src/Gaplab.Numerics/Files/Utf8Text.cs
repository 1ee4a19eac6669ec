// Bytes that must be UTF-8 text, strictly: what is not text is refused with its place.
using System.Buffers;
using System.Text;

namespace Gaplab.Numerics.Files;

/// <summary>Text in UTF-8, with or without a byte-order mark.</summary>
public static class Utf8Text
{
    /// <summary>Where the text begins: behind a byte-order mark.</summary>
    /// <param name="path">For errors.</param>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="InputException">UTF-16, a NUL byte, or a byte that no UTF-8 text holds; the first is named.</exception>
    public static int Start(string path, ReadOnlySpan<byte> bytes)
    {
        int start = bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new InputException($"{path}: starts with a UTF-16 byte-order mark; expected UTF-8. Convert it: iconv -f UTF-16 -t UTF-8");
        int nul = bytes[start..].IndexOf((byte)0) is >= 0 and var at ? start + at : -1;
        int invalid = FirstInvalid(bytes, start);
        if (nul >= 0 && (invalid < 0 || nul < invalid))
            throw new InputException($"{path}: looks binary: NUL byte at byte {nul}; expected a UTF-8 text");
        if (invalid >= 0)
            throw new InputException(
                $"{path}: looks binary: byte {invalid} (0x{bytes[invalid]:X2}) is not valid UTF-8; expected a UTF-8 text. Another "
                    + $"encoding? Convert it: iconv -f LATIN1 -t UTF-8"
            );
        return start;
    }

    /// <summary>The text.</summary>
    /// <exception cref="InputException">As <see cref="Start"/>.</exception>
    public static string Decode(string path, ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[Start(path, bytes)..]);

    private static int FirstInvalid(ReadOnlySpan<byte> bytes, int start)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes[start..]))
            return -1;
        for (int i = start; i < bytes.Length; )
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out int used) != OperationStatus.Done)
                return i;
            i += used;
        }
        return -1;
    }
}
