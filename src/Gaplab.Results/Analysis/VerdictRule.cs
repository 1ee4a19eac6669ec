// The rule that gives a comparison its verdict, its headline sentence and what it would take to know more.
using Gaplab.Numerics.Distributions;

namespace Gaplab.Results.Analysis;

/// <summary>The verdict with its sentence; docs/statistics.md states the rule in the same order.</summary>
internal sealed record VerdictRule(string Name, string Headline, IReadOnlyList<string> Needs)
{
    /// <summary>Below this fraction of agreeing resamples the answer is not determined (theory.md E5).</summary>
    public const double Agreement = 0.9;

    /// <summary>With fewer there is no verdict but point estimates: the spread of two seeds says next to nothing (t widens it 9
    /// times).</summary>
    public const int FewestSeeds = 3;

    public static VerdictRule Of(
        AnalysisOptions pair,
        IReadOnlyList<Gap> gaps,
        IReadOnlyList<Crossover> crossovers,
        IsotonicFit? isotonic,
        int seeds,
        IReadOnlyList<TunedMetric> tuned
    )
    {
        if (gaps.Count == 0)
            return NothingToCompare(pair, tuned);
        if (gaps.Count == 1)
            return OneBatchSize(pair, gaps[0], seeds);
        string statistical = Statistical(gaps, isotonic, seeds);
        var undermined = gaps.Where(Undermined).ToList();
        bool limited = statistical switch
        {
            Verdict.Crossover => !StillCrosses(gaps, undermined),
            Verdict.Tie or Verdict.SeveralCrossovers or Verdict.FirstBetterThroughout or Verdict.SecondBetterThroughout => undermined.Count
                > 0,
            Verdict.FirstBetterInPart or Verdict.SecondBetterInPart => undermined.Any(g => g.Decided != 0),
            _ => false,
        };
        string name = limited ? Verdict.EdgeLimited : statistical;
        var needs = new List<string>();
        if (statistical == Verdict.NotDetermined)
            needs.AddRange(MoreSeedsOrRange(pair, gaps, isotonic, seeds));
        if (statistical is Verdict.FirstBetterInPart or Verdict.SecondBetterInPart)
            needs.AddRange(MoreSeeds([.. gaps.Where(g => g.Decided == 0 && !g.IsLevel)], seeds));
        if (statistical == Verdict.Crossover && isotonic!.Between is { IsNarrow: false } wide)
            needs.Add($"batch sizes between {wide.Low} and {wide.High}, such as {Middle(wide)}, to say where");
        if (name is Verdict.EdgeLimited or Verdict.NotDetermined)
            needs.AddRange(WiderGrid(undermined));
        string headline = Headlines.Of(name, statistical, pair, gaps, crossovers, isotonic, seeds);
        return new(name, headline, needs);
    }

    /// <summary>What the resamples say, before asking whether the grids were wide enough.</summary>
    private static string Statistical(IReadOnlyList<Gap> gaps, IsotonicFit? isotonic, int seeds)
    {
        if (gaps.All(g => g.IsLevel))
            return Verdict.Tie;
        if (seeds < FewestSeeds || gaps.Any(g => double.IsNaN(g.Value)))
            return Verdict.NotDetermined;
        if (SignChangesBeyondDoubt(gaps) > 1)
            return Verdict.SeveralCrossovers;
        // "Throughout" speaks of all sizes at once, and so must its intervals.
        if (gaps.All(g => g.DecidedAtOnce > 0))
            return Verdict.SecondBetterThroughout;
        if (gaps.All(g => g.DecidedAtOnce < 0))
            return Verdict.FirstBetterThroughout;
        // Where an optimizer diverges everywhere there is no curve to cross zero; where it leads is told by signs alone.
        bool curve = isotonic is not null && !gaps.Any(g => double.IsInfinity(g.Value));
        if (curve && isotonic!.Between is not null)
            return isotonic.FractionAgreeing >= Agreement ? Verdict.Crossover : Verdict.NotDetermined;
        bool firstAhead = gaps.Any(g => g.Decided < 0),
            secondAhead = gaps.Any(g => g.Decided > 0);
        return (firstAhead, secondAhead) switch
        {
            (false, true) => Verdict.SecondBetterInPart,
            (true, false) => Verdict.FirstBetterInPart,
            _ => Verdict.NotDetermined,
        };
    }

