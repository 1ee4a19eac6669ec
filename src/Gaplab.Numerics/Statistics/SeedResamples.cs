// The resamples of a bootstrap over few seeds: every tuple when there are few, a fixed random set otherwise.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Statistics;

/// <summary>Resamples of S seeds with replacement (theory.md E4).</summary>
public sealed class SeedResamples
{
    /// <summary>Up to this many tuples S^S all are taken (S ≤ 5).</summary>
    public const int AllTuplesUpTo = 3125;

    public const int RandomResamples = 2000;

    private readonly int[] _indices;

    private SeedResamples(int seeds, int[] indices) => (Seeds, _indices) = (seeds, indices);

    public int Seeds { get; }

    public int Count => _indices.Length / Seeds;

    /// <summary>The S seed indices of resample r, each 0 … S−1.</summary>
    public ReadOnlySpan<int> this[int resample] => _indices.AsSpan(resample * Seeds, Seeds);

    /// <summary>All S^S tuples when at most 3125, else 2000 drawn by SplitMix64(12345), each index the high 64 bits of output ×
    /// S.</summary>
    public static SeedResamples Of(int seeds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        double tuples = Math.Pow(seeds, seeds);
        if (tuples > AllTuplesUpTo)
        {
            var stream = new RandomStream(12345);
            var random = new int[RandomResamples * seeds];
            for (int i = 0; i < random.Length; i++)
                random[i] = (int)stream.NextIndex(seeds);
            return new SeedResamples(seeds, random);
        }
        var all = new int[(int)tuples * seeds];
        for (int r = 0; r < (int)tuples; r++)
        for (int k = seeds - 1, rest = r; k >= 0; k--, rest /= seeds)
            all[r * seeds + k] = rest % seeds;
        return new SeedResamples(seeds, all);
    }
}
