// The gaps of many comparisons over one set of seeds, each with its resamples: what paired statements between comparisons need.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>One comparison: its gap at each batch size and log₂ B* of its isotonic fit.</summary>
internal sealed record GapSample(
    ComparisonKey Key,
    IReadOnlyDictionary<long, ResampledNumber> Gaps,
    IReadOnlyDictionary<long, double> SecondLoss,
    SampledCrossing Crossing
)
{
    /// <summary>±∞ out of range, NaN without two finite gaps.</summary>
    public double Log2Batch => Crossing.Log2Batch;

    /// <summary>The mean of several at their common batch sizes.</summary>
    public static GapSample Mean(IReadOnlyList<GapSample> samples)
    {
        double each = 1.0 / samples.Count;
        return new(
            samples[0].Key,
            samples[0]
                .Gaps.Keys.Where(b => samples.All(s => s.Gaps.ContainsKey(b)))
                .ToDictionary(b => b, b => ResampledNumber.Sum([.. samples.Select(s => (each, s.Gaps[b]))])),
            new Dictionary<long, double>(),
            SampledCrossing.Sum([.. samples.Select(s => (each, s.Crossing))])
        );
    }
}

/// <summary>Comparisons over the seeds that all of them have.</summary>
internal sealed class GapSamples
{
    private GapSamples(IReadOnlyList<GapSample> comparisons, IReadOnlyList<string> seeds) => (Comparisons, Seeds) = (comparisons, seeds);

    public IReadOnlyList<GapSample> Comparisons { get; }

    public IReadOnlyList<string> Seeds { get; }

    /// <summary>Null when no comparison has both optimizers.</summary>
    public static GapSamples? Of(IEnumerable<SweepRow> rows, AnalysisOptions options)
    {
        options = options with { First = options.First.ToLowerInvariant(), Second = options.Second.ToLowerInvariant() };
        var comparisons = rows.Where(r => r.Optimizer == options.First || r.Optimizer == options.Second)
            .GroupBy(r => r.Comparison)
            .Select(g => (g.Key, Rows: g.ToList()))
            .ToList();
        SeedGrid Grid(IEnumerable<SweepRow> of) => SeedGrid.Build(of, options.HigherIsBetter, []);
        string[]? shared = null;
        foreach (var (_, own) in comparisons)
        {
            IReadOnlyList<string> seeds = Grid(own).Seeds;
            if (seeds.Count > 0)
                shared = shared is null ? [.. seeds] : [.. shared.Where(seeds.Contains)];
        }
        if (shared is null)
            return null;
        SeedResamples? resamples = shared.Length > 1 ? SeedResamples.Of(shared.Length) : null;
        var samples = new List<GapSample>();
        foreach (var (key, own) in comparisons)
        {
            SeedGrid grid = Grid(shared.Length == 0 ? own : own.Where(r => r.Seed is null || shared.Contains(r.Seed)));
            var gaps = new SortedDictionary<long, ResampledNumber>();
            var second = new Dictionary<long, double>();
            foreach (long batch in grid.Grids.Select(g => g.Batch).Distinct())
            {
                if (grid.Find(options.First, batch) is not { } a || grid.Find(options.Second, batch) is not { } b)
                    continue;
                (ResampledNumber first, ResampledNumber other) = (
                    Tuned(a, grid.Seeds.Count, resamples),
                    Tuned(b, grid.Seeds.Count, resamples)
                );
                gaps[batch] = ResampledNumber.Sum([(1, first), (-1, other)]);
                second[batch] = other.Value;
            }
            if (gaps.Count > 0)
                samples.Add(new GapSample(key, gaps, second, Crossing(gaps, grid.Seeds.Count)));
        }
        return samples.Count == 0 ? null : new GapSamples(samples, shared);
    }

    private static ResampledNumber Tuned(OptimizerGrid grid, int seeds, SeedResamples? resamples)
    {
        (double[] means, int best) = LearningRateChoice.Tune(grid, seeds);
        return new(means[best], resamples is null || resamples.Seeds != seeds ? null : PairedBootstrap.Tuned(grid, resamples));
    }

    private static SampledCrossing Crossing(SortedDictionary<long, ResampledNumber> gaps, int seeds)
    {
        var finite = gaps.Where(g => double.IsFinite(g.Value.Value)).ToList();
        if (finite.Count < 2)
            return SampledCrossing.None;
        double[] x = [.. finite.Select(g => Math.Log2(g.Key))],
            values = [.. finite.Select(g => g.Value.Value)];
        MonotoneGap point = GapCrossings.Isotonic(x, values);
        (double low, double high) = ResampledBrackets.Ends(x, point);
        bool narrow = point.Crosses && new Bracket(finite[point.Below].Key, finite[point.Above].Key).IsNarrow;
        if (finite.Any(g => g.Value.Resampled is null))
            return new(point.Log2Batch, narrow, new(low, null), new(high, null));
        ResampledBrackets brackets = ResampledBrackets.Of(x, point, values, [.. finite.Select(g => g.Value.Resampled!)], seeds);
        return new(point.Log2Batch, narrow, new(low, brackets.Low), new(high, brackets.High));
    }
}
