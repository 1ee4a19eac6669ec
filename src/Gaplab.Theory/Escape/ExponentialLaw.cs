// Whether exit times follow the exponential law that the theory predicts.
namespace Gaplab.Theory.Escape;

/// <summary>Tests of Γ/E Γ against Exp(1) with the mean estimated from the same sample.</summary>
public static class ExponentialLaw
{
    // Upper tail of D* under the law: 120 000 samples of 1000 exponentials (its 5% point is Stephens' 1.094).
    private static readonly (double Statistic, double P)[] s_tail =
    [
        (0.3983, 0.99),
        (0.4628, 0.95),
        (0.5046, 0.9),
        (0.5627, 0.8),
        (0.6107, 0.7),
        (0.6554, 0.6),
        (0.7009, 0.5),
        (0.7507, 0.4),
        (0.8072, 0.3),
        (0.88, 0.2),
        (0.9273, 0.15),
        (0.9907, 0.1),
        (1.089, 0.05),
        (1.1798, 0.025),
        (1.2859, 0.01),
        (1.3608, 0.005),
        (1.5299, 0.001),
        (1.6941, 0.0002),
    ];

    /// <summary>Stephens' modified Kolmogorov–Smirnov statistic D* = (D − 0.2/n)(√n + 0.26 + 0.5/√n), and its p-value, interpolated in log
    /// p.</summary>
    /// <param name="times">At least two, uncensored.</param>
    public static (double Statistic, double P) Kolmogorov(IReadOnlyList<double> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        if (times.Count < 2)
            throw new ArgumentException("the test needs at least two times", nameof(times));
        double[] sorted = [.. times.Order()];
        double mean = sorted.Average(),
            n = sorted.Length,
            d = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double p = 1 - Math.Exp(-sorted[i] / mean);
            d = Math.Max(d, Math.Max((i + 1) / n - p, p - i / n));
        }
        double statistic = (d - 0.2 / n) * (Math.Sqrt(n) + 0.26 + 0.5 / Math.Sqrt(n));
        return (statistic, PValue(statistic));
    }

    /// <summary>E exp(−uλΓ), which the theory says is 1/(1 + u).</summary>
    public static double Laplace(IReadOnlyList<double> times, double rate, double u)
    {
        ArgumentNullException.ThrowIfNull(times);
        return times.Average(t => Math.Exp(-u * rate * t));
    }

    private static double PValue(double statistic)
    {
        if (statistic <= s_tail[0].Statistic)
            return 1;
        // Beyond the table log p falls like −2 D*² does, along its last chord.
        int i = Array.FindIndex(s_tail, t => t.Statistic >= statistic);
        if (i < 0)
            i = s_tail.Length - 1;
        (double Statistic, double P) a = s_tail[i - 1],
            b = s_tail[i];
        double at = (statistic * statistic - a.Statistic * a.Statistic) / (b.Statistic * b.Statistic - a.Statistic * a.Statistic);
        return Math.Exp(Math.Log(a.P) + at * (Math.Log(b.P) - Math.Log(a.P)));
    }
}
