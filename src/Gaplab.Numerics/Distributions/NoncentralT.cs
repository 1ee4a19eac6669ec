// The noncentral t distribution, and the power and size of a paired comparison by it.
using MathNet.Numerics;

namespace Gaplab.Numerics.Distributions;

/// <summary>(Z + δ)/√(χ²_ν/ν): what a t statistic is when there is a difference.</summary>
public static class NoncentralT
{
    /// <summary>P(T ≤ t) = ∫ Φ(t·s − δ) f(s) ds, where s = √(χ²_ν/ν).</summary>
    /// <remarks>The trapezoid rule in u = ln s over the range that holds all but e^(-80) of the density; absolute error below
    /// 1e-10.</remarks>
    /// <param name="t">Any number.</param>
    /// <param name="degrees">ν, at least 1.</param>
    /// <param name="noncentrality">δ.</param>
    public static double Cumulative(double t, double degrees, double noncentrality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        double log = Math.Log(2) + degrees / 2 * Math.Log(degrees / 2) - SpecialFunctions.GammaLn(degrees / 2);
        // ln f(s) + ln s in u = ln s: log + ν·u − ν·e^(2u)/2; its peak is at u = 0 and its curvature there −2ν.
        double low = -80 / degrees - 6 / Math.Sqrt(degrees),
            high = Math.Min(6, 0.5 * Math.Log(1 + 160 / degrees) + 6 / Math.Sqrt(degrees));
        const int Steps = 4000;
        double step = (high - low) / Steps,
            sum = 0;
        for (int i = 0; i <= Steps; i++)
        {
            double u = low + i * step,
                s = Math.Exp(u);
            double density = Math.Exp(log + degrees * u - degrees * s * s / 2);
            sum += (i is 0 or Steps ? 0.5 : 1) * density * NormalDistribution.Cumulative(t * s - noncentrality);
        }
        return Math.Clamp(sum * step, 0, 1);
    }

    /// <summary>The probability that a two-sided paired t test over so many seeds finds a difference.</summary>
    /// <param name="difference">Of the means.</param>
    /// <param name="deviation">Standard deviation of the difference between seeds.</param>
    /// <param name="seeds">At least 2.</param>
    /// <param name="level">Of the test.</param>
    public static double Power(double difference, double deviation, int seeds, double level = 0.05)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 2);
        double critical = StudentTDistribution.Quantile(seeds - 1, 1 - level / 2),
            shift = Math.Abs(difference) / deviation * Math.Sqrt(seeds);
        return 1 - Cumulative(critical, seeds - 1, shift) + Cumulative(-critical, seeds - 1, shift);
    }

    /// <summary>The fewest seeds with at least this power; null when more than <paramref name="most"/> are needed.</summary>
    public static int? Seeds(double difference, double deviation, double power = 0.8, double level = 0.05, int most = 10_000)
    {
        if (!(Math.Abs(difference) > 0) || !double.IsFinite(deviation))
            return null;
        if (deviation == 0)
            return 2;
        if (Power(difference, deviation, most, level) < power)
            return null;
        int low = 1,
            high = most; // power grows with the seeds
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (Power(difference, deviation, middle, level) >= power)
                high = middle;
            else
                low = middle;
        }
        return high;
    }
}
