// Learning rates as they enter run ids: six significant digits, so that a rate computed twice is the same run.
using Gaplab.Numerics;

namespace Gaplab.Studies.Planning;

/// <summary>Grids of learning rates.</summary>
internal static class LearningRates
{
    /// <summary>Rounding to six digits moves a rate by at most 5e-6 of itself; two rates nearer than this are one.</summary>
    public const double Tolerance = 2e-5;

    /// <summary><paramref name="points"/> rates from one to the other, evenly spaced in the logarithm.</summary>
    public static double[] Range(double from, double to, int points)
    {
        var rates = new double[points];
        for (int i = 0; i < points; i++)
            rates[i] = SixDigits.Round(
                points == 1 ? from
                : i == points - 1 ? to
                : from * Math.Pow(to / from, (double)i / (points - 1))
            );
        return rates;
    }

    /// <summary>from, from·factor, … up to <paramref name="to"/>, which counts when it is met to six digits.</summary>
    public static double[] Steps(double from, double to, double factor)
    {
        int count = 1 + (int)Math.Floor(Math.Log(to / from) / Math.Log(factor) + 1e-6);
        return [.. Enumerable.Range(0, count).Select(i => SixDigits.Round(from * Math.Pow(factor, i)))];
    }

    /// <summary>Whether two rates are one to six digits.</summary>
    public static bool Same(double a, double b) => Math.Abs(a - b) <= Tolerance * Math.Max(a, b);
}
