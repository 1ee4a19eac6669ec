// How far finite noise moves the exit time from its leading order, and where that order may be used.
using Gaplab.Numerics.Stable;
using MathNet.Numerics;
using MathNet.Numerics.Integration;

namespace Gaplab.Theory.Escape;

/// <summary>What a leading-order prediction is worth at the noise it is used at.</summary>
public enum Validity
{
    /// <summary>kΛ ≤ 0.05: the leading order itself is within about 5%.</summary>
    LeadingOrder,

    /// <summary>kΛ ≤ 0.15: the corrected rate λ(1 + kΛ) may be used.</summary>
    Corrected,

    /// <summary>Beyond: no prediction at this noise.</summary>
    Outside,
}

/// <summary>
/// E Γ·λ = 1 − k(α)Λ + O(Λ²) with Λ = λ/κ, κ the slowest curvature: a jump that just fails to leave relaxes along y e^−κt and raises the
/// hazard meanwhile. Derived for dx = −κx dt + ε dL on |x| &lt; r; elsewhere k is a guide to the size of the correction.
/// </summary>
public static class FiniteNoise
{
    private const double Accuracy = 1e-11;

    /// <summary>k(α) of the continuous process, ∫₀¹ g(w)(w^−α − 1)/w dw; grows like 4/(2 − α), infinite at α = 2.</summary>
    public static double K(double alpha)
    {
        CheckAlpha(alpha);
        if (alpha == 2)
            return double.PositiveInfinity;
        double p = 1 / (2 - alpha); // w^{1−α} dw and its mirror at w = 1 become smooth in t = w^{2−α}
        double Left(double w) => G(alpha, w) * (Math.Pow(w, -alpha) - 1) / w;
        double Right(double y) =>
            (0.5 * (Math.Pow(y, -alpha) + Math.Pow(2 - y, -alpha)) - 1)
            * SmallDifferences.Expm1(-alpha * SmallDifferences.Log1p(-y))
            / (1 - y);
        double end = Math.Pow(0.5, 2 - alpha);
        return Integrate(t => Stretched(Left, t, p), 0, end) + Integrate(t => Stretched(Right, t, p), 0, end);
    }

    /// <summary>k of the Euler chain x' = (1 − κdt)x + …; tends to <see cref="K(double)"/> as κdt → 0.</summary>
    /// <param name="kappaStep">κ·dt, between 0 and 1 (0: the continuous process).</param>
    public static double K(double alpha, double kappaStep)
    {
        CheckAlpha(alpha);
        if (kappaStep is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(kappaStep), kappaStep, "expected 0 <= kappa dt <= 1");
        if (kappaStep < 1e-3 || alpha == 2)
            return K(alpha);
        double f = 1 - kappaStep,
            p = 1 / (2 - alpha),
            c = StableConstants.Levy(alpha);
        // Σₙ g(y fⁿ)/y²: below u = 10⁻³ only the leading ½α(α+1)u² is left, a geometric series.
        double Sum(double y)
        {
            double sum = 0,
                u = y * f,
                power = f;
            for (; u > 1e-3; u *= f, power *= f)
                sum += G(alpha, u) / (y * y);
            return sum + 0.5 * alpha * (alpha + 1) * power * power / (1 - f * f);
        }
        double integral = Integrate(t => Stretched(y => Math.Pow(y, 1 - alpha) * Sum(y), t, p), 0, 1);
        double second = -SpecialFunctions.Gamma(2 * alpha) * Math.Sin(Math.PI * alpha) / (2 * Math.PI);
        return alpha * kappaStep * integral + second * alpha * alpha * kappaStep / (2 * c * c);
    }

    /// <summary>What kΛ allows.</summary>
    public static Validity Of(double correction) =>
        correction <= 0.05 ? Validity.LeadingOrder
        : correction <= 0.15 ? Validity.Corrected
        : Validity.Outside;

    // g(w) = ½[(1−w)^−α + (1+w)^−α] − 1
    private static double G(double alpha, double w)
    {
        if (w > 0.03)
            return 0.5 * (Math.Pow(1 - w, -alpha) + Math.Pow(1 + w, -alpha)) - 1;
        double s = w * w,
            term = 0.5 * alpha * (alpha + 1) * s,
            sum = term;
        for (int k = 2; k <= 6; k++)
        {
            term *= (alpha + 2 * k - 2) * (alpha + 2 * k - 1) / ((2 * k - 1) * (2 * k)) * s;
            sum += term;
        }
        return sum;
    }

    private static double Stretched(Func<double, double> f, double t, double p)
    {
        double w = Math.Pow(t, p);
        return w < 1e-150 ? 0 : f(w) * p * w / t;
    }

    private static double Integrate(Func<double, double> f, double from, double to) =>
        DoubleExponentialTransformation.Integrate(f, from, to, Accuracy);

    private static void CheckAlpha(double alpha)
    {
        if (alpha is not (> 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected 0 < alpha <= 2");
    }
}
