// A pilot's own gaps, without a model: what its prediction must beat when they are joined by straight lines.
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Studies.Piloting;

/// <summary>At every batch size the gap of its longest cells.</summary>
internal static class PilotAnchors
{
    /// <summary>Standard deviation of a gap from one seed: of the difference of two losses that each have the middle of the efficiency
    /// model's prior.</summary>
    public static double SeedError { get; } = Math.Exp(new EfficiencyPriors().Noise.Mean) * Math.Sqrt(2);

    /// <param name="cells">Of the prediction.</param>
    /// <param name="first">The pair.</param>
    /// <param name="second">The other.</param>
    /// <param name="band">With the floor.</param>
    public static IReadOnlyList<AnchorGap> Of(IReadOnlyList<PilotCellReading> cells, PilotSide first, PilotSide second, RelevanceBand band)
    {
        Dictionary<(int Batch, long Samples), double[]> Of(PilotSide side) =>
            cells
                .Where(c => c.Optimizer == side.Optimizer && c.Variant == side.Variant && c.Loss is not null)
                .GroupBy(c => (c.Batch, c.Samples))
                .ToDictionary(g => g.Key, g => g.Select(c => c.Loss!.Value).ToArray());
        Dictionary<(int Batch, long Samples), double[]> one = Of(first),
            two = Of(second);
        return
        [
            .. one
                .Keys.Where(two.ContainsKey)
                .GroupBy(k => k.Batch)
                .Select(g => g.MaxBy(k => k.Samples))
                .Select(k => new AnchorGap(
                    k.Batch,
                    band.LogGap(one[k].Average(), two[k].Average()),
                    SeedError / Math.Sqrt(Math.Min(one[k].Length, two[k].Length)),
                    double.PositiveInfinity
                ))
                .Where(a => double.IsFinite(a.Gap))
                .OrderBy(a => a.Batch),
        ];
    }
}
