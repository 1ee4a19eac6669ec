// Whether values are magnitudes: losses, norms and counts lie on one side of 0 and have no centre.
using System.Globalization;

namespace Gaplab.Numerics.Tails;

/// <summary>Decides it from the signs, and for plain values that all but lie on one side from their symmetry.</summary>
internal static class OneSided
{
    private const double OtherSide = 0.01,
        Asymmetry = 3;

    /// <returns>In words what makes them so, or null.</returns>
    public static string? BySigns(long negative, long positive, long count) =>
        (negative, positive) switch
        {
            (0, 0) => null,
            (0, _) => positive == count ? "all values are positive" : "no value is negative",
            (_, 0) => negative == count ? "all values are negative" : "no value is positive",
            _ => null,
        };

    /// <summary>The same, and true too where at most one in a hundred lies on the other side and one half of the values reaches three times
    /// as far from the median as the other (5% and 95% quantiles).</summary>
    public static string? Of(RankedSample sample)
    {
        (long negative, long positive) = sample.Signs();
        if (BySigns(negative, positive, sample.Count) is { } all)
            return all;
        if (Math.Min(negative, positive) > OtherSide * sample.Positive)
            return null;
        double median = sample.Quantile(0.5),
            below = median - sample.Quantile(0.05),
            above = sample.Quantile(0.95) - median;
        if (!(Math.Max(below, above) >= Asymmetry * Math.Min(below, above)))
            return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{100.0 * Math.Max(negative, positive) / sample.Positive:0.##}% of the values are "
                + $"{(positive > negative ? "positive" : "negative")} and they are far from symmetric about their median"
        );
    }
}
