// Exits driven by Gaussian noise, for contrast: exponential in the barrier where Lévy noise is polynomial in the distance.
using MathNet.Numerics;
using MathNet.Numerics.Integration;

namespace Gaplab.Theory.Escape;

/// <summary>dX = −kX dt + s dW from 0 until |X| = a. A stable law of α = 2 and scale ε has s = ε√2.</summary>
internal static class GaussianExit
{
    /// <summary>E Γ = (2/s²) ∫₀^a e^{ky²/s²} ∫₀^y e^{−kz²/s²} dz dy; infinite where it exceeds double precision.</summary>
    public static double Mean(double k, double a, double s)
    {
        double c = k / (s * s),
            height = c * a * a;
        if (height > 690)
            return double.PositiveInfinity;
        double inner = 0.5 * Math.Sqrt(Math.PI / c);
        int panels = 16 + (int)Math.Ceiling(2 * height);
        var rule = new GaussLegendreRule(0, 1, 16);
        double sum = 0;
        for (int p = 0; p < panels; p++)
        for (int i = 0; i < rule.Order; i++)
        {
            double y = a * (p + rule.GetAbscissa(i)) / panels;
            sum += rule.GetWeight(i) * Math.Exp(c * y * y) * SpecialFunctions.Erf(y * Math.Sqrt(c)) * inner;
        }
        return 2 / (s * s) * sum * a / panels;
    }

    /// <summary>Kramers' law, (√π s/(2k^1.5 a)) e^{ka²/s²}.</summary>
    public static double Kramers(double k, double a, double s) =>
        Math.Sqrt(Math.PI) * s / (2 * Math.Pow(k, 1.5) * a) * Math.Exp(k * a * a / (s * s));

    /// <summary>The mean of the Euler chain with step dt: the boundary looked at only now and then is as if further out, a + 0.5826 s√dt
    /// (Broadie, Glasserman and Kou 1997).</summary>
    public static double EulerMean(double k, double a, double s, double dt) => Mean(k, a + 0.5826 * s * Math.Sqrt(dt), s);
}
