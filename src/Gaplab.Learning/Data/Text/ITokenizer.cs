// What turns text into token ids and back.
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Text;

/// <summary>A tokenizer over a fixed vocabulary.</summary>
internal interface ITokenizer
{
    /// <summary>Ids are 0 … Vocabulary-1.</summary>
    int Vocabulary { get; }

    /// <summary>The ids of a valid UTF-8 text.</summary>
    /// <exception cref="InputException">The text holds what the vocabulary lacks.</exception>
    TokenSequence Encode(ReadOnlySpan<byte> utf8);

    /// <summary>The UTF-8 bytes that the ids stand for; a part of a text may begin or end inside a character.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id outside the vocabulary.</exception>
    byte[] Decode(ReadOnlySpan<long> tokens);
}

/// <summary>Every byte is a token: 256 ids, no unknown input.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    public int Vocabulary => 256;

    public TokenSequence Encode(ReadOnlySpan<byte> utf8) => TokenSequence.Of(utf8.ToArray());

    public byte[] Decode(ReadOnlySpan<long> tokens)
    {
        var bytes = new byte[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
            bytes[i] = tokens[i] is >= 0 and < 256
                ? (byte)tokens[i]
                : throw new ArgumentOutOfRangeException(nameof(tokens), $"id {tokens[i]} of 256");
        return bytes;
    }
}
