// The gap at one batch size: how far the second optimizer of the pair is ahead of the first.
namespace Gaplab.Results.Analysis;

/// <summary>Which side of the gap the learning-rate grid leaves open.</summary>
public enum GapBound
{
    /// <summary>Both optima are bracketed.</summary>
    None,

    /// <summary>The first optimizer is at its grid's edge: a better one may exist, so the gap is at most the number shown.</summary>
    AtMost,

    /// <summary>The second is at its grid's edge: the gap is at least the number shown.</summary>
    AtLeast,

    /// <summary>Both are: the number bounds nothing.</summary>
    Unbounded,
}

/// <summary>An interval; an end is null when it is unbounded (its Open flag is set) or when there is no interval (neither flag
/// is).</summary>
public sealed record Interval(double? Low, double? High, bool LowOpen = false, bool HighOpen = false)
{
    /// <summary>No interval: one seed.</summary>
    public static readonly Interval None = new(null, null);

    /// <summary>The interval lies strictly on one side of zero.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;

    /// <summary>Reaching as far as the estimate that it is about. Where a best is chosen anew in each resample all of them may lie on one
    /// side of the estimate, and their percentiles with them.</summary>
    public Interval Holding(double estimate) =>
        double.IsFinite(estimate) ? this with { Low = Low > estimate ? estimate : Low, High = High < estimate ? estimate : High } : this;
}

/// <summary>gap(B) = tuned(first) − tuned(second) for losses, the opposite for scores: positive always means the second is ahead (theory.md
/// E3).</summary>
/// <param name="Value">±∞ when one of the two diverged everywhere, NaN when both did.</param>
/// <param name="Interval">95%, paired bootstrap over seeds with t-inflation (E4, E5).</param>
/// <param name="Percentile">The same before inflation: too narrow at few seeds, kept for comparison.</param>
/// <param name="Interpolated">The gap between interpolated optima, the tuned value standing in for one that has none; null when neither
/// has.</param>
/// <param name="BiasCorrected">The gap minus the bootstrap estimate of its selection bias (E6 i).</param>
/// <param name="LeaveOneOut">The gap between leave-one-seed-out tuned values (E6 ii).</param>
public sealed record Gap(
    long Batch,
    double Value,
    Interval Interval,
    Interval Percentile,
    double? Interpolated,
    double? BiasCorrected,
    double? LeaveOneOut,
    GapBound Bound,
    TunedMetric First,
    TunedMetric Second
)
{
    /// <summary>The interval at 1 − 5%/n for n batch sizes: what a statement about all of them at once may rest on.</summary>
    public Interval Corrected { get; init; } = Interval.None;

    /// <summary>+1 when the second optimizer is ahead beyond doubt (the 95% interval excludes zero, or the first diverged everywhere), −1
    /// the first; 0 otherwise.</summary>
    public int Decided => double.IsInfinity(Value) || Interval.ExcludesZero ? Math.Sign(Value) : 0;

    /// <summary>The same by <see cref="Corrected"/>.</summary>
    public int DecidedAtOnce => double.IsInfinity(Value) || Corrected.ExcludesZero ? Math.Sign(Value) : 0;

    /// <summary>The two are exactly equal, and in every resample.</summary>
    public bool IsLevel =>
        GapCrossings.Sign(Value) == 0
        && !double.IsNaN(Value)
        && (Interval.Low ?? 0) == 0
        && (Interval.High ?? 0) == 0
        && !Interval.LowOpen
        && !Interval.HighOpen;

    /// <summary>What difference matters; null of a score.</summary>
    public RelevanceBand? Band { get; init; }

    /// <summary>Whether the gap matters, by its 95% interval: true, wholly beyond the band; false, wholly within it; null, neither is
    /// known.</summary>
    public bool? IsRelevant
    {
        get
        {
            if (Band?.HalfWidth(First.Value, Second.Value) is not (> 0 and var half) || Interval is not { Low: { } low, High: { } high })
                return null;
            return low > half || high < -half ? true
                : low >= -half && high <= half ? false
                : null;
        }
    }

    /// <summary>Of the gap, by the bootstrap with the factor √(S/(S−1)); null from one seed or where infinite.</summary>
    public double? StandardError { get; init; }
}
