// Where the gap changes sign: each crossing of the point estimates, and the headline crossing of the isotonic fit.
namespace Gaplab.Results.Analysis;

/// <summary>One sign change of the gap.</summary>
/// <param name="Batch">B*, interpolated in log₂ B (theory.md E3).</param>
/// <param name="Interval">In batch sizes; only where the gap changes sign once (several crossings have no interval each).</param>
/// <param name="From">The optimizer that is ahead below B*.</param>
/// <param name="To">The optimizer that is ahead above B*.</param>
public sealed record Crossover(double Batch, Interval Interval, string From, string To);

/// <summary>What the isotonic fit of the gap says.</summary>
public enum IsotonicState { FirstToSecond, SecondToFirst, FirstThroughout, SecondThroughout, Tie }

/// <summary>The gap fitted by a monotone function of batch size (pool adjacent violators, weights 1): the headline (theory.md E3).</summary>
/// <param name="Increasing">The direction of the smaller sum of squares; ties go to increasing.</param>
/// <param name="Batches">The batch sizes of the fit: those with a finite gap.</param>
/// <param name="Fit">Fitted gap at each of <paramref name="Batches"/>.</param>
/// <param name="Batch">B* of the fit; null without a crossing in range.</param>
/// <param name="Interval">95%, type-1 quantiles over resamples, t-inflated in log₂ B.</param>
/// <param name="Percentile">The same before inflation.</param>
/// <param name="FractionCrossing">Fraction of resamples with a crossing in range; null from one seed.</param>
/// <param name="FractionAgreeing">Fraction of resamples in the same state as the point estimate; null from one seed.</param>
public sealed record IsotonicFit(
    bool Increasing,
    IReadOnlyList<long> Batches,
    IReadOnlyList<double> Fit,
    double? Batch,
    IsotonicState State,
    Interval Interval,
    Interval Percentile,
    double? FractionCrossing,
    double? FractionAgreeing);
