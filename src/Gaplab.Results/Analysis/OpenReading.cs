// A question that a table leaves open: both readings are analysed, and where the answer differs it is the user's to say.
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>What must agree between two readings of a table.</summary>
public enum ReadingTest
{
    /// <summary>The verdict of every comparison; of one batch size, also who is ahead there. Comparisons that the other reading parts must
    /// each say what the whole says.</summary>
    Verdicts,

    /// <summary>The same, and every tuned value at the same side of its grid.</summary>
    VerdictsAndEdges,

    /// <summary>The sign of every gap and the side of the two values behind it: what does not need an interval.</summary>
    Gaps,
}

/// <summary>One open question about the runs of a table.</summary>
/// <param name="Kind">Of the finding that tells when both readings agree; null where another finding says enough.</param>
/// <param name="What">What is open, e.g. "3 finished runs have no 'val_loss'".</param>
/// <param name="Taken">How the table's own rows read it.</param>
/// <param name="Other">How <paramref name="Rows"/> read it.</param>
/// <param name="Flag">The option by which the user says which.</param>
/// <param name="Rows">All runs in the other reading.</param>
public sealed record OpenReading(
    FindingKind? Kind,
    string What,
    string Taken,
    string Other,
    string Flag,
    IReadOnlyList<SweepRow> Rows,
    ReadingTest Test
)
{
    /// <summary>Tells that both readings agree; null where that needs no telling.</summary>
    /// <exception cref="InputException">They do not: one line that names the option.</exception>
    internal Finding? Settle(GapAnalysis taken, GapAnalysis other) =>
        Difference(taken, other) is { } difference
            ? throw new InputException($"{What}, and the answer hangs on it: {difference}; say which with {Flag}")
        : Kind is null ? null
        : new(
            Kind,
            Severity.Hint,
            $"{char.ToUpperInvariant(What[0])}{What[1..]}: {Taken} here; {Other}, no verdict and no grid edge would change. Say which "
                + $"with {Flag}."
        );

    private string? Difference(GapAnalysis taken, GapAnalysis other)
    {
        foreach (ComparisonAnalysis comparison in taken.Comparisons)
        {
            List<ComparisonAnalysis> beside = [.. other.Comparisons.Where(g => comparison.Key.Pairs.All(g.Key.Pairs.Contains))];
            // Parts in which the pair does not meet are no comparison of it.
            if (beside.Count > 1)
                beside.RemoveAll(g => g.Verdict == Verdict.NothingToCompare);
            foreach (ComparisonAnalysis g in beside)
                if (Difference(comparison, g) is { } difference)
                    return (taken.Comparisons.Count > 1 || other.Comparisons.Count > 1 ? $"{g.Key}: " : "") + difference;
        }
        return null;
    }

    private string? Difference(ComparisonAnalysis taken, ComparisonAnalysis other)
    {
        if (Test != ReadingTest.Gaps && taken.Verdict != other.Verdict)
            return $"{Taken} '{taken.Verdict}', {Other} '{other.Verdict}'";
        if (Test != ReadingTest.VerdictsAndEdges)
        {
            // These verdicts say who is ahead size by size.
            bool lone =
                Test == ReadingTest.Gaps
                || taken.Verdict is Verdict.OneBatchSize or Verdict.FirstBetterInPart or Verdict.SecondBetterInPart;
            foreach (Gap gap in lone ? taken.Gaps : [])
                if (
                    other.Gaps.FirstOrDefault(g => g.Batch == gap.Batch) is { } beside
                    && GapCrossings.Sign(gap.Value) != GapCrossings.Sign(beside.Value)
                )
                    return $"at B={gap.Batch} {Taken} {Ahead(gap)}, {Other} {Ahead(beside)}";
        }
        if (Test == ReadingTest.Verdicts)
            return null;
        bool all = Test == ReadingTest.VerdictsAndEdges;
        foreach (TunedMetric tuned in all ? taken.Tuned : taken.Gaps.SelectMany(g => new[] { g.First, g.Second }))
            if (
                other.Tuned.FirstOrDefault(t => t.Optimizer == tuned.Optimizer && t.Batch == tuned.Batch) is var beside
                && beside?.Edge != tuned.Edge
            )
                return $"{tuned.Optimizer} at B={tuned.Batch} is {Place(tuned)} {Taken}, "
                    + $"{(beside is null ? "without a run" : Place(beside))} {Other}";
        return all && other.Tuned.FirstOrDefault(t => !taken.Tuned.Any(o => o.Optimizer == t.Optimizer && o.Batch == t.Batch)) is { } only
            ? $"{only.Optimizer} at B={only.Batch} has no run {Taken}"
            : null;
    }

    private static string Ahead(Gap gap) =>
        GapCrossings.Sign(gap.Value) switch
        {
            > 0 => $"{gap.Second.Optimizer} is ahead",
            < 0 => $"{gap.First.Optimizer} is ahead",
            _ => "neither is ahead",
        };

    private static string Place(TunedMetric tuned) =>
        tuned.Edge switch
        {
            GridEdge.Low => "best at its smallest rate",
            GridEdge.High => "best at its largest rate",
            GridEdge.Both => "of one rate only",
            _ => "inside its grid",
        };
}
