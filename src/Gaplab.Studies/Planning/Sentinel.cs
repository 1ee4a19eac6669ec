// The learning-rate sentinel: extends a grid until the best is bracketed, then refines around it; a pure function of results.
using Gaplab.Numerics;

namespace Gaplab.Studies.Planning;

/// <summary>Tunes the learning rate of one arm (one optimizer, batch size and momentum).</summary>
/// <remarks>
/// It replays its rounds from the initial grid. Round k is decided by the results of the rates asked for in rounds before k
/// alone, over all seeds: the mean over seeds, +∞ where one diverged, and of equal means the smaller rate (theory E1, E2).
/// So neither the order in which runs end, nor results of other rates that a store may hold, nor a restart changes a decision.
/// A round: all diverged, or the best at an end, extends that side by one factor (a diverged neighbour above is a bracket);
/// else a neighbour further away than RefineTo gets the geometric midpoint. Rates have six significant digits.
/// It ends: each side extends a bounded number of times, and a midpoint halves a log-gap above log RefineTo.
/// A rate with a run that ended without telling is skipped, as if it had not been asked for, but never asked for again.
/// </remarks>
public sealed class Sentinel
{
    private readonly SentinelSpec _spec;
    private readonly double[] _grid;
    private readonly long[] _seeds;
    private readonly double _stepLow,
        _stepHigh;

    /// <param name="spec">Bounds and fineness.</param>
    /// <param name="grid">The initial learning rates, at least one.</param>
    /// <param name="seeds">The seeds that each rate is run with, at least one.</param>
    public Sentinel(SentinelSpec spec, IReadOnlyList<double> grid, IReadOnlyList<long> seeds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(grid.Count, nameof(grid));
        ArgumentOutOfRangeException.ThrowIfZero(seeds.Count, nameof(seeds));
        (_spec, _grid, _seeds) = (spec, [.. grid.Order()], [.. seeds]);
        // A grid finer than what refinement would give is extended in steps of RefineTo: smaller ones would only spend the bound.
        double Step(int at) =>
            spec.Factor > 1 ? spec.Factor
            : _grid.Length > 1 ? Math.Max(spec.RefineTo, _grid[at + 1] / _grid[at])
            : 4;
        (_stepLow, _stepHigh) = (Step(0), Step(_grid.Length - 2));
    }

    /// <summary>What to do given all results of the arm so far, in any order.</summary>
    public SentinelDecision Decide(IEnumerable<RateResult> results)
    {
        // Of a run reported twice, one that told something counts; runs are pure, so two that told agree.
        var byRate = results
            .GroupBy(r => SixDigits.Round(r.Rate))
            .ToDictionary(
                g => g.Key,
                g => g.GroupBy(r => r.Seed).ToDictionary(s => s.Key, s => s.Select(r => r.Metric).FirstOrDefault(m => m is not null))
            );
        var tried = new SortedSet<double>(_grid);
        int low = 0,
            high = 0;
        for (int round = 0; ; round++)
        {
            double[] waiting =
            [
                .. tried.Where(rate => !_seeds.All(seed => byRate.TryGetValue(rate, out var seeds) && seeds.ContainsKey(seed))),
            ];
            List<(double Rate, double Mean)> known =
            [
                .. tried
                    .Except(waiting)
                    .Select(rate => (rate, Mean(byRate[rate])))
                    .Where(k => k.Item2 is not null)
                    .Select(k => (k.rate, k.Item2!.Value)),
            ];
            int best = Best(known);
            double? bestRate = best < 0 ? null : known[best].Rate;
            SentinelDecision End(SentinelStatus status) => new(status, [], round, bestRate, [.. tried]);
            if (waiting.Length > 0)
                return new(SentinelStatus.Running, waiting, round, bestRate, [.. tried]);
            if (!_spec.Enabled)
                return End(SentinelStatus.Off);
            if (known.Count == 0)
                return End(SentinelStatus.Incomplete);

            int before = tried.Count;
            if (best <= 0) // all diverged, or the smallest is best
            {
                if (low == _spec.MaxExtensions)
                    return End(best < 0 ? SentinelStatus.AllDiverged : SentinelStatus.BoundLow);
                low++;
                tried.Add(SixDigits.Round(tried.Min / _stepLow));
            }
            if (best >= 0 && best == known.Count - 1)
            {
                if (high == _spec.MaxExtensions)
                    return End(SentinelStatus.BoundHigh);
                high++;
                tried.Add(SixDigits.Round(tried.Max * _stepHigh));
            }
            if (tried.Count > before)
                continue;
            foreach (int neighbour in (int[])[best - 1, best + 1])
            {
                double here = known[best].Rate,
                    there = known[neighbour].Rate;
                if (Math.Max(here, there) / Math.Min(here, there) <= _spec.RefineTo * (1 + LearningRates.Tolerance))
                    continue;
                double middle = SixDigits.Round(Math.Sqrt(here * there));
                // A midpoint that was tried already is a hole: its runs ended without telling.
                if (tried.Any(rate => LearningRates.Same(rate, middle)))
                    return End(SentinelStatus.Incomplete);
                tried.Add(middle);
            }
            if (tried.Count == before)
                return End(SentinelStatus.Bracketed);
        }
    }

    // E1: null where a seed's run ended without telling, +∞ where one diverged.
    private double? Mean(Dictionary<long, double?> seeds)
    {
        double sum = 0;
        foreach (long seed in _seeds)
        {
            if (seeds[seed] is not double metric)
                return null;
            sum += double.IsFinite(metric) ? metric : double.PositiveInfinity;
        }
        return sum / _seeds.Length;
    }

    // E2: the first rate, ascending, within 1e-12·(1+|min|) of the least mean; -1 when none is finite.
    private static int Best(List<(double Rate, double Mean)> known)
    {
        double least = known.Count == 0 ? double.PositiveInfinity : known.Min(k => k.Mean);
        return double.IsFinite(least) ? known.FindIndex(k => k.Mean <= least + 1e-12 * (1 + Math.Abs(least))) : -1;
    }
}
