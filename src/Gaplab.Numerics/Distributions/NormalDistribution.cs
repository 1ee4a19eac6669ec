// The standard normal: quantile, density, distribution, and the mean of the largest of J draws.
using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Gaplab.Numerics.Distributions;

/// <summary>The standard normal distribution.</summary>
public static class NormalDistribution
{
    public static double Quantile(double probability) => Normal.InvCDF(0, 1, probability);

    public static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>Φ(x), by erfc so that the lower tail keeps its relative accuracy.</summary>
    public static double Cumulative(double x) => 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2));

    /// <summary>E max(0, Z − x), the mean excess over x: φ(x) − x Φ(−x).</summary>
    public static double MeanExcess(double x) => Density(x) - x * Cumulative(-x);

    /// <summary>E max of J independent standard normals, ∫ x J φ(x) Φ(x)^{J−1} dx: what choosing the best of J equal learning rates gains
    /// by luck, in standard deviations of a seed mean (theory.md E6).</summary>
    /// <remarks>The trapezoid rule over the whole line converges faster than any power of the step for such integrands; beyond ±13 the
    /// integrand is below 1e-36.</remarks>
    public static double ExpectedMaximum(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        const double Step = 1.0 / 64;
        double sum = 0;
        for (int i = -13 * 64; i <= 13 * 64; i++)
        {
            double x = i * Step;
            sum += x * Density(x) * Math.Pow(Cumulative(x), count - 1);
        }
        return count * sum * Step;
    }
}
