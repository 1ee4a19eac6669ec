// Clauset, Shalizi and Newman's power-law fit: the beginning of the tail is where the fit is best.
using System.Globalization;

namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>Of 60 tail sizes from 50 to half the sample, evenly spread in the logarithm, the one whose fitted power law is nearest in the
/// Kolmogorov–Smirnov distance (SIAM Review 51, 2009).</summary>
/// <remarks>α̂ is the exponent of P(|X| &gt; x), one less than that of the density. Interval α̂(1 ± 1.96/√k) at the k chosen; it leaves out
/// that k was chosen, which the bootstrap does not.</remarks>
internal sealed class ClausetEstimator : ITailEstimator
{
    private const int Candidates = 60,
        Smallest = 50;

    public string Id => "clauset";

    public string Title => "power law, KS-chosen x_min (Clauset)";

    public TailEvidence Evidence => TailEvidence.Extremes;

    public bool NeedsSigns => false;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Fit(data.Ranked) is not { } fit)
            return null;
        double half = TailEstimate.Z / Math.Sqrt(fit.Tail);
        return new TailEstimate(
            Id,
            string.Create(CultureInfo.InvariantCulture, $"k = {fit.Tail}, x_min = {fit.Threshold:g4}"),
            1 / fit.Exponent,
            1 / (fit.Exponent * (1 + half)),
            1 / (fit.Exponent * (1 - half))
        );
    }

    /// <summary>The best fit, or null with fewer than 100 values that are not zero.</summary>
    public static PowerLawFit? Fit(RankedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Positive < 2 * Smallest)
            return null;
        double from = Math.Log(Smallest),
            to = Math.Log(sample.Count / 2.0);
        PowerLawFit? best = null;
        long before = 0;
        for (int j = 0; j < Candidates; j++)
        {
            long k = (long)Math.Floor(Math.Exp(from + j / (Candidates - 1.0) * (to - from)));
            if (k == before || k > sample.Positive)
                continue;
            before = k;
            (double exponent, double distance) = sample.PowerLaw(k);
            if (double.IsFinite(exponent) && (best is null || distance < best.Distance))
                best = new PowerLawFit(k, sample.Magnitude(k), exponent, distance);
        }
        return best;
    }
}

/// <summary>A power law P(X &gt; x | X ≥ x_min) = (x/x_min)^{−α} fitted to the largest magnitudes.</summary>
/// <param name="Tail">k, how many.</param>
/// <param name="Threshold">x_min = X_(k).</param>
/// <param name="Exponent">α̂.</param>
/// <param name="Distance">Kolmogorov–Smirnov distance D of the tail.</param>
internal sealed record PowerLawFit(long Tail, double Threshold, double Exponent, double Distance);
