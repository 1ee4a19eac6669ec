// Two competitors in turn, block by block: the ratio of a pair survives a machine whose speed drifts.
namespace Gaplab.Benchmarks;

/// <summary>Medians of A's seconds, B's, and of the pairwise ratio B/A, with the ratio's least and largest.</summary>
internal readonly record struct Paired(double A, double B, double Ratio, double Least, double Largest)
{
    public void Deconstruct(out double a, out double b, out double ratio) => (a, b, ratio) = (A, B, Ratio);
}

internal static class PairedBlocks
{
    /// <summary>Measures pairs of blocks after one warm-up of each.</summary>
    public static Paired Measure(Func<double> a, Func<double> b, int pairs)
    {
        a();
        b();
        double[] first = new double[pairs],
            second = new double[pairs],
            ratios = new double[pairs];
        for (int i = 0; i < pairs; i++)
        {
            // Who goes first alternates, so that neither always inherits the other's caches.
            if (i % 2 == 0)
                (first[i], second[i]) = (a(), b());
            else
                (second[i], first[i]) = (b(), a());
            ratios[i] = second[i] / first[i];
        }
        return new(Median(first), Median(second), Median(ratios), ratios.Min(), ratios.Max());
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : 0.5 * (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]);
    }
}
