// Sign changes of the gap against batch size, and the monotone fit that gives the headline crossing.
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>Crossings of a gap over x = log₂ B (theory.md E3).</summary>
public static class GapCrossings
{
    /// <summary>A gap this close to zero has no sign.</summary>
    public const double Zero = 1e-12;

    /// <summary>Every sign change: log₂ B* and whether the gap turns positive there. Interpolated between adjacent batch sizes; across a run of zeros, the middle of the run.</summary>
    /// <param name="x">log₂ of the batch sizes, ascending.</param>
    /// <param name="gap">Finite.</param>
    public static IReadOnlyList<(double Log2Batch, bool ToSecond)> All(ReadOnlySpan<double> x, ReadOnlySpan<double> gap)
    {
        var crossings = new List<(double, bool)>();
        int last = -1;
        for (int i = 0; i < gap.Length; i++)
        {
            if (Math.Abs(gap[i]) <= Zero) continue;
            if (last >= 0 && gap[last] > 0 != gap[i] > 0)
            {
                double at = i == last + 1
                    ? x[last] - gap[last] / (gap[i] - gap[last]) * (x[i] - x[last])
                    : (x[last + 1] + x[i - 1]) / 2;
                crossings.Add((at, gap[i] > 0));
            }
            last = i;
        }
        return crossings;
    }

    /// <summary>The better of the increasing and the decreasing fit (ties within 1e-12: increasing) and its crossing.</summary>
    public static MonotoneGap Isotonic(ReadOnlySpan<double> x, ReadOnlySpan<double> gap)
    {
        double[] up = IsotonicRegression.Increasing(gap), down = IsotonicRegression.Decreasing(gap);
        bool increasing = IsotonicRegression.SquaredError(gap, up) <= IsotonicRegression.SquaredError(gap, down) + Zero;
        double[] fit = increasing ? up : down;
        var crossings = All(x, fit);
        if (crossings.Count > 0)
            return new(increasing, fit, crossings[0].Log2Batch, crossings[0].ToSecond ? IsotonicState.FirstToSecond : IsotonicState.SecondToFirst);
        double sign = 0;
        foreach (double value in fit)
            if (Math.Abs(value) > Zero) sign = value;
        IsotonicState state = sign == 0 ? IsotonicState.Tie : sign > 0 ? IsotonicState.SecondThroughout : IsotonicState.FirstThroughout;
        // Out of range: the crossing lies on the side where the trend points.
        double outside = state == IsotonicState.Tie ? double.NaN
            : increasing == (state == IsotonicState.SecondThroughout) ? double.NegativeInfinity : double.PositiveInfinity;
        return new(increasing, fit, outside, state);
    }
}

/// <summary>A monotone gap: its fit, log₂ B* (±∞ out of range, NaN for a tie) and what it says.</summary>
public sealed record MonotoneGap(bool IsIncreasing, IReadOnlyList<double> Fit, double Log2Batch, IsotonicState State)
{
    /// <summary>There is a crossing in range.</summary>
    public bool Crosses => State is IsotonicState.FirstToSecond or IsotonicState.SecondToFirst;
}

/// <summary>The interval of log₂ B* over resamples.</summary>
internal static class CrossingInterval
{
    /// <summary>Type-1 quantiles (an infinite one is an open end, and a value out of nothing would be a fiction), then t-inflation of finite ends in log₂ B; theory.md E5.</summary>
    /// <param name="point">log₂ B* of the point estimate; when it is infinite there is nothing to inflate about and finite ends are dropped.</param>
    /// <returns>Both in log₂ B.</returns>
    public static (Interval Percentile, Interval Inflated) Of(double[] log2Batches, double point, int seeds, double level = 0.95)
    {
        double[] sorted = [.. log2Batches.Where(v => !double.IsNaN(v))];
        if (sorted.Length == 0) return (Interval.None, Interval.None);
        Array.Sort(sorted);
        double tail = (1 - level) / 2;
        Interval percentile = PairedBootstrap.Ends(Quantiles.Type1(sorted, tail), Quantiles.Type1(sorted, 1 - tail)).Holding(point);
        Interval inflated = double.IsFinite(point)
            ? PairedBootstrap.Inflate(percentile, point, seeds, level)
            : percentile with { Low = null, High = null };
        return (percentile, inflated);
    }
}
