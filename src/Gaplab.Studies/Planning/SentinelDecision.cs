// What the learning-rate sentinel says about one arm: what to run next, or why it ended.
namespace Gaplab.Studies.Planning;

/// <summary>Why the sentinel asks for nothing more.</summary>
public enum SentinelStatus
{
    /// <summary>It waits for <see cref="SentinelDecision.Rates"/>.</summary>
    Running,

    /// <summary>The best is bracketed on both sides and its neighbours are near enough.</summary>
    Bracketed,

    /// <summary>The best is the smallest rate tried, and no further extension is allowed: a one-sided bound.</summary>
    BoundLow,

    /// <summary>The best is the largest rate tried, and no further extension is allowed: a one-sided bound.</summary>
    BoundHigh,

    /// <summary>Every rate down to the bound diverged.</summary>
    AllDiverged,

    /// <summary>Runs that were killed, out of memory or timed out leave a hole where the decision needs a number.</summary>
    Incomplete,

    /// <summary>The sentinel is off: the grid is what the file says.</summary>
    Off,
}

/// <summary>One result that the sentinel sees.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Metric">Lower is better; NaN or infinite means diverged; null means that the run ended without telling (killed, out of
/// memory, timed out).</param>
public readonly record struct RateResult(double Rate, long Seed, double? Metric);

/// <summary>The sentinel's answer.</summary>
/// <param name="Status">Running, or how it ended.</param>
/// <param name="Rates">Rates of this round that still lack results of some seed, ascending; empty unless running.</param>
/// <param name="Round">0 is the initial grid; each extension or refinement is one more.</param>
/// <param name="Best">The rate that is best so far (theory E2); null when there is none.</param>
/// <param name="Tried">All rates asked for so far, ascending.</param>
public sealed record SentinelDecision(
    SentinelStatus Status,
    IReadOnlyList<double> Rates,
    int Round,
    double? Best,
    IReadOnlyList<double> Tried
)
{
    public bool IsDone => Status != SentinelStatus.Running;

    /// <summary>Whether the tuned value is one to trust: bracketed.</summary>
    public bool IsBracketed => Status == SentinelStatus.Bracketed;
}
