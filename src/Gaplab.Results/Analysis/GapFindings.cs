// What the tool says against its own gaps: edges, few seeds, clipping, unequal budgets, coarse grids, selection bias.
using System.Globalization;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>The findings computed beside the gaps of a comparison.</summary>
internal static class GapFindings
{
    /// <summary>Neighbouring learning rates further apart than this leave the optimum unresolved; a little slack for rounded
    /// grids.</summary>
    private const double CoarseFactor = 2.1;

    private const double AlwaysClipped = 0.9;

    public static IEnumerable<Finding> Of(
        AnalysisOptions pair,
        IReadOnlyList<Gap> gaps,
        IReadOnlyList<Crossover> crossovers,
        IsotonicFit? isotonic,
        int seeds,
        IReadOnlyList<TunedMetric> tuned,
        IReadOnlyList<TuningBudget> budgets
    ) =>
        [
            .. Edges(tuned.Where(t => t.Optimizer == pair.First || t.Optimizer == pair.Second)),
            .. gaps.Select(Bound).OfType<Finding>(),
            .. Seeds(gaps, seeds),
            .. Divergence(gaps),
            .. CoarseGrids(gaps),
            .. Untuned(gaps),
            .. Budgets(pair, budgets),
            .. Clipping(tuned.Where(t => t.Optimizer == pair.First || t.Optimizer == pair.Second)),
            .. SelectionBias(gaps),
            .. OneSidedIntervals(gaps),
            .. Range(gaps, crossovers, isotonic, seeds),
        ];

    /// <summary>What β₂ has to do with the gaps.</summary>
    /// <param name="classes">Of what is predicted; null where they are not known.</param>
    public static IEnumerable<Finding> Memory(
        IReadOnlyList<Gap> gaps,
        IReadOnlyList<Crossover> crossovers,
        IsotonicFit? isotonic,
        ClassFrequencies? classes
    )
    {
        if (gaps.Count == 0)
            yield break;
        long[] batches = [.. gaps.Select(g => g.Batch)];
        TunedMetric[] firsts = [.. gaps.Select(g => g.First)],
            seconds = [.. gaps.Select(g => g.Second)];
        bool crosses = crossovers.Count > 0 || isotonic?.Between is not null;
        foreach ((TunedMetric[] tuned, TunedMetric[] other) in new[] { (firsts, seconds), (seconds, firsts) })
        {
            string name = tuned[0].Optimizer;
            Moments[] tried = Tried(tuned);
            if (MemoryFindings.Tied(name, tried) is { } tied)
                yield return tied;
            if (
                MemoryFindings.Untuned(
                    name,
                    tried.Select(m => m.Second),
                    batches,
                    other[0].Optimizer,
                    Tried(other).Select(m => m.Second),
                    crosses
                ) is
                { } untuned
            )
                yield return untuned;
            // Where a longer memory was tried and lost, the memory is not what is short.
            if (
                MemoryFindings.Short(
                    name,
                    tuned.Where(t => t.Trials.Max(c => c.Moments.Second) == t.Moments.Second).Select(t => (t.Batch, t.Moments)),
                    classes
                ) is
                { } shortened
            )
                yield return shortened;
        }

        static Moments[] Tried(TunedMetric[] tuned) => [.. tuned.SelectMany(t => t.Trials).Select(c => c.Moments)];
    }

    private static string Where(TunedMetric tuned) => $"{tuned.Optimizer}, B={tuned.Batch}";

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>Batch sizes at which an optimizer outside the pair has the best tuned metric: the gap is then not one between the
    /// best.</summary>
    public static IEnumerable<Finding> OutsideThePair(AnalysisOptions pair, IReadOnlyList<Gap> gaps, ArmComparison arms)
    {
        var best = gaps.Select(g => (g.Batch, arms.At(g.Batch)?.Best.Optimizer))
            .Where(b => b.Optimizer is not null && b.Optimizer != pair.First && b.Optimizer != pair.Second)
            .GroupBy(b => b.Optimizer!, b => b.Batch)
            .ToList();
        if (best.Count > 0)
            yield return new(
                FindingKinds.OutsideThePair,
                Severity.Warning,
                $"This is a gap between {pair.First} and {pair.Second} alone; "
                    + $"{string.Join(", ", best.Select(b => $"{b.Key} is better than both at B={BatchSides.List([.. b.Order()])}"))}, by "
                    + $"the point estimates."
            );
    }

