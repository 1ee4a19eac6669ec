// The rule that gives a comparison its verdict, its headline sentence and what it would take to know more.
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>The verdict with its sentence; docs/statistics.md states the rule in the same order.</summary>
internal sealed record VerdictRule(string Name, string Headline, IReadOnlyList<string> Needs)
{
    /// <summary>Below this fraction of agreeing resamples the answer is not determined (theory.md E5).</summary>
    public const double Agreement = 0.9;

    public static VerdictRule Of(AnalysisOptions pair, IReadOnlyList<Gap> gaps, IReadOnlyList<Crossover> crossovers, IsotonicFit? isotonic, int seeds, IReadOnlyList<TunedMetric> tuned)
    {
        if (gaps.Count == 0) return NothingToCompare(pair, tuned);
        if (gaps.Count == 1) return OneBatchSize(pair, gaps[0], seeds);
        if (gaps.All(g => Math.Abs(g.Value) <= GapCrossings.Zero))
            return new(Verdict.Tie, $"{pair.First} and {pair.Second} are equal at every batch size from {gaps[0].Batch} to {gaps[^1].Batch}.", []);

        string statistical = Statistical(gaps, isotonic, seeds);
        var undermined = gaps.Where(Undermined).ToList();
        bool limited = statistical switch
        {
            Verdict.Crossover => !StillCrosses(gaps, undermined),
            Verdict.SeveralCrossovers or Verdict.FirstBetterThroughout or Verdict.SecondBetterThroughout => undermined.Count > 0,
            _ => false,
        };
        string name = limited ? Verdict.EdgeLimited : statistical;
        var needs = new List<string>();
        if (statistical == Verdict.NotDetermined) needs.AddRange(MoreSeedsOrRange(pair, gaps, isotonic, seeds));
        if (name is Verdict.EdgeLimited or Verdict.NotDetermined) needs.AddRange(WiderGrid(undermined));
        string headline = Headlines.Of(name, statistical, pair, gaps, crossovers, isotonic, seeds);
        return new(name, headline, needs);
    }

    /// <summary>What the resamples say, before asking whether the grids were wide enough.</summary>
    private static string Statistical(IReadOnlyList<Gap> gaps, IsotonicFit? isotonic, int seeds)
    {
        if (seeds < 2) return Verdict.NotDetermined;
        bool firstAhead = gaps.Any(g => SignBeyondDoubt(g) < 0), secondAhead = gaps.Any(g => SignBeyondDoubt(g) > 0);
        if (gaps.Any(g => double.IsNaN(g.Value))) return Verdict.NotDetermined;
        if (SignChangesBeyondDoubt(gaps) > 1) return Verdict.SeveralCrossovers;
        if (isotonic is null || gaps.Any(g => double.IsInfinity(g.Value)))
        {
            // Diverging everywhere is a difference that needs no interval; where it leads is told by signs alone.
            if (gaps.All(g => SignBeyondDoubt(g) > 0)) return Verdict.SecondBetterThroughout;
            if (gaps.All(g => SignBeyondDoubt(g) < 0)) return Verdict.FirstBetterThroughout;
            return Verdict.NotDetermined;
        }
        if (isotonic.FractionAgreeing < Agreement) return Verdict.NotDetermined;
        return isotonic.State switch
        {
            // Four resamples of two seeds agree too easily: both sides must then be beyond doubt by themselves.
            IsotonicState.FirstToSecond or IsotonicState.SecondToFirst when seeds > 2 || (firstAhead && secondAhead) => Verdict.Crossover,
            IsotonicState.SecondThroughout when secondAhead && !firstAhead => Verdict.SecondBetterThroughout,
            IsotonicState.FirstThroughout when firstAhead && !secondAhead => Verdict.FirstBetterThroughout,
            _ => Verdict.NotDetermined,
        };
    }

    /// <summary>+1 or −1 when the interval leaves zero on one side or one optimizer diverged everywhere; else 0.</summary>
    private static int SignBeyondDoubt(Gap gap) =>
        double.IsInfinity(gap.Value) || gap.Interval.ExcludesZero ? Math.Sign(gap.Value) : 0;

    private static int SignChangesBeyondDoubt(IReadOnlyList<Gap> gaps)
    {
        int[] signs = [.. gaps.Select(SignBeyondDoubt).Where(s => s != 0)];
        return signs.Skip(1).Where((s, i) => s != signs[i]).Count();
    }

    /// <summary>A wider grid could turn this gap's sign: the optimizer that is behind is at its grid's edge.</summary>
    public static bool Undermined(Gap gap) => gap.Value > 0 ? gap.First.Edge != GridEdge.None : gap.Value < 0 && gap.Second.Edge != GridEdge.None;

