// A seeded permutation of 0 … count-1 that computes any one image without shuffling.
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Sampling;

/// <summary>A keyed bijection of 0 … count-1: a balanced Feistel network on the next even number of bits, walked until it lands
/// inside.</summary>
/// <remarks>Luby and Rackoff 1988 (Feistel networks); Black and Rogaway 2002 (cycle walking). Eight rounds keyed by a named stream;
/// the domain is below 4·count, so a walk takes under four evaluations on average.</remarks>
internal readonly struct Permutation
{
    private const int Rounds = 8;
    private readonly ulong[] _keys;
    private readonly int _halfBits;

    public Permutation(long count, RandomStream keys)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(keys);
        Count = count;
        int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(count - 1));
        _halfBits = Math.Max(1, (bits + 1) / 2);
        _keys = new ulong[Rounds];
        for (int i = 0; i < Rounds; i++)
            _keys[i] = keys.NextUInt64();
    }

    public long Count { get; }

    /// <summary>The image of <paramref name="index"/>.</summary>
    public long this[long index]
    {
        get
        {
            if (index < 0 || index >= Count)
                throw new ArgumentOutOfRangeException(nameof(index), $"{index} of {Count}");
            ulong value = (ulong)index;
            do value = Encrypt(value);
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        ulong mask = (1UL << _halfBits) - 1,
            left = value >> _halfBits,
            right = value & mask;
        foreach (ulong key in _keys)
            (left, right) = (right, left ^ (Mix(right + key) & mask));
        return left << _halfBits | right;
    }

    // SplitMix64's finalizer (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
