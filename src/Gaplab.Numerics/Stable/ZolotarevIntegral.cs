// Distribution and density of the standard stable law by Zolotarev's integral and by the series of its tail.
namespace Gaplab.Numerics.Stable;

/// <summary>What is known of a law at a point: P(X ≤ x), P(X > x), each without cancellation, and the density.</summary>
internal readonly record struct StablePoint(double Below, double Above, double Density)
{
    public StablePoint Mirrored => new(Above, Below, Density);
}

/// <summary>Zolotarev's integral in the form of Nolan ("Numerical calculation of stable densities and distribution functions", Stochastic
/// Models 13, 1997), scale 1, location 0 in form S0; not for α = 1 with β = 0, nor for α = 2.</summary>
/// <remarks>
/// With g of <see cref="ZolotarevExponent"/>: P(X > x) = (1/π)∫e^{−g} for α ≥ 1 and (1/π)∫(1−e^{−g}) for α &lt; 1, P(ζ &lt; X ≤ x) the
/// other of the two, f(x) = α/(π|α−1|(x−ζ)) ∫ g e^{−g}. The interval is split at levels of g, and log g is what is computed, so nothing
/// overflows.
/// Far out the tail's series P(W > w) = (1/π) Σ (−1)^{k+1} Γ(kα)/k! sin(kα(π/2+θ₀)) w^{−kα}, w = (x−ζ)(cos αθ₀)^{1/α}, is taken where its
/// smallest term is below 1e-14 of the sum.
/// </remarks>
internal static class ZolotarevIntegral
{
    private static readonly double[] s_levels = [4, 2, 0, -2, -5, -10, -20, -28, -36];

    public static StablePoint At(double alpha, double beta, double x)
    {
        double zeta = beta == 0 ? 0 : -beta * Math.Tan(Math.PI * alpha / 2);
        if (alpha == 1 ? beta > 0 : x < zeta)
            return At(alpha, -beta, -x).Mirrored;
        if (alpha != 1)
        {
            double theta0 = beta == 0 ? 0 : Math.Clamp(Math.Atan(beta * Math.Tan(Math.PI * alpha / 2)) / alpha, -Math.PI / 2, Math.PI / 2),
                z = x - zeta,
                scale = Math.Cos(alpha * theta0);
            double atZeta = 0.5 - theta0 / Math.PI;
            if (z == 0)
                return new(atZeta, 1 - atZeta, Math.Exp(LogGamma(1 + 1 / alpha)) * Math.Cos(theta0) / Math.PI * Math.Pow(scale, 1 / alpha));
            if (Tail(alpha, theta0, z * Math.Pow(scale, 1 / alpha)) is { } far)
                return new(1 - far.Above, far.Above, far.Density / z);
        }
        var exponent = new ZolotarevExponent(alpha, beta, x);
        bool rising = alpha < 1;
        // Each half of the interval is measured from its own end, so that a layer at an end keeps its digits.
        double half = exponent.End / 2;
        double FromLow(double phi) => exponent.At(phi, exponent.End - phi);
        double FromHigh(double psi) => exponent.At(exponent.End - psi, psi);
        // Between these levels of log g the integrands do all their changing, in a layer that may be far thinner than the interval.
        double atHalf = FromLow(half);
        double[] low = [0, .. s_levels.Where(l => atHalf > l == rising).Select(l => Crossing(FromLow, half, l, rising)).Order(), half];
        double[] high = [0, .. s_levels.Where(l => atHalf > l != rising).Select(l => Crossing(FromHigh, half, l, !rising)).Order(), half];
        double tolerance = Math.Max(1e-12, exponent.Noise);
        double Integral(Func<double, double> of) =>
            AdaptiveQuadrature.Integrate([(phi => of(FromLow(phi)), low), (psi => of(FromHigh(psi)), high)], tolerance);
        double density = alpha / (Math.PI * exponent.Width) * Integral(l => l > 7 || double.IsNaN(l) ? 0 : Math.Exp(l - Math.Exp(l)));
        static double Kept(double l) => double.IsNaN(l) ? 0 : Math.Exp(-Math.Exp(l));
        static double Lost(double l) => double.IsNaN(l) ? 1 : -ExpMinusOne(-Math.Exp(l));
        double above = Integral(rising ? Lost : Kept) / Math.PI;
        if (above <= 0.5)
            return new(1 - above, above, density);
        double below = exponent.BelowZeta + Integral(rising ? Kept : Lost) / Math.PI;
        return new(below, 1 - below, density);
    }

    /// <summary>Where log g passes a level, to about a quarter of a unit of it, by bisection in log u; g is monotone.</summary>
    private static double Crossing(Func<double, double> logG, double end, double level, bool rising)
    {
        double low = 1e-300,
            high = end,
            middle = Math.Sqrt(end) * 1e-150;
        for (int i = 0; i < 60 && high > low * (1 + 1e-15); i++)
        {
            middle = Math.Sqrt(low) * Math.Sqrt(high);
            double excess = logG(middle) - level;
            if (Math.Abs(excess) < 0.25)
                break;
            if (excess > 0 == rising)
                high = middle;
            else
                low = middle;
        }
        return middle;
    }

    /// <summary>The tail's series at w &gt; 0: P(W &gt; w) and w f(w); null where it does not reach 1e-14 of its sum.</summary>
    private static (double Above, double Density)? Tail(double alpha, double theta0, double w)
    {
        double logW = Math.Log(w),
            above = 0,
            density = 0,
            before = double.PositiveInfinity;
        for (int k = 1; k <= 150; k++)
        {
            double size = Math.Exp(LogGamma(k * alpha) - LogGamma(k + 1) - k * alpha * logW) / Math.PI;
            // Past its smallest term an asymptotic series has told all it knows.
            if (size > before)
                return null;
            double term = (k % 2 == 1 ? size : -size) * Math.Sin(k * alpha * (Math.PI / 2 + theta0));
            above += term;
            density += k * alpha * term;
            if (k * alpha * size < 1e-15 * Math.Abs(density) && size < 1e-15 * Math.Abs(above))
                return above > 0 ? (above, density) : null;
            // Terms far above their sum cancel each other's digits.
            if (size > 10 && alpha < 1)
                return null;
            before = alpha > 1 ? size : double.PositiveInfinity;
        }
        return null;
    }

    /// <summary>e^x − 1 with all its digits (Kahan's quotient).</summary>
    public static double ExpMinusOne(double x)
    {
        double u = Math.Exp(x);
        if (u == 1)
            return x;
        double difference = u - 1;
        return difference == -1 || double.IsInfinity(u) ? difference : difference * x / Math.Log(u);
    }

    private static double LogGamma(double x) => MathNet.Numerics.SpecialFunctions.GammaLn(x);
}
