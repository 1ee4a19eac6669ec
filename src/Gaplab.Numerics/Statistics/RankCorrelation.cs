// Spearman's rank correlation with a permutation p-value.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Statistics;

/// <summary>Association of two samples that survives any monotone change of either.</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's ρ: Pearson's correlation of mid-ranks; NaN when either sample is constant or shorter than 2.</summary>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"{x.Length} and {y.Length} values", nameof(y));
        return Pearson(Ranks(x), Ranks(y));
    }

    /// <summary>Two-sided p-value of ρ by random permutations, (1 + hits)/(1 + permutations): never 0 (Phipson and Smyth 2010).</summary>
    /// <param name="x">What changes places.</param>
    /// <param name="y">What stays.</param>
    /// <param name="random">Of the permutations.</param>
    /// <param name="permutations">How many.</param>
    /// <param name="blocks">
    /// A number per pair, for pairs that are not independent within a block, such as a curve: whole blocks then change places, and each is
    /// turned around or not.
    /// Under the hypothesis a curve is as likely as the same read backwards. A block that takes the place of one of another length is read
    /// at evenly spaced places.
    /// </param>
    public static double PValue(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> y,
        RandomStream random,
        int permutations = 10_000,
        IReadOnlyList<int>? blocks = null
    )
    {
        ArgumentNullException.ThrowIfNull(random);
        double[] a = Ranks(x),
            b = Ranks(y);
        double observed = Math.Abs(Pearson(a, b));
        if (double.IsNaN(observed))
            return double.NaN;
        int[][] groups = blocks is null
            ? [.. Enumerable.Range(0, a.Length).Select(i => new[] { i })]
            : [.. Enumerable.Range(0, a.Length).GroupBy(i => blocks[i]).Select(g => g.ToArray())];
        int[] order = [.. Enumerable.Range(0, groups.Length)];
        double[] shuffled = new double[a.Length];
        int hits = 0;
        for (int p = 0; p < permutations; p++)
        {
            for (int i = order.Length - 1; i > 0; i--)
            {
                int j = (int)random.NextIndex(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }
            for (int g = 0; g < groups.Length; g++)
            {
                (int[] to, int[] from) = (groups[g], groups[order[g]]);
                bool turned = from.Length > 1 && random.NextIndex(2) == 0;
                for (int k = 0; k < to.Length; k++)
                {
                    int at = to.Length == 1 ? from.Length / 2 : (int)Math.Round(k * (from.Length - 1.0) / (to.Length - 1));
                    shuffled[to[k]] = a[from[turned ? from.Length - 1 - at : at]];
                }
            }
            // Equal up to rounding counts as a hit, or permutations of tied data would be taken for smaller.
            if (Math.Abs(Pearson(shuffled, b)) >= observed - 1e-12)
                hits++;
        }
        return (1.0 + hits) / (1 + permutations);
    }

    /// <summary>Ranks from 1, ties sharing their mean.</summary>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray(),
            ranks = new double[values.Length];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, order);
        for (int i = 0, j; i < order.Length; i = j)
        {
            for (j = i + 1; j < order.Length && sorted[j] == sorted[i]; )
                j++;
            for (int k = i; k < j; k++)
                ranks[order[k]] = 0.5 * (i + 1 + j);
        }
        return ranks;
    }

    private static double Pearson(double[] x, double[] y)
    {
        if (x.Length < 2)
            return double.NaN;
        double meanX = x.Average(),
            meanY = y.Average(),
            xy = 0,
            xx = 0,
            yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return xx == 0 || yy == 0 ? double.NaN : xy / Math.Sqrt(xx * yy);
    }
}
