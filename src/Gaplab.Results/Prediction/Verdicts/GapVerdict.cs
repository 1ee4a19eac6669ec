// What a distribution of gap curves lets one say: who is ahead at each batch size, B*, its onset, and which branch makes it.
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>What may be said at one batch size.</summary>
public enum BatchWord
{
    /// <summary>No statement reaches the probability that is asked of it.</summary>
    NotDetermined,
    First,
    Level,
    Second,
}

/// <summary>A probability that a statement is asked for before it is made.</summary>
public static class Certainty
{
    /// <summary>Of every word and number of a verdict.</summary>
    public const double Asked = 0.8;

    /// <summary>B* is a number where its 80% interval is at most so wide, end to end.</summary>
    public const double WidestFactor = 4;
}

/// <summary>One batch size.</summary>
/// <param name="Gap">Median of ln(first/second) above the floor.</param>
/// <param name="Low">Lower end of the central 80%.</param>
/// <param name="Low95">Lower end of the central 95%.</param>
/// <param name="FirstAhead">P(the first is ahead by more than δ).</param>
/// <param name="Level">P(neither is).</param>
/// <param name="SecondAhead">P(the second is).</param>
public sealed record BatchVerdict(
    long Batch,
    double Gap,
    double Low,
    double High,
    double Low95,
    double High95,
    double FirstAhead,
    double Level,
    double SecondAhead
)
{
    public BatchWord Word =>
        FirstAhead >= Certainty.Asked ? BatchWord.First
        : SecondAhead >= Certainty.Asked ? BatchWord.Second
        : Level >= Certainty.Asked ? BatchWord.Level
        : BatchWord.NotDetermined;
}

/// <summary>What makes the first, or any, optimizer lead at small batch sizes: shares of the draws.</summary>
/// <param name="Memory">Of the draws with one crossing in range, those in which it goes away when the memory is long.</param>
/// <param name="Steps">Those in which it stays: the optimizers run out of steps at different batch sizes.</param>
/// <param name="ShortTraining">Of all draws, those in which the first optimizer is ahead by more than δ at the smallest batch size whatever
/// the memory: g₀ &lt; 0.</param>
/// <param name="MemoryCosts">Of all draws, those in which a long memory moves the gap at the smallest batch size by more than δ.</param>
public sealed record BranchShares(double Memory, double Steps, double ShortTraining, double MemoryCosts);

