// The analysis of one comparison: tuned metrics, gaps, crossovers, verdict and what speaks against it.
namespace Gaplab.Results.Analysis;

/// <summary>Everything found about one comparison.</summary>
/// <param name="Gaps">One per batch size that both optimizers of the pair have, ascending.</param>
/// <param name="Crossovers">Sign changes of the point estimates, ascending.</param>
/// <param name="Isotonic">Null without two batch sizes to fit.</param>
/// <param name="Verdict">One of <see cref="Analysis.Verdict.All"/>.</param>
/// <param name="Headline">The verdict as a sentence with its numbers.</param>
/// <param name="Needs">What it would take to determine more; empty when determined.</param>
/// <param name="Tuned">The tuned metric of every optimizer in the comparison (not only the pair), by optimizer then batch.</param>
/// <param name="Seeds">The seeds common to every trial, in order.</param>
/// <param name="Resamples">Bootstrap resamples used; 0 from one seed.</param>
public sealed record ComparisonAnalysis(
    ComparisonKey Key,
    IReadOnlyList<Gap> Gaps,
    IReadOnlyList<Crossover> Crossovers,
    IsotonicFit? Isotonic,
    string Verdict,
    string Headline,
    IReadOnlyList<string> Needs,
    IReadOnlyList<TunedMetric> Tuned,
    IReadOnlyList<TuningBudget> Budgets,
    IReadOnlyList<string> Seeds,
    int Resamples,
    IReadOnlyList<Finding> Findings
)
{
    /// <summary>How many runs the verdict rests on.</summary>
    public required RunAccount Runs { get; init; }

    /// <summary>Every optimizer of the comparison, not only the pair, to be compared at a batch size.</summary>
    public required ArmComparison Arms { get; init; }

    /// <summary>Of each optimizer of the pair that was tuned under several β₂.</summary>
    public IReadOnlyList<MemoryLaw> Memory { get; init; } = [];
}
