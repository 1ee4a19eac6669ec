// One comparison of a study with its pilot's frame, pairs and search.
using Gaplab.Learning.Data;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Studies.Piloting;

/// <summary>A comparison that is piloted.</summary>
/// <param name="Place">In the whole study's plan.</param>
/// <param name="Design">Its frame.</param>
/// <param name="Pairs">What is predicted.</param>
/// <param name="Contexts">What is known of each pair before any run.</param>
/// <param name="Floor">The least possible loss, where the data know it.</param>
internal sealed record PilotedComparison(
    int Place,
    PilotDesign Design,
    IReadOnlyList<(PilotSide First, PilotSide Second)> Pairs,
    IReadOnlyList<EfficiencyContext> Contexts,
    double? Floor
)
{
    public ComparisonKey Key => Design.Comparison.Key;

    /// <summary>Names the model's random streams; the same pilot gives the same draws.</summary>
    private const long Stream = 0;

    /// <param name="whole">The study's plan.</param>
    /// <param name="place">Of the comparison in it.</param>
    /// <param name="task">Its data.</param>
    /// <param name="named">The pairs of optimizers to predict.</param>
    /// <param name="tier">What the pilot may cost.</param>
    /// <exception cref="Numerics.InputException">It cannot be piloted, or not at that price.</exception>
    public static PilotedComparison Of(Plan whole, int place, ITask task, IReadOnlyList<OptimizerPair> named, PilotTier tier)
    {
        PlannedComparison comparison = whole.Comparisons[place];
        string[] compared = [.. named.SelectMany(p => (string[])[p.First, p.Second])];
        string[] optimizers = [.. comparison.Study.Optimizers.Select(o => o.Name).Where(compared.Contains)];
        PilotDesign design = PilotDesign.Of(whole, comparison, optimizers, tier);
        IReadOnlyList<(PilotSide, PilotSide)> pairs = PilotSide.Pairs(design.Sides, named, comparison.Study.Grid.Betas.Count > 0);
        return new(place, design, pairs, [.. pairs.Select(p => PilotPairs.ContextOf(design, p, task))], task.EntropyRate);
    }

    /// <summary>A search that begins anew: with the same results it asks for the same runs.</summary>
    public PilotSearch Search() => new(Design, Pairs, Choose);

    // A fit takes a second or two, and of several pairs most have the cells that they had a round before.
    private readonly Dictionary<int, (IReadOnlyList<PilotCell> Cells, EfficiencyPosterior Posterior)> _fitted = [];

    /// <summary>What the model believes of a pair; null where either side has no finite loss.</summary>
    public EfficiencyPosterior? Posterior(int pair, IReadOnlyList<PilotFound> found)
    {
        IReadOnlyList<PilotCell> cells = PilotPairs.Cells(found, Pairs[pair]);
        if (cells.Select(c => c.Side).Distinct().Count() < 2)
            return null;
        if (!_fitted.TryGetValue(pair, out var known) || !known.Cells.SequenceEqual(cells))
            _fitted[pair] = known = (cells, EfficiencyModel.Fit(cells, Contexts[pair], Stream));
        return known.Posterior;
    }

    /// <summary>Within which the two of a pair are level.</summary>
    public RelevanceBand BandOf(int pair) => new(Contexts[pair].Relevance, Floor);

    /// <summary>Of some anchors of one pair, what tells most, whatever it costs; null where none tells anything, or the crossover is known
    /// well.</summary>
    public NextRun? Next(int pair, EfficiencyPosterior posterior, GapDraws draws, IEnumerable<PilotAnchor> anchors)
    {
        RelevanceBand band = BandOf(pair);
        return IsKnown(draws, band)
            ? null
            : EfficiencyForecast.Next(posterior, band, Affordable(anchors.Where(a => a.Pair == pair)), draws);
    }

    /// <summary>What each anchor tells of its pair, and of all pairs together the one that tells most for its cost.</summary>
    private PilotAnchor? Choose(IReadOnlyList<PilotFound> found, IReadOnlyList<PilotAnchor> anchors)
    {
        var promises = new List<AnchorPromise>();
        foreach (var pair in anchors.GroupBy(a => a.Pair))
        {
            if (Posterior(pair.Key, found) is not { } posterior)
                continue;
            RelevanceBand band = BandOf(pair.Key);
            GapDraws draws = EfficiencyForecast.Draws(posterior);
            if (!IsKnown(draws, band))
                promises.AddRange(
                    pair.Zip(
                        EfficiencyForecast.Each(posterior, band, Affordable(pair), draws),
                        (a, next) => new AnchorPromise(a, next.Bits)
                    )
                );
        }
        return AnchorPromise.Best(promises);
    }

    private (long Batch, double Samples, int Seeds, double Cost)[] Affordable(IEnumerable<PilotAnchor> anchors) =>
        [.. anchors.Select(a => ((long)a.Batch, (double)PilotLength.Whole.Samples(Design.Study, a.Batch), 1, (double)a.Cost))];

    // One crossing, within a factor of 2: more runs would hardly move it.
    private static bool IsKnown(GapDraws draws, RelevanceBand band)
    {
        const double Factor = 2;
        return GapVerdict.Of("", "", draws, band) is { Crossing: >= Certainty.Asked, Interval: { Low: { } low, High: { } high } }
            && high <= Factor * low;
    }
}
