// Sign changes of the gap against batch size, and the monotone fit that gives the headline crossing.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>One sign change of a gap over measured batch sizes.</summary>
/// <param name="Log2Batch">Interpolated: between adjacent batch sizes on the line through both, across a run of zeros the middle of the
/// run.</param>
/// <param name="ToSecond">The gap turns positive here.</param>
/// <param name="Below">Index of the last batch size before the change, which has the sign that ends.</param>
/// <param name="Above">Index of the first with the sign that begins.</param>
internal readonly record struct SignChange(double Log2Batch, bool ToSecond, int Below, int Above);

/// <summary>Crossings of a gap over x = log₂ B (theory.md E3).</summary>
internal static class GapCrossings
{
    /// <summary>A gap this close to zero has no sign.</summary>
    public const double Zero = 1e-12;

    /// <summary>+1: the second is ahead, −1: the first, 0: exactly level (or no number).</summary>
    public static int Sign(double gap) => Math.Abs(gap) > Zero ? Math.Sign(gap) : 0;

    /// <summary>Every sign change, in order.</summary>
    /// <param name="x">log₂ of the batch sizes, ascending.</param>
    /// <param name="gap">Finite.</param>
    public static IReadOnlyList<SignChange> All(ReadOnlySpan<double> x, ReadOnlySpan<double> gap)
    {
        var changes = new List<SignChange>();
        int last = -1;
        for (int i = 0; i < gap.Length; i++)
        {
            if (Sign(gap[i]) == 0)
                continue;
            if (last >= 0 && gap[last] > 0 != gap[i] > 0)
            {
                double at = i == last + 1 ? x[last] - gap[last] / (gap[i] - gap[last]) * (x[i] - x[last]) : (x[last + 1] + x[i - 1]) / 2;
                changes.Add(new(at, gap[i] > 0, last, i));
            }
            last = i;
        }
        return changes;
    }

    /// <summary>The better of the increasing and the decreasing fit (ties within 1e-12: increasing) and where it changes sign.</summary>
    public static MonotoneGap Isotonic(ReadOnlySpan<double> x, ReadOnlySpan<double> gap)
    {
        double[] up = IsotonicRegression.Increasing(gap),
            down = IsotonicRegression.Decreasing(gap);
        bool increasing = IsotonicRegression.SquaredError(gap, up) <= IsotonicRegression.SquaredError(gap, down) + Zero;
        double[] fit = increasing ? up : down;
        if (All(x, fit) is { Count: > 0 } changes)
            return new(
                increasing,
                fit,
                changes[0].Log2Batch,
                changes[0].ToSecond ? IsotonicState.FirstToSecond : IsotonicState.SecondToFirst,
                changes[0].Below,
                changes[0].Above
            );
        int first = Array.FindIndex(fit, f => Sign(f) != 0),
            last = Array.FindLastIndex(fit, f => Sign(f) != 0);
        if (first < 0)
            return new(increasing, fit, double.NaN, IsotonicState.Tie, -1, fit.Length);
        // Out of range: the change lies on the side where the trend points, and batch sizes where the fit is exactly level are no evidence
        // of a side.
        bool second = fit[last] > 0;
        return increasing == second
            ? new(
                increasing,
                fit,
                double.NegativeInfinity,
                second ? IsotonicState.SecondThroughout : IsotonicState.FirstThroughout,
                -1,
                first
            )
            : new(
                increasing,
                fit,
                double.PositiveInfinity,
                second ? IsotonicState.SecondThroughout : IsotonicState.FirstThroughout,
                last,
                fit.Length
            );
    }
}

/// <summary>A monotone gap: its fit and what it says.</summary>
/// <param name="Log2Batch">Interpolated log₂ B*; ±∞ out of range, NaN for a tie.</param>
/// <param name="Below">Index of the last batch size before the sign change, −1 when the change may lie below all of them.</param>
/// <param name="Above">Index of the first batch size after it; the number of batch sizes when the change may lie above all of them.</param>
internal sealed record MonotoneGap(
    bool IsIncreasing,
    IReadOnlyList<double> Fit,
    double Log2Batch,
    IsotonicState State,
    int Below,
    int Above
)
{
    /// <summary>There is a crossing in range.</summary>
    public bool Crosses => State is IsotonicState.FirstToSecond or IsotonicState.SecondToFirst;
}
