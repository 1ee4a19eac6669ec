// The whole analysis of a sweep for one pair of optimizers.
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>The gap between two optimizers against batch size, per group of a sweep.</summary>
/// <param name="First">E.g. "sgd".</param>
/// <param name="Second">E.g. "adam": ahead where the gap is positive.</param>
/// <param name="Findings">About the table as a whole; each group has its own besides.</param>
public sealed record GapAnalysis(
    string First,
    string Second,
    string Metric,
    bool HigherIsBetter,
    IReadOnlyList<GroupAnalysis> Groups,
    IReadOnlyList<Finding> Findings)
{
    /// <summary>Analyses a sweep (theory.md E).</summary>
    /// <exception cref="InputException">The table has no rows, or the pair names one optimizer twice.</exception>
    public static GapAnalysis Analyse(SweepTable table, AnalysisOptions? options = null) => throw new NotImplementedException();
}
