// Distribution and density of the standard stable law by Zolotarev's integral and by the series of its tail.
namespace Gaplab.Numerics.Stable;

/// <summary>What is known of a law at a point: P(X ≤ x), P(X > x), each without cancellation, and the density.</summary>
internal readonly record struct StablePoint(double Below, double Above, double Density)
{
    public StablePoint Mirrored => new(Above, Below, Density);
}

/// <summary>Zolotarev's integral in the form of Nolan ("Numerical calculation of stable densities and distribution functions", Stochastic Models 13, 1997), α ≠ 1, scale 1, location 0 in form S0.</summary>
/// <remarks>
/// With φ = θ + θ₀ on (0, π/2 + θ₀) and g(φ) = (x−ζ)^{α/(α−1)} V(φ), which is monotone: P(X > x) = (1/π)∫e^{−g} for α &gt; 1 and (1/π)∫(1−e^{−g}) for α &lt; 1,
/// f(x) = α/(π|α−1|(x−ζ)) ∫ g e^{−g}. The interval is split at levels of g, and log g is what is computed, so nothing overflows.
/// Far out the tail's series P(W > w) = (1/π) Σ (−1)^{k+1} Γ(kα)/k! sin(kα(π/2+θ₀)) w^{−kα}, w = (x−ζ)(cos αθ₀)^{1/α}, is taken where its smallest term is below 1e-14 of the sum.
/// </remarks>
internal static class ZolotarevIntegral
{
    private static readonly double[] s_levels = [4, 2, 0, -2, -5, -10, -20];

    public static StablePoint At(double alpha, double beta, double x)
    {
        double zeta = beta == 0 ? 0 : -beta * Math.Tan(Math.PI * alpha / 2);
        if (x < zeta) return At(alpha, -beta, -x).Mirrored;
        double theta0 = beta == 0 ? 0 : Math.Atan(beta * Math.Tan(Math.PI * alpha / 2)) / alpha, z = x - zeta, scale = Math.Cos(alpha * theta0);
        // Where the mass at ζ is one-sided rounding may leave θ₀ a hair beyond ±π/2.
        theta0 = Math.Clamp(theta0, -Math.PI / 2, Math.PI / 2);
        double atZeta = 0.5 - theta0 / Math.PI;
        if (z == 0) return new(atZeta, 1 - atZeta, Math.Exp(LogGamma(1 + 1 / alpha)) * Math.Cos(theta0) / Math.PI * Math.Pow(scale, 1 / alpha));
        if (Tail(alpha, theta0, z * Math.Pow(scale, 1 / alpha)) is { } far) return new(1 - far.Above, far.Above, far.Density / z);

        double end = Math.PI / 2 + theta0, power = alpha / (alpha - 1), constant = power * Math.Log(z) + Math.Log(scale) / (alpha - 1);
        double LogG(double phi)
        {
            double cosine = Math.Sin(end - phi);
            return constant + power * Math.Log(cosine / Math.Sin(alpha * phi)) + Math.Log(Math.Cos(theta0 + (alpha - 1) * phi) / cosine);
        }
        // Between these levels of log g the integrands do all their changing, in a layer that may be far thinner than the interval.
        double[] breaks = [0, .. s_levels.Select(level => Crossing(LogG, end, level, rising: alpha < 1)).Order(), end];
        // log g carries a rounding error of some 1e-16/|α − 1|: asking for more than that would halve intervals for ever.
        double tolerance = Math.Max(1e-12, 1e-14 / Math.Abs(alpha - 1));
        double Piecewise(Func<double, double> f)
        {
            double sum = 0;
            for (int i = 1; i < breaks.Length; i++) sum += AdaptiveQuadrature.Integrate(f, breaks[i - 1], breaks[i], tolerance, 1e-16);
            return sum;
        }
        double density = alpha / (Math.PI * Math.Abs(alpha - 1) * z) * Piecewise(phi =>
        {
            double l = LogG(phi);
            return l > 7 || double.IsNaN(l) ? 0 : Math.Exp(l - Math.Exp(l));
        });
        if (alpha > 1)
        {
            double above = Piecewise(phi => Math.Exp(-Math.Exp(LogG(phi)))) / Math.PI;
            return new(1 - above, above, density);
        }
        double fraction = Piecewise(phi => -ExpMinusOne(-Math.Exp(LogG(phi)))) / Math.PI;
        return new(1 - fraction, fraction, density);
    }

    /// <summary>Where log g passes a level, by bisection; g is monotone.</summary>
    private static double Crossing(Func<double, double> logG, double end, double level, bool rising)
    {
        double low = 0, high = end;
        for (int i = 0; i < 50; i++)
        {
            double middle = 0.5 * (low + high);
            if (logG(middle) > level == rising) high = middle;
            else low = middle;
        }
        return 0.5 * (low + high);
    }

    /// <summary>The tail's series at w &gt; 0: P(W &gt; w) and w f(w); null where it does not reach 1e-14 of its sum.</summary>
    private static (double Above, double Density)? Tail(double alpha, double theta0, double w)
    {
        double logW = Math.Log(w), above = 0, density = 0, before = double.PositiveInfinity;
        for (int k = 1; k <= 150; k++)
        {
            double size = Math.Exp(LogGamma(k * alpha) - LogGamma(k + 1) - k * alpha * logW) / Math.PI;
            // Past its smallest term an asymptotic series has told all it knows.
            if (size > before) return null;
            double term = (k % 2 == 1 ? size : -size) * Math.Sin(k * alpha * (Math.PI / 2 + theta0));
            above += term;
            density += k * alpha * term;
            if (k * alpha * size < 1e-15 * Math.Abs(density) && size < 1e-15 * Math.Abs(above)) return above > 0 ? (above, density) : null;
            // Terms far above their sum cancel each other's digits.
            if (size > 10 && alpha < 1) return null;
            before = alpha > 1 ? size : double.PositiveInfinity;
        }
        return null;
    }

    /// <summary>e^x − 1 with all its digits (Kahan's quotient).</summary>
    public static double ExpMinusOne(double x)
    {
        double u = Math.Exp(x);
        if (u == 1) return x;
        double difference = u - 1;
        return difference == -1 || double.IsInfinity(u) ? difference : difference * x / Math.Log(u);
    }

    private static double LogGamma(double x) => MathNet.Numerics.SpecialFunctions.GammaLn(x);
}