    private static IEnumerable<Finding> Edges(IEnumerable<TunedMetric> tuned)
    {
        foreach (TunedMetric t in tuned.Where(t => t.Edge != GridEdge.None && t.LearningRate is not null))
            yield return t.Edge == GridEdge.Both
                ? new(
                    FindingKinds.GridEdge,
                    Severity.Warning,
                    $"Only one learning rate ({Text(t.LearningRate!.Value)}) was tried for {t.Optimizer} at B={t.Batch}: it is not "
                        + $"tuned there.",
                    Where(t)
                )
                : new(
                    FindingKinds.GridEdge,
                    Severity.Warning,
                    $"{t.Optimizer} at B={t.Batch} is best at the {(t.Edge == GridEdge.Low ? "smallest" : "largest")} learning rate tried "
                        + $"({Text(t.LearningRate!.Value)}); extend the grid on that side before comparing.",
                    Where(t)
                );
    }

    private static Finding? Bound(Gap gap) =>
        gap.Bound switch
        {
            GapBound.AtMost => new(
                FindingKinds.OneSidedGap,
                Severity.Warning,
                $"The gap at B={gap.Batch} is an upper bound: {gap.First.Optimizer} may do better beyond its learning-rate grid.",
                $"B={gap.Batch}"
            ),
            GapBound.AtLeast => new(
                FindingKinds.OneSidedGap,
                Severity.Warning,
                $"The gap at B={gap.Batch} is a lower bound: {gap.Second.Optimizer} may do better beyond its learning-rate grid.",
                $"B={gap.Batch}"
            ),
            GapBound.Unbounded => new(
                FindingKinds.OneSidedGap,
                Severity.Warning,
                $"The gap at B={gap.Batch} is bounded on neither side: both optimizers are at the edge of their learning-rate grids.",
                $"B={gap.Batch}"
            ),
            _ => null,
        };

    private static IEnumerable<Finding> OneSidedIntervals(IReadOnlyList<Gap> gaps)
    {
        foreach (
            Gap gap in gaps.Where(g =>
                g.Percentile is { Low: { } low, High: { } high } && low < high && (low == g.Value || high == g.Value)
            )
        )
            yield return new(
                FindingKinds.OneSidedInterval,
                Severity.Hint,
                $"At most one resample in forty puts the gap at B={gap.Batch} {(gap.Percentile.Low == gap.Value ? "below" : "above")} its "
                    + $"own estimate, as where learning rates tie; the interval ends at the estimate there.",
                $"B={gap.Batch}"
            );
    }

    private static IEnumerable<Finding> Seeds(IReadOnlyList<Gap> gaps, int seeds)
    {
        if (gaps.Count > 0 && DesignFindings.Seeds(seeds) is { } few)
            yield return few;
    }

    private static IEnumerable<Finding> Divergence(IReadOnlyList<Gap> gaps)
    {
        foreach (TunedMetric t in gaps.SelectMany(g => new[] { g.First, g.Second }).Where(t => t.AllDiverged))
            yield return new(
                FindingKinds.DivergedEverywhere,
                Severity.Warning,
                $"Every trial of {t.Optimizer} at B={t.Batch} has a diverged seed: no gap can be given there, and the fit leaves it "
                    + $"out; try smaller learning rates.",
                Where(t)
            );
    }

    private static IEnumerable<Finding> CoarseGrids(IReadOnlyList<Gap> gaps)
    {
        foreach (var optimizer in gaps.SelectMany(g => new[] { g.First, g.Second }).GroupBy(t => t.Optimizer))
        {
            var coarse = optimizer.Select(t => (Tuned: t, Factor: NeighbourFactor(t))).Where(c => c.Factor > CoarseFactor).ToList();
            if (coarse.Count > 0)
                yield return new(
                    FindingKinds.CoarseLearningRates,
                    Severity.Hint,
                    $"The learning rates next to the best of {optimizer.Key} are up to a factor "
                        + $"{coarse.Max(c => c.Factor).ToString("0.#", CultureInfo.InvariantCulture)} away; a factor 2 or less keeps the "
                        + $"noise of the tuning out of the gap.",
                    $"{optimizer.Key}, B={string.Join(", ", coarse.Select(c => c.Tuned.Batch))}"
                );
        }
    }

    private static double NeighbourFactor(TunedMetric tuned)
    {
        if (tuned.LearningRate is not { } best)
            return 1;
        var rates = tuned
            .Trials.Where(c => c.Moments == tuned.Moments && c.LearningRate is not null)
            .Select(c => c.LearningRate!.Value)
            .ToList();
        int at = rates.IndexOf(best);
        return Math.Max(at > 0 ? best / rates[at - 1] : 1, at < rates.Count - 1 ? rates[at + 1] / best : 1);
    }

