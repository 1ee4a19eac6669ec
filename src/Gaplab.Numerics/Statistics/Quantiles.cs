// Sample quantiles, types 1 and 7 of Hyndman and Fan.
namespace Gaplab.Numerics.Statistics;

/// <summary>Quantiles of a sample (Hyndman and Fan 1996). Infinite values are allowed, NaN is not.</summary>
public static class Quantiles
{
    /// <summary>Type 7, the default of R and NumPy: linear between order statistics at (n−1)p. Between two values of which one is infinite,
    /// the infinite one.</summary>
    /// <param name="sorted">Ascending, at least one value.</param>
    /// <param name="probability">In [0, 1].</param>
    public static double Type7(ReadOnlySpan<double> sorted, double probability)
    {
        Check(sorted, probability);
        double position = (sorted.Length - 1) * probability;
        int below = (int)Math.Floor(position);
        double fraction = position - below,
            low = sorted[below];
        if (fraction == 0 || below + 1 == sorted.Length)
            return low;
        double high = sorted[below + 1];
        if (low == high)
            return low;
        if (double.IsNegativeInfinity(low))
            return low;
        if (double.IsPositiveInfinity(high))
            return high;
        return low + fraction * (high - low);
    }

    /// <summary>Type 1, the inverse of the empirical distribution: the ⌈np⌉-th smallest (the smallest for p = 0). Never invents a
    /// value.</summary>
    /// <param name="sorted">Ascending, at least one value.</param>
    /// <param name="probability">In [0, 1].</param>
    public static double Type1(ReadOnlySpan<double> sorted, double probability)
    {
        Check(sorted, probability);
        // 2000 × 0.025 may come out a hair above 50: a rounding error must not move the rank.
        int rank = (int)Math.Ceiling(sorted.Length * probability - 1e-9);
        return sorted[Math.Clamp(rank, 1, sorted.Length) - 1];
    }

    private static void Check(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.IsEmpty)
            throw new ArgumentException("a quantile needs at least one value", nameof(sorted));
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "expected 0 … 1");
    }
}