    /// <summary>On each side where a grid's edge could turn a sign, another batch size without an edge has that sign beyond doubt.</summary>
    private static bool StillCrosses(IReadOnlyList<Gap> gaps, List<Gap> undermined) =>
        undermined.Select(g => Math.Sign(g.Value)).Distinct().All(side => gaps.Except(undermined).Any(g => SignBeyondDoubt(g) == side));

    private static VerdictRule NothingToCompare(AnalysisOptions pair, IReadOnlyList<TunedMetric> tuned)
    {
        string[] have = [.. tuned.Select(t => t.Optimizer).Distinct()];
        string[] lacking = [.. new[] { pair.First, pair.Second }.Where(o => !have.Contains(o))];
        return lacking.Length == 0
            ? new(Verdict.NothingToCompare, $"{pair.First} and {pair.Second} share no batch size.", [$"runs of {pair.First} and {pair.Second} at the same batch sizes"])
            : new(Verdict.NothingToCompare, $"No finished runs of {string.Join(" or ", lacking)} here; optimizers found: {(have.Length == 0 ? "none" : string.Join(", ", have))}.",
                [$"runs of {string.Join(" and ", lacking)}, or another pair among the optimizers found"]);
    }

    private static VerdictRule OneBatchSize(AnalysisOptions pair, Gap gap, int seeds)
    {
        List<string> needs = ["at least two batch sizes, better four or more, to see where the gap changes sign"];
        if (seeds < 3) needs.Add("at least 3 seeds for an interval worth printing");
        if (Undermined(gap)) needs.AddRange(WiderGrid([gap]));
        return new(Verdict.OneBatchSize, $"One batch size, {gap.Batch}: {Headlines.Lead(pair, gap)}.", needs);
    }

    private static IEnumerable<string> WiderGrid(IReadOnlyList<Gap> undermined)
    {
        foreach (Gap gap in undermined)
        {
            TunedMetric behind = gap.Value > 0 ? gap.First : gap.Second;
            string side = behind.Edge switch { GridEdge.Low => "below", GridEdge.High => "above", _ => "on both sides of" };
            yield return $"learning rates of {behind.Optimizer} {side} {Headlines.Number(behind.LearningRate ?? 0)} at B={gap.Batch}";
        }
    }

    /// <summary>How many seeds would part zero from the gaps at both ends of the batch range, by the present spread; or a wider range where that is hopeless.</summary>
    private static IEnumerable<string> MoreSeedsOrRange(AnalysisOptions pair, IReadOnlyList<Gap> gaps, IsotonicFit? isotonic, int seeds)
    {
        if (gaps.Any(g => g.First.AllDiverged && g.Second.AllDiverged)) yield return "smaller learning rates where both optimizers diverge";
        if (seeds < 2)
        {
            yield return "the same seeds for every cell, at least 3 and better 4 or more: one seed gives no interval";
            yield break;
        }
        int most = 0;
        foreach (Gap end in new[] { gaps[0], gaps[^1] }) most = Math.Max(most, SeedsToResolve(end, seeds));
        if (most > seeds && most <= 64) yield return $"about {most} seeds, by the present spread and with a power of 80%, to part the gaps at both ends of the range from zero";
        if (most > 64) yield return "a wider range of batch sizes: at the ends of this one the gap is too small for any affordable number of seeds";
        if (isotonic is { Fit.Count: > 1 })
        {
            double first = isotonic.Fit[0], last = isotonic.Fit[^1];
            if (isotonic.Batch is null && Math.Abs(first - last) > GapCrossings.Zero)
                yield return Math.Abs(last) < Math.Abs(first)
                    ? $"batch sizes above {gaps[^1].Batch}, where the trend points towards {(last > 0 ? pair.First : pair.Second)}"
                    : $"batch sizes below {gaps[0].Batch}, where the trend points towards {(first > 0 ? pair.First : pair.Second)}";
            else if (isotonic.Batch is not null && most <= seeds)
                yield return $"batch sizes beyond {gaps[0].Batch} … {gaps[^1].Batch} and more of them near {Headlines.Number(isotonic.Batch.Value)}";
        }
    }

    /// <summary>The fewest seeds that find this gap with a power of 0.8 by its present spread; 0 when already resolved, int.MaxValue when out of reach.</summary>
    internal static int SeedsToResolve(Gap gap, int seeds)
    {
        if (SignBeyondDoubt(gap) != 0 || SeedPower.DeviationOf(gap, seeds) is not { } deviation) return 0;
        int needed = NoncentralT.Seeds(gap.Value, deviation, most: 1000) ?? int.MaxValue;
        return Math.Max(needed, seeds + 1);
    }
}
