// Survival from times of which some are censored.
namespace Gaplab.Theory.Levy;

/// <summary>The product-limit estimate (Kaplan and Meier 1958).</summary>
public static class KaplanMeier
{
    /// <summary>The steps of the survival curve: after each time at which a path left, the share that has not.</summary>
    public static IReadOnlyList<(double Time, double Survival)> Curve(IReadOnlyList<double> times, IReadOnlyList<bool> left)
    {
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(left);
        var curve = new List<(double, double)>();
        int atRisk = times.Count;
        double survival = 1;
        foreach (var moment in times.Zip(left).GroupBy(p => p.First).OrderBy(g => g.Key))
        {
            int exits = moment.Count(p => p.Second);
            if (exits > 0)
            {
                survival *= 1 - (double)exits / atRisk;
                curve.Add((moment.Key, survival));
            }
            atRisk -= moment.Count();
        }
        return curve;
    }

    /// <summary>The first time at which at most half are left; null when the curve stays above.</summary>
    public static double? Median(IReadOnlyList<(double Time, double Survival)> curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        foreach ((double time, double survival) in curve)
            if (survival <= 0.5 + 1e-12)
                return time;
        return null;
    }
}