/// <summary>The verdict on a pair of optimizers.</summary>
/// <param name="Crossing">P(exactly one crossing in range, leaving the band on both sides).</param>
/// <param name="ToSecond">Of these draws, the share in which the second is ahead above it.</param>
/// <param name="Middle">Median of B* where there is one crossing; null: in too few draws to say.</param>
/// <param name="Interval">Its central 80%.</param>
/// <param name="OnsetSide">Who is ahead at the largest batch size with the probability asked for: −1, +1; 0: not determined.</param>
/// <param name="Onset">Median of the batch size from which on that is so; null without a side.</param>
/// <param name="OnsetInterval">Its central 80%.</param>
/// <param name="Branches">Null where no optimizer of the pair has a memory.</param>
public sealed record GapVerdict(
    string First,
    string Second,
    RelevanceBand Band,
    IReadOnlyList<BatchVerdict> Batches,
    CrossoverBins Bins,
    double Crossing,
    double ToSecond,
    double? Middle,
    Interval Interval,
    int OnsetSide,
    double? Onset,
    Interval OnsetInterval,
    BranchShares? Branches
)
{
    // Draws with a crossing below which its place is not described.
    private const int FewestDraws = 20;

    /// <summary>What to change so that the memory is long, e.g. "β₂ = 0.999"; "" where nothing can be.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>The run that would tell most of B*; null: not asked for, or none helps.</summary>
    public NextRun? Next { get; init; }

    /// <summary>What the sampler says against its own draws; null: nothing.</summary>
    public string? Doubt { get; init; }

    /// <summary>B* where it may be printed as a number; else null.</summary>
    public double? BStar =>
        Crossing >= Certainty.Asked && Interval is { Low: { } low, High: { } high } && high <= Certainty.WidestFactor * low ? Middle : null;

    public static GapVerdict Of(string first, string second, GapDraws draws, RelevanceBand band)
    {
        ArgumentNullException.ThrowIfNull(draws);
        ArgumentNullException.ThrowIfNull(band);
        BandCrossing[] curves = Curves(draws, draws.Gaps, band);
        double[] places = [.. curves.Where(c => c.Changes == 1).Select(c => c.Log2Batch).Order()];
        (double? middle, Interval interval) = Summary(places);
        int side =
            Share(curves, c => c.OnsetSide > 0) >= Certainty.Asked ? 1
            : Share(curves, c => c.OnsetSide < 0) >= Certainty.Asked ? -1
            : 0;
        (double? onset, Interval onsetInterval) =
            side == 0 ? (null, Interval.None) : Summary([.. curves.Where(c => c.OnsetSide == side).Select(c => c.OnsetLog2).Order()]);
        return new GapVerdict(
            first,
            second,
            band,
            [.. draws.Sizes.Select(b => At(b, draws.At(b), band))],
            CrossoverBins.Of(draws.Sizes, curves),
            places.Length / (double)curves.Length,
            places.Length == 0 ? 0 : curves.Count(c => c is { Changes: 1, ToSecond: true }) / (double)places.Length,
            middle,
            interval,
            side,
            onset,
            onsetInterval,
            draws.LongMemory is { } remedied ? Shares(draws, curves, remedied, band) : null
        );
    }

    internal static BandCrossing[] Curves(GapDraws draws, IReadOnlyList<double[]> gaps, RelevanceBand band)
    {
        double[] x = [.. draws.Grid.Select(Math.Log2)];
        return [.. gaps.Select(g => BandCrossing.Of(x, g, band.LogHalfWidth))];
    }

    private static BatchVerdict At(long batch, double[] gaps, RelevanceBand band)
    {
        double first = Share(gaps, g => band.Side(g) < 0),
            second = Share(gaps, g => band.Side(g) > 0);
        Array.Sort(gaps);
        double Quantile(double p) => Quantiles.Type7(gaps, p);
        return new BatchVerdict(
            batch,
            Quantile(0.5),
            Quantile(0.1),
            Quantile(0.9),
            Quantile(0.025),
            Quantile(0.975),
            first,
            Math.Max(0, 1 - first - second),
            second
        );
    }

    private static (double?, Interval) Summary(double[] sortedLog2) =>
        sortedLog2.Length < FewestDraws
            ? (null, Interval.None)
            : (
                Math.Pow(2, Quantiles.Type7(sortedLog2, 0.5)),
                new Interval(Math.Pow(2, Quantiles.Type7(sortedLog2, 0.1)), Math.Pow(2, Quantiles.Type7(sortedLog2, 0.9)))
            );

    private static BranchShares Shares(GapDraws draws, BandCrossing[] curves, IReadOnlyList<double[]> remedied, RelevanceBand band)
    {
        BandCrossing[] without = Curves(draws, remedied, band);
        int crossing = curves.Count(c => c.Changes == 1),
            gone = curves.Zip(without).Count(c => c is { First.Changes: 1, Second.Changes: 0 });
        return new BranchShares(
            crossing == 0 ? 0 : gone / (double)crossing,
            crossing == 0 ? 0 : 1 - gone / (double)crossing,
            Share([.. remedied], g => band.Side(g[0]) < 0),
            draws.Gaps.Zip(remedied).Count(g => Math.Abs(g.First[0] - g.Second[0]) > band.LogHalfWidth) / (double)draws.Gaps.Count
        );
    }

    private static double Share<T>(T[] items, Func<T, bool> match) => items.Count(match) / (double)items.Length;
}
