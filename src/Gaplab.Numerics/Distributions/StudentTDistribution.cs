// Student's t quantile and the factor by which a bootstrap interval from few seeds is widened.
using MathNet.Numerics.Distributions;

namespace Gaplab.Numerics.Distributions;

/// <summary>Student's t with location 0 and scale 1.</summary>
public static class StudentTDistribution
{
    /// <summary>The value below which a t variable with <paramref name="degrees"/> degrees of freedom falls with the given
    /// probability.</summary>
    public static double Quantile(double degrees, double probability) => StudentT.InvCDF(0, 1, degrees, probability);

    /// <summary>P(T ≤ x).</summary>
    public static double Cumulative(double degrees, double x) => StudentT.CDF(0, 1, degrees, x);

    /// <summary>E max(0, T − x), the mean excess over x: ((ν + x²) f(x)/(ν − 1)) − x P(T &gt; x); infinite at ν = 1.</summary>
    public static double MeanExcess(double degrees, double x) =>
        degrees <= 1
            ? double.PositiveInfinity
            : (degrees + x * x) / (degrees - 1) * StudentT.PDF(0, 1, degrees, x) - x * StudentT.CDF(0, 1, degrees, -x);

    /// <summary>f = t_{S−1} / z · √(S/(S−1)): widens a percentile interval over S seeds to its nominal coverage (theory.md E5).</summary>
    /// <param name="seeds">At least 2.</param>
    /// <param name="level">Two-sided, e.g. 0.95.</param>
    public static double BootstrapInflation(int seeds, double level = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 2);
        double upper = 0.5 + level / 2;
        return Quantile(seeds - 1, upper) / NormalDistribution.Quantile(upper) * Math.Sqrt(seeds / (seeds - 1.0));
    }
}
