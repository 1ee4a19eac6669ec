// Nucleotides as tokens, four bits each, in blocks: a whole genome fits where an array would end.
using System.Security.Cryptography;
using System.Text;
using Gaplab.Learning.Data.Text;

namespace Gaplab.Learning.Data.Genomes;

/// <summary>A growing sequence of A, C, G, T and N, ids 0 … 4.</summary>
internal sealed class Nucleotides : TokenSequence
{
    public const int Alphabet = 5,
        Unknown = 4;
    private const int BlockBytes = 1 << 22,
        BlockBases = 2 * BlockBytes;
    private readonly List<byte[]> _blocks = [];
    private long _length;

    public override long Length => _length;

    public void Add(int id)
    {
        int at = (int)(_length % BlockBases);
        if (at == 0)
            _blocks.Add(new byte[BlockBytes]);
        _blocks[^1][at >> 1] |= (byte)(id << ((at & 1) * 4));
        _length++;
    }

    public override void Read(long start, Span<long> tokens)
    {
        CheckRange(start, tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            long at = start + i;
            tokens[i] = (_blocks[(int)(at / BlockBases)][(int)(at % BlockBases) >> 1] >> (int)((at & 1) * 4)) & 15;
        }
    }

    /// <summary>SHA-256 of the length and the bases.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_length} ")));
        foreach (byte[] block in _blocks)
            hash.AppendData(block);
        return hash.GetHashAndReset();
    }

    /// <summary>Turns a sequence into the other strand's: reversed, A ↔ T and C ↔ G.</summary>
    public static void ReverseComplement(Span<long> tokens)
    {
        tokens.Reverse();
        foreach (ref long id in tokens)
            if (id < Unknown)
                id = 3 - id;
    }
}