    private static int SignChangesBeyondDoubt(IReadOnlyList<Gap> gaps)
    {
        int[] signs = [.. gaps.Select(g => g.Decided).Where(s => s != 0)];
        return signs.Skip(1).Where((s, i) => s != signs[i]).Count();
    }

    /// <summary>A wider grid could turn this gap's sign: the optimizer that is behind is at its grid's edge, or either where they are
    /// level.</summary>
    public static bool Undermined(Gap gap) =>
        GapCrossings.Sign(gap.Value) switch
        {
            > 0 => gap.First.Edge != GridEdge.None,
            < 0 => gap.Second.Edge != GridEdge.None,
            _ => !double.IsNaN(gap.Value) && (gap.First.Edge != GridEdge.None || gap.Second.Edge != GridEdge.None),
        };

    /// <summary>On each side where a grid's edge could turn a sign, another batch size without an edge has that sign beyond
    /// doubt.</summary>
    private static bool StillCrosses(IReadOnlyList<Gap> gaps, List<Gap> undermined) =>
        undermined.Select(g => Math.Sign(g.Value)).Distinct().All(side => gaps.Except(undermined).Any(g => g.Decided == side));

    private static VerdictRule NothingToCompare(AnalysisOptions pair, IReadOnlyList<TunedMetric> tuned)
    {
        string[] have = [.. tuned.Select(t => t.Optimizer).Distinct()];
        string[] lacking = [.. new[] { pair.First, pair.Second }.Where(o => !have.Contains(o))];
        return lacking.Length == 0
            ? new(
                Verdict.NothingToCompare,
                $"{pair.First} and {pair.Second} share no batch size.",
                [$"runs of {pair.First} and {pair.Second} at the same batch sizes"]
            )
            : new(
                Verdict.NothingToCompare,
                $"No finished runs of {string.Join(" or ", lacking)} here; optimizers found: "
                    + $"{(have.Length == 0 ? "none" : string.Join(", ", have))}.",
                [$"runs of {string.Join(" and ", lacking)}, or another pair among the optimizers found"]
            );
    }

    private static VerdictRule OneBatchSize(AnalysisOptions pair, Gap gap, int seeds)
    {
        List<string> needs = ["at least two batch sizes, better four or more, to see where the gap changes sign"];
        if (seeds < FewestSeeds)
            needs.Add($"at least {FewestSeeds} seeds for an interval worth printing");
        if (Undermined(gap))
            needs.AddRange(WiderGrid([gap]));
        return new(Verdict.OneBatchSize, $"One batch size, {gap.Batch}: {Headlines.Lead(pair, gap)}.", needs);
    }

    private static IEnumerable<string> WiderGrid(IReadOnlyList<Gap> undermined)
    {
        foreach (Gap gap in undermined)
        {
            int sign = GapCrossings.Sign(gap.Value);
            foreach (
                TunedMetric behind in new[] { gap.First, gap.Second }.Where(
                    (t, i) => t.Edge != GridEdge.None && sign * (i == 0 ? 1 : -1) >= 0
                )
            )
            {
                string side = behind.Edge switch
                {
                    GridEdge.Low => "below",
                    GridEdge.High => "above",
                    _ => "on both sides of",
                };
                if (behind.LearningRate is { } rate)
                    yield return $"learning rates of {behind.Optimizer} {side} {Headlines.Number(rate)} at B={gap.Batch}";
            }
        }
    }

