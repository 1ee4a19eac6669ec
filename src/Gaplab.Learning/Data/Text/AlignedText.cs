// Two text files whose lines belong together: line n of one is the translation of line n of the other.
using System.Security.Cryptography;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Text;

/// <summary>The sentence pairs of two aligned files; a pair with an empty side is left out and counted.</summary>
/// <remarks>A line ends at a line feed, with a carriage return before it or not; the last one need not end. Blank lines count as lines:
/// leaving them out before pairing would shift all that follow.</remarks>
internal sealed class AlignedText
{
    private AlignedText(IReadOnlyList<(ReadOnlyMemory<byte> Source, ReadOnlyMemory<byte> Target)> pairs, int empty, byte[] hash) =>
        (Pairs, Empty, Hash) = (pairs, empty, hash);

    /// <summary>Sentences in UTF-8 without their line ends.</summary>
    public IReadOnlyList<(ReadOnlyMemory<byte> Source, ReadOnlyMemory<byte> Target)> Pairs { get; }

    /// <summary>Pairs left out because a side is blank.</summary>
    public int Empty { get; }

    /// <summary>SHA-256 over the two texts as they are when unpacked.</summary>
    public byte[] Hash { get; }

    /// <summary>Reads two files, packed by gzip or not.</summary>
    /// <exception cref="InputException">A file is missing, not UTF-8 or without sentences, or the files differ in their numbers of
    /// lines.</exception>
    public static AlignedText Read(string source, string target)
    {
        byte[] sourceText = TextFiles.ReadPacked(source, "file of source sentences"),
            targetText = TextFiles.ReadPacked(target, "file of target sentences");
        foreach ((string path, byte[] text) in (ReadOnlySpan<(string, byte[])>)[(source, sourceText), (target, targetText)])
            if (text.Length == 0)
                throw new InputException($"{path}: is empty; expected a sentence a line");
        List<ReadOnlyMemory<byte>> sources = Lines(sourceText),
            targets = Lines(targetText);
        if (sources.Count != targets.Count)
            throw new InputException(
                $"{source} has {sources.Count} lines and {target} has {targets.Count}; expected as many, line n of one being the "
                    + $"translation of line n of the other"
            );
        var pairs = new List<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)>(sources.Count);
        for (int i = 0; i < sources.Count; i++)
            if (!IsBlank(sources[i]) && !IsBlank(targets[i]))
                pairs.Add((sources[i], targets[i]));
        if (pairs.Count == 0)
            throw new InputException(
                $"{source} and {target}: none of the {sources.Count} line pairs has text on both sides; expected a sentence a line"
            );
        return new AlignedText(
            pairs,
            sources.Count - pairs.Count,
            SHA256.HashData([.. SHA256.HashData(sourceText), .. SHA256.HashData(targetText)])
        );
    }

    private static List<ReadOnlyMemory<byte>> Lines(byte[] text)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        for (int start = 0; start < text.Length; )
        {
            int end = Array.IndexOf(text, (byte)'\n', start);
            if (end < 0)
                end = text.Length;
            int length = end - start;
            if (length > 0 && text[end - 1] == (byte)'\r')
                length--;
            lines.Add(text.AsMemory(start, length));
            start = end + 1;
        }
        return lines;
    }

    private static bool IsBlank(ReadOnlyMemory<byte> line) => line.Span.Trim(" \t\r\v\f"u8).IsEmpty;
}