    private static IEnumerable<Finding> Untuned(IReadOnlyList<Gap> gaps)
    {
        if (gaps.Count == 0)
            yield break;
        if (gaps.Any(g => g.First.LearningRate is null || g.Second.LearningRate is null))
            yield return new(
                FindingKinds.TakenAsTuned,
                Severity.Hint,
                "The table has no learning rates: its values are taken as already tuned, and no edge or budget can be checked."
            );
        string[] fixedMomenta =
        [
            .. gaps.SelectMany(g => new[] { g.First, g.Second })
                .Where(t => t.LearningRate is not null)
                .GroupBy(t => t.Optimizer)
                .Where(o => o.SelectMany(t => t.Trials).Select(c => c.Moments.First).Distinct().Count() == 1)
                .Select(o => o.First().Moments.First is { } value ? $"{o.Key} ({Text(value)} throughout)" : $"{o.Key} (none in the table)"),
        ];
        if (fixedMomenta.Length > 0)
            yield return new(
                FindingKinds.MomentumUntuned,
                Severity.Hint,
                $"Momentum was not varied for {string.Join(" and ", fixedMomenta)}; the best momentum changes with the batch size."
            );
    }

    private static IEnumerable<Finding> Budgets(AnalysisOptions pair, IReadOnlyList<TuningBudget> budgets)
    {
        var unequal = new List<string>();
        foreach (var batch in budgets.GroupBy(b => b.Batch))
        {
            TuningBudget? first = batch.FirstOrDefault(b => b.Optimizer == pair.First),
                second = batch.FirstOrDefault(b => b.Optimizer == pair.Second);
            if (first is not null && second is not null && (first.LearningRates * first.Momenta != second.LearningRates * second.Momenta))
                unequal.Add($"B={batch.Key}: {Tried(first)} against {Tried(second)}");
        }
        if (unequal.Count > 0)
            yield return new(
                FindingKinds.UnequalBudgets,
                Severity.Warning,
                $"The two were tuned over grids of different size "
                    + $"({string.Join("; ", unequal.Take(3))}{(unequal.Count > 3 ? "; …" : "")}); the one with more tries is favoured "
                    + $"by selection."
            );

        static string Tried(TuningBudget b) => $"{b.Optimizer} {b.LearningRates} learning rates × {b.Momenta} momenta";
    }

    private static IEnumerable<Finding> Clipping(IEnumerable<TunedMetric> tuned)
    {
        foreach (TunedMetric t in tuned.Where(t => t.Best.ClipFraction > AlwaysClipped))
        {
            string meaning = t.Optimizer.Contains("sgd", StringComparison.Ordinal)
                ? "SGD under an always-active clip is normalised SGD"
                : "the clip, not the gradient's size, sets the length of what enters the update";
            yield return new(
                FindingKinds.AlwaysClipped,
                Severity.Warning,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The norm clip acted on {100 * t.Best.ClipFraction!.Value:0}% of the steps of the tuned {t.Optimizer} at "
                        + $"B={t.Batch}: {meaning}."
                ),
                Where(t)
            );
        }
    }

    private static IEnumerable<Finding> SelectionBias(IReadOnlyList<Gap> gaps)
    {
        foreach (Gap gap in gaps)
            if (gap.BiasCorrected is { } corrected && gap.LeaveOneOut is { } left && corrected * left < 0)
                yield return new(
                    FindingKinds.SelectionBias,
                    Severity.Warning,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"At B={gap.Batch} the two corrections for choosing the best of several learning rates disagree on the sign of "
                            + $"the gap (bootstrap {corrected:G3}, leave-one-seed-out {left:G3}): the gap is within the luck of the tuning."
                    ),
                    $"B={gap.Batch}"
                );
    }

    private static IEnumerable<Finding> Range(
        IReadOnlyList<Gap> gaps,
        IReadOnlyList<Crossover> crossovers,
        IsotonicFit? isotonic,
        int seeds
    )
    {
        if (gaps.Count > 1 && (gaps.Count < 4 || gaps[^1].Batch < 8 * gaps[0].Batch))
            yield return new(
                FindingKinds.ShortBatchRange,
                Severity.Hint,
                $"{gaps.Count} batch sizes from {gaps[0].Batch} to {gaps[^1].Batch}: four or more over a factor of 8 make a crossover "
                    + $"believable."
            );
        if (crossovers.Count > 1)
            yield return new(
                FindingKinds.SeveralSignChanges,
                Severity.Warning,
                $"The gap changes sign {crossovers.Count} times over the batch sizes; a monotone trend with noise does that, and so does "
                    + $"a gap that is not monotone."
            );
        if (seeds > 1 && isotonic is { Batch: not null, FractionCrossing: { } crossing } && crossing < VerdictRule.Agreement)
            yield return new(
                FindingKinds.CrossoverNotDetermined,
                Severity.Warning,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Only {100 * crossing:0}% of the resamples have a crossing in range; the crossover is not determined."
                )
            );
    }
}
