// Where the gap changes sign: each crossing of the point estimates, and the headline crossing of the isotonic fit.
namespace Gaplab.Results.Analysis;

/// <summary>One sign change of the point estimates.</summary>
/// <param name="Between">The measured batch sizes around it.</param>
/// <param name="Interpolated">B* on the line in log₂ B through both (theory.md E3).</param>
/// <param name="Interval">In batch sizes; only where the gap changes sign once (several crossings have no interval each).</param>
/// <param name="From">The optimizer that is ahead below B*.</param>
/// <param name="To">The optimizer that is ahead above B*.</param>
public sealed record Crossover(Bracket Between, double Interpolated, Interval Interval, string From, string To)
{
    /// <summary>B* as a number; null where <see cref="Between"/> is too wide for one to mean anything.</summary>
    public double? Batch => Between.IsNarrow ? Interpolated : null;
}

/// <summary>What the isotonic fit of the gap says.</summary>
public enum IsotonicState
{
    FirstToSecond,
    SecondToFirst,
    FirstThroughout,
    SecondThroughout,
    Tie,
}

/// <summary>The gap fitted by a monotone function of batch size (pool adjacent violators, weights 1): the headline (theory.md
/// E3).</summary>
/// <param name="Increasing">The direction of the smaller sum of squares; ties go to increasing.</param>
/// <param name="Batches">The batch sizes of the fit: those with a finite gap.</param>
/// <param name="Fit">Fitted gap at each of <paramref name="Batches"/>.</param>
/// <param name="Between">The measured batch sizes between which the fit changes sign; null without a crossing in range.</param>
/// <param name="Interpolated">B* on the fit's line in log₂ B; null without a crossing in range.</param>
/// <param name="Interval">95%: from the lower to the upper end of the brackets in which resamples change sign (<see cref="Bracket"/>); ends
/// are measured batch sizes.</param>
/// <param name="Percentile">Type-1 quantiles of the resamples' interpolated crossings, not widened for the number of seeds: too narrow,
/// kept for comparison.</param>
/// <param name="FractionCrossing">Fraction of resamples with a crossing in range; null from one seed.</param>
/// <param name="FractionAgreeing">Fraction of resamples in the same state as the point estimate; null from one seed.</param>
public sealed record IsotonicFit(
    bool Increasing,
    IReadOnlyList<long> Batches,
    IReadOnlyList<double> Fit,
    Bracket? Between,
    double? Interpolated,
    IsotonicState State,
    Interval Interval,
    Interval Percentile,
    double? FractionCrossing,
    double? FractionAgreeing
)
{
    /// <summary>B* as a number; null without a crossing in range, or where <see cref="Between"/> is too wide for one to mean
    /// anything.</summary>
    public double? Batch => Between is { IsNarrow: true } ? Interpolated : null;
}
