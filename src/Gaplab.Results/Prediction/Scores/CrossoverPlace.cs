// B* as one number: where a sweep tells it well, and how near a forecast's came.
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>log₂ of one crossover.</summary>
internal static class CrossoverPlace
{
    // A sweep tells B* where its 95% interval is within a factor of 4 end to end; a forecast of it is near within a factor of 2.
    private const double Level = 0.95,
        Octaves = 2,
        NearOctaves = 1;

    /// <summary>Of a sweep; null where it has not one crossing in 95% of the bootstrap's draws, or not within a factor of 4.</summary>
    public static double? Measured(MeasuredGaps measured, RelevanceBand band)
    {
        GapDraws draws = measured.Draws();
        double[] places = Places(draws, band);
        return
            places.Length >= Level * draws.Gaps.Count
            && Quantiles.Type7(places, (1 + Level) / 2) - Quantiles.Type7(places, (1 - Level) / 2) <= Octaves
            ? Quantiles.Type7(places, 0.5)
            : null;
    }

    /// <summary>Whether a forecast's median is within a factor of 2; a forecast in which most draws have no crossing is not.</summary>
    public static bool IsNear(GapDraws forecast, RelevanceBand band, double measured)
    {
        double[] places = Places(forecast, band);
        return places.Length >= 0.5 * forecast.Gaps.Count && Math.Abs(Quantiles.Type7(places, 0.5) - measured) <= NearOctaves;
    }

    private static double[] Places(GapDraws draws, RelevanceBand band) =>
        [.. GapVerdict.Curves(draws, draws.Gaps, band).Where(c => c.Changes == 1).Select(c => c.Log2Batch).Order()];
}
