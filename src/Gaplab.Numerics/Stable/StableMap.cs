// Maps of a uniform and an exponential number to stable variates: Chambers–Mallows–Stuck, any skew, and Kanter's positive law.
namespace Gaplab.Numerics.Stable;

/// <summary>The scalar maps (u, w) → x of the stable laws, u uniform on (0, 1) and w &gt; 0 standard exponential.</summary>
/// <remarks>The symmetric law has characteristic function exp(−|t|^α): α = 2 is N(0, 2), α = 1 Cauchy. Chambers, Mallows and Stuck 1976;
/// Kanter 1975.</remarks>
internal static class StableMap
{
    /// <summary>The symmetric law, exact through α = 1 and α = 2 without special cases.</summary>
    /// <param name="alpha">Stability index, 0 &lt; α ≤ 2. Below about 0.2 the result may be beyond double precision and then is infinite or
    /// zero.</param>
    /// <param name="u">In (0, 1).</param>
    /// <param name="w">Above 0.</param>
    public static double Symmetric(double alpha, double u, double w)
    {
        CheckAlpha(alpha);
        // V = π(u − ½) stays in units of π: sines and cosines of small angles keep their relative accuracy at both ends.
        double m = Math.Min(u, 1 - u),
            y = alpha * (0.5 - m),
            sine = Math.Min(y, (1 - alpha / 2) + alpha * m),
            e = 1 - alpha;
        double cosine = 0.5 * (1 - Math.Abs(e)) + Math.Abs(e) * m;
        double size =
            Math.Sin(Math.PI * sine)
            * Math.Exp((e * (LogOf(Math.Sin(Math.PI * cosine), e) - Math.Log(w)) - Math.Log(Math.Sin(Math.PI * m))) / alpha);
        return u < 0.5 ? -size : size;

        static double LogOf(double cosine, double e) => e == 0 ? 0 : Math.Log(cosine);
    }

    /// <summary>The law of skewness β in the location S0 of Nolan, continuous in α; X₁ = X₀ + β tan(πα/2) for α ≠ 1.</summary>
    /// <param name="alpha">0 &lt; α ≤ 2.</param>
    /// <param name="beta">−1 ≤ β ≤ 1.</param>
    /// <param name="u">In (0, 1).</param>
    /// <param name="w">Above 0.</param>
    public static double Skew(double alpha, double beta, double u, double w)
    {
        CheckAlpha(alpha);
        if (beta is not (>= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(beta), beta, "expected -1 … 1");
        double e = 1 - alpha,
            p = Math.PI * (u - 0.5) / 2,
            a = Math.Tan(p),
            q = TanOver(e * p),
            b = e * p * q;
        double tau =
            e > -0.99
                ? beta / (TanOver(e * Math.PI / 2) * Math.PI / 2)
                : beta * (Math.PI / 2) * e * (1 - e) * TanOver((1 - e) * Math.PI / 2);
        double a2 = a * a,
            b2 = b * b,
            denominator = (1 - a2) * (1 + b2);
        double log = Math.Log((1 + a2) * ((1 - b2) + 2 * p * q * tau) / (w * denominator));
        double d = Expm1Over(e * log / (1 - e)) * log / (1 - e);
        return (1 + e * d) * 2 * ((a - b) * (1 + a * b) - p * tau * q * (b * (1 - a2) - 2 * a)) / denominator + tau * d;
    }

    /// <summary>The positive law with Laplace transform exp(−s^a), 0 &lt; a ≤ 1 (a = 1 is the constant 1).</summary>
    /// <param name="a">Index.</param>
    /// <param name="u">In (0, 1); the angle is πu.</param>
    /// <param name="w">Above 0.</param>
    public static double Positive(double a, double u, double w)
    {
        if (a is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(a), a, "expected 0 < a <= 1");
        if (a == 1)
            return 1;
        // sin(πu) from the nearer end; sin((1−a)πu) and sin(aπu) keep theirs because their arguments grow from 0.
        double sine = Math.Sin(Math.PI * Math.Min(u, 1 - u));
        return SinPi(a * u) * Math.Exp((1 - a) / a * (Math.Log(SinPi((1 - a) * u)) - Math.Log(w)) - Math.Log(sine) / a);
    }

    private static double SinPi(double x) => Math.Sin(Math.PI * Math.Min(x, 1 - x));

    private static double TanOver(double x) => Math.Abs(x) < 1e-4 ? 1 + x * x / 3 : Math.Tan(x) / x;

    private static double Expm1Over(double x) => Math.Abs(x) < 1e-5 ? 1 + x / 2 * (1 + x / 3) : ExpM1(x) / x;

    // exp(x) − 1 without cancellation: (y − 1)/log y is smooth where y = exp(x) rounds (Kahan).
    private static double ExpM1(double x)
    {
        if (Math.Abs(x) > 0.5)
            return Math.Exp(x) - 1;
        double y = Math.Exp(x);
        return y == 1 ? x : (y - 1) * x / Math.Log(y);
    }

    internal static void CheckAlpha(double alpha)
    {
        if (alpha is not (> 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected 0 < alpha <= 2");
    }
}
