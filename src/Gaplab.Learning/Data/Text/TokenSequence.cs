// A random-access sequence of token ids, whatever holds it.
using System.Numerics;

namespace Gaplab.Learning.Data.Text;

/// <summary>Token ids 0 … vocabulary-1 by position. Reading is safe from several threads.</summary>
public abstract class TokenSequence
{
    /// <summary>Number of tokens.</summary>
    public abstract long Length { get; }

    /// <summary>Copies the ids at <paramref name="start"/>, start+1, … into <paramref name="tokens"/>, filling it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The sequence ends before the span does.</exception>
    public abstract void Read(long start, Span<long> tokens);

    /// <summary>The tokens from <paramref name="start"/> on, <paramref name="length"/> of them, without copying.</summary>
    public TokenSequence Slice(long start, long length)
    {
        CheckRange(start, length);
        return new TokenSlice(this, start, length);
    }

    /// <summary>A sequence over an array of ids.</summary>
    public static TokenSequence Of<T>(T[] ids)
        where T : unmanaged, IBinaryInteger<T> => new TokenArray<T>(ids);

    protected void CheckRange(long start, long count)
    {
        if (start < 0 || count < 0 || start > Length - count)
            throw new ArgumentOutOfRangeException(nameof(start), $"tokens {start} … {start + count - 1} of a sequence of {Length}");
    }
}

/// <summary>Ids in an array of the narrowest type that holds them.</summary>
internal sealed class TokenArray<T>(T[] ids) : TokenSequence
    where T : unmanaged, IBinaryInteger<T>
{
    public override long Length => ids.LongLength;

    public override void Read(long start, Span<long> tokens)
    {
        CheckRange(start, tokens.Length);
        ReadOnlySpan<T> from = ids.AsSpan((int)start, tokens.Length);
        for (int i = 0; i < from.Length; i++)
            tokens[i] = long.CreateTruncating(from[i]);
    }
}

/// <summary>A part of another sequence.</summary>
internal sealed class TokenSlice(TokenSequence whole, long offset, long length) : TokenSequence
{
    public override long Length => length;

    public override void Read(long start, Span<long> tokens)
    {
        CheckRange(start, tokens.Length);
        whole.Read(offset + start, tokens);
    }
}