    /// <summary>How many seeds would decide the gaps at the ends of the batch range, by the present spread; or a wider range where that is
    /// hopeless.</summary>
    private static IEnumerable<string> MoreSeedsOrRange(AnalysisOptions pair, IReadOnlyList<Gap> gaps, IsotonicFit? isotonic, int seeds)
    {
        foreach (
            var optimizer in gaps.SelectMany(g => new[] { g.First, g.Second })
                .Where(t => t.AllDiverged)
                .GroupBy(t => t.Optimizer, t => t.Batch)
        )
            yield return $"smaller learning rates of {optimizer.Key} at batch size {BatchSides.List([.. optimizer])}, where all of "
                + $"them diverge";
        if (seeds < 2)
        {
            yield return $"the same seeds for every trial, at least {FewestSeeds} and better 4 or more: one seed gives no interval";
            yield break;
        }
        Gap[] open = [.. new[] { gaps[0], gaps[^1] }.Where(g => g.Decided == 0)];
        bool any = false;
        foreach (string need in MoreSeeds(open, seeds))
        {
            any = true;
            yield return need;
        }
        if (!any && seeds < FewestSeeds)
            yield return $"at least {FewestSeeds} seeds and better 4 or more";
        if (isotonic is { Fit.Count: > 1 })
        {
            double first = isotonic.Fit[0],
                last = isotonic.Fit[^1];
            if (isotonic.Between is null && Math.Abs(first - last) > GapCrossings.Zero)
                yield return Math.Abs(last) < Math.Abs(first)
                    ? $"batch sizes above {gaps[^1].Batch}, where the trend points towards {(last > 0 ? pair.First : pair.Second)}"
                    : $"batch sizes below {gaps[0].Batch}, where the trend points towards {(first > 0 ? pair.First : pair.Second)}";
            else if (isotonic.Between is { } between && open.Length == 0)
                yield return $"more batch sizes between {between.Low} and {between.High}, and some below {gaps[0].Batch} and above "
                    + $"{gaps[^1].Batch}";
        }
    }

    /// <summary>More seeds than this are out of anyone's reach.</summary>
    private const int MostSeeds = 64;

    /// <summary>What decides the given gaps: the seeds for those within reach, and a word on those that are not.</summary>
    private static IEnumerable<string> MoreSeeds(IReadOnlyList<Gap> open, int seeds)
    {
        var needed = open.Where(g => double.IsFinite(g.Value)).Select(g => (g.Batch, Seeds: SeedsToResolve(g, seeds))).ToList();
        if (needed.Where(n => n.Seeds > 0 && n.Seeds <= MostSeeds).ToList() is { Count: > 0 } near)
            yield return $"about {near.Max(n => n.Seeds)} seeds, by the present spread and with a power of 80%, to decide batch size "
                + $"{BatchSides.List([.. near.Select(n => n.Batch)])}";
        if (needed.Where(n => n.Seeds > MostSeeds).ToList() is { Count: > 0 } far)
            yield return $"more than {MostSeeds} seeds at batch size {BatchSides.List([.. far.Select(n => n.Batch)])}, where the gap is "
                + $"too small beside its spread";
    }

    /// <summary>The power of two nearest the middle of a bracket in log₂ B.</summary>
    private static long Middle(Bracket bracket) => (long)Math.Pow(2, Math.Round((Math.Log2(bracket.Low) + Math.Log2(bracket.High)) / 2));

    /// <summary>The fewest seeds that find this gap with a power of 0.8 by its present spread; 0 when already resolved, int.MaxValue when
    /// out of reach.</summary>
    internal static int SeedsToResolve(Gap gap, int seeds)
    {
        if (gap.Decided != 0 || SeedPower.DeviationOf(gap, seeds) is not { } deviation)
            return 0;
        int needed = NoncentralT.Seeds(gap.Value, deviation, most: 1000) ?? int.MaxValue;
        return Math.Max(needed, seeds + 1);
    }
}
