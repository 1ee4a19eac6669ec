// The percentile interval of interpolated crossings: theory.md E5 to the letter, for comparison with the bracket that is the answer.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>Quantiles of the crossings of each resample's monotone fit, interpolated between batch sizes.</summary>
internal static class CrossingInterval
{
    /// <summary>Type-1 quantiles (an infinite one is an open end, and a value out of nothing would be a fiction), in batch sizes.</summary>
    /// <param name="x">log₂ of the batch sizes, ascending.</param>
    /// <param name="point">Interpolated log₂ B* of the point estimates, which the interval holds.</param>
    /// <param name="resampled">For each batch size, its gap in each resample; finite.</param>
    public static Interval Percentile(double[] x, double point, IReadOnlyList<double[]> resampled, double level = 0.95)
    {
        var gap = new double[x.Length];
        var log2Batches = new List<double>(resampled[0].Length);
        for (int r = 0; r < resampled[0].Length; r++)
        {
            for (int i = 0; i < gap.Length; i++)
                gap[i] = resampled[i][r];
            double crossing = GapCrossings.Isotonic(x, gap).Log2Batch;
            if (!double.IsNaN(crossing))
                log2Batches.Add(crossing);
        }
        if (log2Batches.Count == 0)
            return Interval.None;
        log2Batches.Sort();
        double[] sorted = [.. log2Batches];
        Interval log2 = PairedBootstrap
            .Ends(Quantiles.Type1(sorted, (1 - level) / 2), Quantiles.Type1(sorted, (1 + level) / 2))
            .Holding(point);
        return log2 with { Low = Power(log2.Low), High = Power(log2.High) };

        static double? Power(double? octave) => octave is { } o ? Math.Pow(2, o) : null;
    }
}
