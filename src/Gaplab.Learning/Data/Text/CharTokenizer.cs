// One token a character: the sorted distinct Unicode scalar values of a text.
using System.Buffers;
using System.Text;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Text;

/// <summary>Ids number the distinct Unicode scalar values of the whole text in ascending order, as in nanoGPT's character data.</summary>
/// <remarks>The vocabulary is taken from training and validation text together, so no validation character is unknown.</remarks>
internal sealed class CharTokenizer : ITokenizer
{
    private readonly Rune[] _characters;
    private readonly Dictionary<int, int> _ids;

    private CharTokenizer(Rune[] characters)
    {
        _characters = characters;
        _ids = characters.Select((c, id) => (c.Value, id)).ToDictionary(p => p.Value, p => p.id);
    }

    public int Vocabulary => _characters.Length;

    /// <summary>The tokenizer whose vocabulary is the characters of a valid UTF-8 text.</summary>
    public static CharTokenizer Of(ReadOnlySpan<byte> utf8)
    {
        var seen = new bool[0x110000];
        for (int i = 0; i < utf8.Length; )
        {
            i += Next(utf8[i..], out Rune c);
            seen[c.Value] = true;
        }
        return new CharTokenizer([.. Enumerable.Range(0, seen.Length).Where(v => seen[v]).Select(v => new Rune(v))]);
    }

    public TokenSequence Encode(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8)
            if ((b & 0xC0) != 0x80)
                count++; // continuation bytes start no character
        var narrow = Vocabulary <= 256 ? new byte[count] : null;
        var wide = narrow is null ? new int[count] : null;
        for (int i = 0, at = 0; i < utf8.Length; at++)
        {
            i += Next(utf8[i..], out Rune c);
            if (!_ids.TryGetValue(c.Value, out int id))
                throw new InputException($"character U+{c.Value:X4} at token {at} is not in the vocabulary of {Vocabulary} characters");
            if (narrow is not null)
                narrow[at] = (byte)id;
            else
                wide![at] = id;
        }
        return narrow is not null ? TokenSequence.Of(narrow) : TokenSequence.Of(wide!);
    }

    public byte[] Decode(ReadOnlySpan<long> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(tokens.Length + 4);
        foreach (long id in tokens)
        {
            if (id < 0 || id >= Vocabulary)
                throw new ArgumentOutOfRangeException(nameof(tokens), $"id {id} of {Vocabulary}");
            bytes.Advance(_characters[id].EncodeToUtf8(bytes.GetSpan(4)));
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static int Next(ReadOnlySpan<byte> utf8, out Rune character) =>
        Rune.DecodeFromUtf8(utf8, out character, out int used) == OperationStatus.Done
            ? used
            : throw new ArgumentException("not valid UTF-8", nameof(utf8));
}
