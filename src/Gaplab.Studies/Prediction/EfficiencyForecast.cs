// From the efficiency model's posterior to the verdict: where the theory's draws meet the results' rules.
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Studies.Prediction;

/// <summary>The verdict of a pilot's posterior, and the next run.</summary>
internal static class EfficiencyForecast
{
    /// <summary>The drawn gap curves over the sweep's range.</summary>
    public static GapDraws Draws(EfficiencyPosterior posterior)
    {
        long[] sizes = [.. posterior.Context.Batches.Select(b => (long)b)];
        IReadOnlyList<double> grid = GapDraws.Between(sizes);
        return new GapDraws
        {
            Sizes = sizes,
            Grid = grid,
            Gaps = posterior.Gaps(grid),
            LongMemory = posterior.LongMemoryGaps(grid),
        };
    }

    /// <summary>The verdict with what the sampler says against it.</summary>
    /// <param name="next">From <see cref="Next"/>; null: none was looked for.</param>
    public static GapVerdict Verdict(
        EfficiencyPosterior posterior,
        string first,
        string second,
        RelevanceBand band,
        GapDraws? draws = null,
        NextRun? next = null
    ) =>
        GapVerdict.Of(first, second, draws ?? Draws(posterior), band) with
        {
            Remedy = posterior.Remedy,
            Next = next,
            Doubt = posterior.Quality.Finding,
        };

    /// <summary>Of runs that can be afforded, the one that would tell most of B*.</summary>
    public static NextRun? Next(
        EfficiencyPosterior posterior,
        RelevanceBand band,
        IReadOnlyList<(long Batch, double Samples, int Seeds, double Cost)> affordable,
        GapDraws? draws = null
    ) => NextRun.Choose(draws ?? Draws(posterior), band, Candidates(posterior, affordable));

    /// <summary>What each would tell of B*, in their order.</summary>
    public static IReadOnlyList<NextRun> Each(
        EfficiencyPosterior posterior,
        RelevanceBand band,
        IReadOnlyList<(long Batch, double Samples, int Seeds, double Cost)> affordable,
        GapDraws draws
    ) => NextRun.Each(draws, band, Candidates(posterior, affordable));

    private static RunCandidate[] Candidates(
        EfficiencyPosterior posterior,
        IReadOnlyList<(long Batch, double Samples, int Seeds, double Cost)> affordable
    ) =>
        [
            .. affordable.Select(a => new RunCandidate(
                a.Batch,
                a.Samples,
                a.Seeds,
                a.Cost,
                posterior.Expected(PairSide.First, a.Batch, a.Samples, a.Seeds),
                posterior.Expected(PairSide.Second, a.Batch, a.Samples, a.Seeds)
            )),
        ];
}
