// Named counter-based random streams: the numbers depend on (seed, purpose, step) and on nothing else.
using System.Runtime.CompilerServices;

namespace Gaplab.Numerics.Streams;

/// <summary>A stream of random numbers that is a pure function of its name.</summary>
/// <remarks>
/// SplitMix64 (Steele, Lea and Flood 2014): output i is mix(key + (i+1)·γ), so the stream is a counter under a fixed key.
/// The key hashes (seed, purpose, step); a new consumer takes a new purpose and never shifts the numbers of another.
/// </remarks>
public sealed class RandomStream
{
    /// <summary>What the counter grows by with each output.</summary>
    public const ulong Gamma = 0x9E3779B97F4A7C15UL;

    private ulong _state;
    private double _spareGaussian = double.NaN;

    /// <summary>SplitMix64 started at <paramref name="state"/>; its first output for 12345 is 2454886589211414944.</summary>
    public RandomStream(ulong state) => _state = state;

    /// <summary>The stream named by a seed, a purpose such as "data/order", and a step.</summary>
    public static RandomStream For(long seed, string purpose, long step = 0)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        ulong key = Mix((ulong)seed + Gamma);
        foreach (char c in purpose)
            key = Mix(key ^ c) + Gamma;
        return new RandomStream(Mix(key ^ Mix((ulong)step + Gamma)));
    }

    /// <summary>The counter: the next output is that of a new stream started here. What draws many numbers at once reads it, and then skips
    /// them.</summary>
    public ulong State => _state;

    /// <summary>Passes over <paramref name="outputs"/> outputs of <see cref="NextUInt64"/>.</summary>
    public void Skip(long outputs) => _state += Gamma * (ulong)outputs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextUInt64() => Mix(_state += Gamma);

    /// <summary>Uniform on the open interval (0, 1), 53 bits.</summary>
    public double NextDouble() => ((NextUInt64() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>Uniform on 0 … count-1: the high 64 bits of output × count (bias below count/2⁶⁴).</summary>
    public long NextIndex(long count) => (long)Math.BigMul(NextUInt64(), (ulong)count, out _);

    /// <summary>Standard normal, by the polar method of Marsaglia.</summary>
    public double NextGaussian()
    {
        if (!double.IsNaN(_spareGaussian))
        {
            double spare = _spareGaussian;
            _spareGaussian = double.NaN;
            return spare;
        }
        while (true)
        {
            double x = 2 * NextDouble() - 1,
                y = 2 * NextDouble() - 1,
                s = x * x + y * y;
            if (s is >= 1 or 0)
                continue;
            double scale = Math.Sqrt(-2 * Math.Log(s) / s);
            _spareGaussian = y * scale;
            return x * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
