// Proper scores of a forecast: what it gave to what happened.
namespace Gaplab.Results.Prediction;

/// <summary>Scores that no forecast can improve by saying other than it believes (Gneiting and Raftery 2007).</summary>
internal static class ForecastScores
{
    /// <summary>The least probability that is scored: one certain error among many cells must not decide.</summary>
    public const double LeastProbability = 0.01;

    /// <summary>−Σ t·log₂ p in bits: 0 is perfect, log₂ of the number of outcomes is saying nothing.</summary>
    /// <param name="forecast">Probabilities of the outcomes; those below 0.01 are raised to it, and all scaled to sum 1.</param>
    /// <param name="truth">Probabilities of what happened, so that what a measurement leaves open counts softly.</param>
    public static double LogBits(IReadOnlyList<double> forecast, IReadOnlyList<double> truth)
    {
        Check(forecast, truth);
        double total = forecast.Sum(p => Math.Max(LeastProbability, p));
        return -forecast.Zip(truth, (p, t) => t * Math.Log2(Math.Max(LeastProbability, p) / total)).Sum();
    }

    /// <summary>The ranked probability score Σ_k (F_k − T_k)² of B*, k over below, between each two sizes, above.</summary>
    /// <remarks>"None" has no place in the order: the mean over putting it first and putting it last, both proper, so their mean
    /// is.</remarks>
    public static double RankedProbability(CrossoverBins forecast, CrossoverBins truth)
    {
        IReadOnlyList<double> f = forecast.All,
            t = truth.All;
        Check(f, t);
        return 0.5 * (RankedProbability([f[^1], .. f.SkipLast(1)], [t[^1], .. t.SkipLast(1)]) + RankedProbability(f, t));
    }

    /// <summary>Σ_k (F_k − T_k)² over cumulative sums (Epstein 1969).</summary>
    public static double RankedProbability(IReadOnlyList<double> forecast, IReadOnlyList<double> truth)
    {
        Check(forecast, truth);
        double sum = 0,
            difference = 0;
        for (int k = 0; k < forecast.Count; k++)
        {
            difference += forecast[k] - truth[k];
            sum += difference * difference;
        }
        return sum;
    }

    /// <summary>CRPS of draws: E|X − y| − ½E|X − X′|, in the unit of y; a point forecast has its absolute error.</summary>
    public static double ContinuousRankedProbability(IReadOnlyList<double> draws, double measured)
    {
        if (draws.Count == 0)
            throw new ArgumentException("a forecast needs at least one draw", nameof(draws));
        double[] sorted = [.. draws.Order()];
        double n = sorted.Length,
            miss = 0,
            spread = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            miss += Math.Abs(sorted[i] - measured) / n;
            // Σᵢⱼ|xᵢ − xⱼ| of sorted draws.
            spread += (2 * i + 1 - n) * sorted[i];
        }
        return miss - spread / (n * n);
    }

    private static void Check(IReadOnlyList<double> forecast, IReadOnlyList<double> truth)
    {
        if (forecast.Count != truth.Count || Math.Abs(forecast.Sum() - 1) > 1e-6 || Math.Abs(truth.Sum() - 1) > 1e-6)
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"{forecast.Count} probabilities with sum {forecast.Sum()}, {truth.Count} with sum {truth.Sum()}; expected sums of 1"
                ),
                nameof(forecast)
            );
    }
}
