// The range of values a tuning chart shows: the good cells and their surroundings, not the ruins at the edge of divergence.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Report.Charts;

/// <summary>Chooses an axis range that shows every tuned value with its neighbours; what is worse leaves the chart and is marked at its
/// edge.</summary>
internal static class ValueRange
{
    public static (double Bottom, double Top) Of(IReadOnlyList<TunedMetric> tuned, bool higherIsBetter)
    {
        double sign = higherIsBetter ? -1 : 1; // as losses
        double best = double.PositiveInfinity,
            needed = double.NegativeInfinity;
        var all = new List<double>();
        foreach (TunedMetric metric in tuned)
        {
            Trial[] trials = [.. metric.Trials.Where(c => c.Moments == metric.Moments && double.IsFinite(c.Mean))];
            int chosen = Array.FindIndex(trials, c => c.LearningRate == metric.LearningRate);
            for (int i = 0; i < trials.Length; i++)
            {
                double[] values = [.. trials[i].Values.Where(double.IsFinite).Select(v => sign * v)];
                if (values.Length == 0)
                    continue;
                all.Add(sign * trials[i].Mean);
                best = Math.Min(best, values.Min());
                if (i == chosen)
                    needed = Math.Max(needed, values.Max());
            }
        }
        if (all.Count == 0)
            return (0, 1);
        all.Sort();
        // Up to the third quartile of all cells, and at least all that was chosen.
        double worst = Math.Max(needed, all[(int)(0.75 * (all.Count - 1))]);
        if (worst <= best)
            worst = best + Math.Max(1e-6, Math.Abs(best) * 0.1);
        double span = worst - best;
        double low = best - (0.06 * span),
            high = worst + (0.10 * span);
        return higherIsBetter ? (-high, -low) : (low, high);
    }
}
