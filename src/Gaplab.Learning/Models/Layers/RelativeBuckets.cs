// Which distances between a query and a key share a number of the relative position bias.
namespace Gaplab.Learning.Models.Layers;

/// <summary>T5's buckets (Raffel et al. 2020, section 2.1, and its published code).</summary>
/// <remarks>
/// The first half of the buckets holds one distance each; the other half grows logarithmically up to the last distance, from which all
/// share the last bucket. Bidirectional, the buckets are divided between keys before (or at) the query and keys after it; causal, keys
/// after it count as distance 0.
/// </remarks>
internal static class RelativeBuckets
{
    /// <summary>The bucket of a key at <paramref name="offset"/> = key − query positions.</summary>
    /// <param name="offset">Key minus query.</param>
    /// <param name="buckets">A multiple of 4.</param>
    /// <param name="distance">Above half of <paramref name="buckets"/>.</param>
    /// <param name="bidirectional">Of an encoder; else of a decoder.</param>
    public static long Of(long offset, long buckets, long distance, bool bidirectional)
    {
        long first = 0;
        if (bidirectional)
        {
            buckets /= 2;
            if (offset > 0)
                first = buckets;
        }
        long away = bidirectional ? Math.Abs(offset) : Math.Max(-offset, 0),
            exact = buckets / 2;
        if (away < exact)
            return first + away;
        // A distance that is exactly a boundary must not fall below it by the last bit of a logarithm.
        double logarithmic = Math.Log((double)away / exact) / Math.Log((double)distance / exact) * (buckets - exact) + 1e-9;
        return first + Math.Min(buckets - 1, exact + (long)logarithmic);
    }
}
