// What the log-moment estimator reads in the limit of many values, on laws that are not stable, by closed form or quadrature.
using Gaplab.Numerics.Stable;

namespace Gaplab.Numerics.Tails;

/// <summary>Population values of α̂ = log K₁/(E log|Y| − E log|X|): how Gaussian or finite-variance noise comes to read as α &lt;
/// 2.</summary>
internal static class LogMomentTheory
{
    /// <summary>Gaussian AR(1) with correlation ρ, along time: 2 log K/log(K + 2Σ_{j&lt;K}(K−j)ρ^j).</summary>
    public static double AutoregressiveGaussian(double correlation, int blockLength)
    {
        double sum = blockLength,
            power = 1;
        for (int j = 1; j < blockLength; j++)
            sum += 2 * (blockLength - j) * (power *= correlation);
        return 2 * Math.Log(blockLength) / Math.Log(sum);
    }

    /// <summary>Gaussian values of unequal scales mixed inside every block: 1/α = ½ + log(AM(σ²)/GM(σ²))/(2 log K).</summary>
    public static double MixedScales(IReadOnlyList<double> deviations, int blockLength)
    {
        ArgumentNullException.ThrowIfNull(deviations);
        double arithmetic = Math.Log(deviations.Average(s => s * s)),
            geometric = deviations.Average(s => 2 * Math.Log(s));
        return 1 / (0.5 + (arithmetic - geometric) / (2 * Math.Log(blockLength)));
    }

    /// <summary>Gaussian values N(μ, 1) that were not centred.</summary>
    public static double UncentredGaussian(double mean, int blockLength) =>
        Index(
            1,
            t => Math.Cos(mean * t) * Math.Exp(-0.5 * t * t),
            blockLength,
            t => Math.Cos(mean * blockLength * t) * Math.Exp(-0.5 * blockLength * t * t)
        );

    /// <summary>The scale of an exponential moving average of independent SαS(1): (1−β)/(1−β^α)^{1/α}; α itself does not change.</summary>
    public static double MovingAverageScale(double alpha, double decay) => (1 - decay) / Math.Pow(1 - Math.Pow(decay, alpha), 1 / alpha);

    /// <summary>The exponential moving average of independent SαS, along time: its correlation makes it read heavier.</summary>
    public static double MovingAverageOfStable(double alpha, double decay, int blockLength)
    {
        double start = 1 - Math.Pow(decay, alpha),
            one = Math.Pow(1 - decay, alpha) / start;
        double sum = Math.Pow(1 - Math.Pow(decay, blockLength), alpha) * Math.Pow(decay, alpha) / start;
        for (int n = 1; n <= blockLength; n++)
            sum += Math.Pow(1 - Math.Pow(decay, n), alpha);
        return alpha * Math.Log(blockLength) / (Math.Log(sum) - Math.Log(one));
    }

    /// <summary>Independent copies of the exponential moving average of a law, pooled: φ_m(t) = Πφ((1−β)β^k t).</summary>
    public static double PooledMovingAverage(Func<double, double> characteristic, double decay, int blockLength)
    {
        ArgumentNullException.ThrowIfNull(characteristic);
        double Average(double t)
        {
            double product = 1;
            for (double u = (1 - decay) * t; u > 1e-12; u *= decay)
                product *= characteristic(u);
            return product;
        }
        return LocalIndex(Average, 1, blockLength);
    }

    /// <summary>The mean of B independent values, as a mini-batch makes it.</summary>
    public static double MinibatchMean(Func<double, double> characteristic, int batch, int blockLength) =>
        LocalIndex(t => Math.Pow(characteristic(t / batch), batch), 1, blockLength);

    /// <summary>α(Ka, Kb) = log(Kb/Ka)/(E log|S_Kb| − E log|S_Ka|) of independent values with a real characteristic function: constant for
    /// a stable law, towards 2 for a finite variance.</summary>
    public static double LocalIndex(Func<double, double> characteristic, int from, int to) =>
        Math.Log((double)to / from) / (MeanLog(t => Power(characteristic(t), to)) - MeanLog(t => Power(characteristic(t), from)));

    /// <summary>E log|X| = −γ_E + ∫₀^∞ (1{t&lt;1} − Re φ(t))/t dt, in s = log t.</summary>
    /// <param name="characteristic">Re φ(t), t &gt; 0.</param>
    public static double MeanLog(Func<double, double> characteristic)
    {
        ArgumentNullException.ThrowIfNull(characteristic);
        // 1 − φ falls at least like t^{1/4} towards 0 and φ is gone long before e^40 for the laws at hand; panels of 1/4 keep every
        // oscillation that matters apart.
        double sum = 0;
        for (double s = -80; s < 40; s += 0.25)
        {
            double from = s,
                to = s + 0.25;
            sum +=
                from < 0
                    ? AdaptiveQuadrature.Integrate(u => 1 - characteristic(Math.Exp(u)), from, to, 1e-10, 1e-13)
                    : -AdaptiveQuadrature.Integrate(u => characteristic(Math.Exp(u)), from, to, 1e-10, 1e-13);
        }
        return sum - MathNet.Numerics.Constants.EulerMascheroni;
    }

    /// <summary>φ of Student's t with 3 degrees of freedom: (1 + √3|t|)e^{−√3|t|}.</summary>
    public static double StudentThree(double t) => (1 + Math.Sqrt(3) * Math.Abs(t)) * Math.Exp(-Math.Sqrt(3) * Math.Abs(t));

    /// <summary>φ of the mixture (1−w)N(0,1) + wN(0,s²).</summary>
    public static double GaussianMixture(double weight, double deviation, double t) =>
        (1 - weight) * Math.Exp(-0.5 * t * t) + weight * Math.Exp(-0.5 * deviation * deviation * t * t);

    private static double Index(int from, Func<double, double> one, int to, Func<double, double> sum) =>
        Math.Log((double)to / from) / (MeanLog(sum) - MeanLog(one));

    private static double Power(double value, int exponent) => Math.Pow(value, exponent);
}
