// What a sweep measured of one pair, as draws of its bootstrap: what forecasts are scored against.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>The measured gaps of one pair.</summary>
/// <param name="Sizes">Rising.</param>
/// <param name="Gaps">[size]: ln of the ratio of the tuned losses above the floor.</param>
/// <param name="Errors">[size][draw]: deviations of the gap under the sweep's bootstrap, one draw for all sizes; all the same
/// length.</param>
public sealed record MeasuredGaps(IReadOnlyList<long> Sizes, IReadOnlyList<double> Gaps, IReadOnlyList<double[]> Errors)
{
    /// <summary>Where the truth may lie, as the bootstrap has it.</summary>
    internal GapDraws Draws() =>
        new()
        {
            Sizes = Sizes,
            Grid = [.. Sizes.Select(s => (double)s)],
            Gaps = [.. Enumerable.Range(0, Errors[0].Length).Select(d => (double[])[.. Gaps.Select((g, i) => g + Errors[i][d])])],
        };

    /// <summary>Probabilities that the first is ahead by more than δ, that neither is, that the second is.</summary>
    internal double[] Sides(int size, RelevanceBand band)
    {
        double draws = Errors[size].Length;
        double first = Errors[size].Count(e => band.Side(Gaps[size] + e) < 0) / draws,
            second = Errors[size].Count(e => band.Side(Gaps[size] + e) > 0) / draws;
        return [first, Math.Max(0, 1 - first - second), second];
    }

    /// <summary>Where B* lies, as the bootstrap has it.</summary>
    internal CrossoverBins Bins(RelevanceBand band) => CrossoverBins.Of(Sizes, GapVerdict.Curves(Draws(), Draws().Gaps, band));
}
