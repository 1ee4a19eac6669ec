// The stable law: characteristic function, distribution, density, quantiles and moments.
using System.Numerics;
using Gaplab.Numerics.Distributions;

namespace Gaplab.Numerics.Stable;

/// <summary>How the location of a skew stable law is counted (Nolan 2020, section 1.3). With β = 0 both are the same.</summary>
public enum StableForm
{
    /// <summary>Continuous in all parameters: log φ(t) = −|γt|^α [1 + iβ sgn(t) tan(πα/2)(|γt|^{1−α} − 1)] + iδt, at α = 1: −|γt| [1 +
    /// iβ(2/π) sgn(t) log|γt|] + iδt.</summary>
    S0,

    /// <summary>The older form, in which δ is the mean for α &gt; 1: log φ(t) = −|γt|^α [1 − iβ sgn(t) tan(πα/2)] + iδt, at α = 1: −|γt| [1
    /// + iβ(2/π) sgn(t) log|t|] + iδt. δ₀ = δ₁ + βγ tan(πα/2), at α = 1 δ₁ + β(2/π)γ log γ.</summary>
    S1,
}

/// <summary>A stable law with index α in (0, 2], skewness β in [−1, 1], scale γ &gt; 0 and location δ. α = 2 is the normal with variance
/// 2γ², α = 1 with β = 0 the Cauchy law.</summary>
/// <remarks>
/// Single values: absolute error about 1e-12, also with β ≠ 0 at and near α = 1. Symmetric laws within 1e-5 of α = 1 are interpolated by
/// the parabola through 1 − 1e-5, Cauchy's law and 1 + 1e-5.
/// The overloads over spans build a <see cref="StableTable"/> when there is enough to evaluate.
/// </remarks>
public sealed record StableLaw
{
    private const double NearOne = 1e-5;

    /// <exception cref="ArgumentOutOfRangeException">A parameter outside its range.</exception>
    public StableLaw(double alpha, double beta = 0, double scale = 1, double location = 0, StableForm form = StableForm.S0)
    {
        if (alpha is not (> 0 and <= 2))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected 0 < α ≤ 2");
        if (beta is not (>= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(beta), beta, "expected −1 ≤ β ≤ 1");
        if (!(scale > 0) || !double.IsFinite(scale))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "expected a finite scale above 0");
        if (!double.IsFinite(location))
            throw new ArgumentOutOfRangeException(nameof(location), location, "expected a finite location");
        (Alpha, Beta, Scale) = (alpha, alpha == 2 ? 0 : beta, scale);
        Location =
            form == StableForm.S0 || Beta == 0 ? location
            : alpha == 1 ? location + Beta * 2 / Math.PI * scale * Math.Log(scale)
            : location + Beta * scale * Math.Tan(Math.PI * alpha / 2);
    }

    public double Alpha { get; }

    public double Beta { get; }

    public double Scale { get; }

    /// <summary>δ in form S0, whatever form it was given in.</summary>
    public double Location { get; }

    /// <summary>E|X|^p of standard SαS, −1 &lt; p &lt; α (any p &gt; −1 at α = 2): 2^p Γ((1+p)/2)Γ(1−p/α)/(√π Γ(1−p/2)).</summary>
    public static double AbsoluteMoment(double alpha, double power)
    {
        if (!(power > -1) || power >= alpha && alpha < 2)
            throw new ArgumentOutOfRangeException(nameof(power), power, "expected −1 < p < α");
        if (alpha == 2)
            return Math.Pow(2, power) * Gamma((1 + power) / 2) / Math.Sqrt(Math.PI);
        return Math.Pow(2, power) * Gamma((1 + power) / 2) * Gamma(1 - power / alpha) / (Math.Sqrt(Math.PI) * Gamma(1 - power / 2));

        static double Gamma(double x) => MathNet.Numerics.SpecialFunctions.Gamma(x);
    }

    /// <summary>E log|X| of standard SαS: γ_E(1/α − 1).</summary>
    public static double MeanLog(double alpha) => MathNet.Numerics.Constants.EulerMascheroni * (1 / alpha - 1);

    /// <summary>Var log|X| of standard SαS: (π²/6)(1/α² + ½).</summary>
    public static double VarianceLog(double alpha) => Math.PI * Math.PI / 6 * (1 / (alpha * alpha) + 0.5);

    /// <summary>φ(t) = E e^{itX}.</summary>
    public Complex CharacteristicFunction(double t)
    {
        if (t == 0)
            return Complex.One;
        double u = Math.Abs(Scale * t),
            size = -Math.Pow(u, Alpha),
            sign = Math.Sign(t);
        double skew =
            Beta == 0 ? 0
            : Alpha == 1 ? Beta * 2 / Math.PI * sign * Math.Log(u)
            : Beta * sign * Math.Tan(Math.PI * Alpha / 2) * ZolotarevIntegral.ExpMinusOne((1 - Alpha) * Math.Log(u));
        return Complex.Exp(new Complex(size, size * skew + Location * t));
    }

    /// <summary>P(X ≤ x), accurate relative to itself in the lower tail.</summary>
    public double Cumulative(double x) => Standard((x - Location) / Scale).Below;

    /// <summary>P(X &gt; x), accurate relative to itself in the upper tail.</summary>
    public double Survival(double x) => Standard((x - Location) / Scale).Above;

    /// <summary>f(x).</summary>
    public double Density(double x) => Standard((x - Location) / Scale).Density / Scale;

    /// <summary>P(X ≤ x) of every x; from 64 values on through a table whose absolute error is at most some 1e-8.</summary>
    public void Cumulative(ReadOnlySpan<double> x, Span<double> result)
    {
        if (result.Length < x.Length)
            throw new ArgumentException($"{result.Length} places for {x.Length} results", nameof(result));
        if (x.Length < 64 || IsElementary)
        {
            for (int i = 0; i < x.Length; i++)
                result[i] = Cumulative(x[i]);
            return;
        }
        StableTable table = new(this);
        for (int i = 0; i < x.Length; i++)
            result[i] = table.Cumulative(x[i]);
    }

    /// <summary>f of every x; from 64 values on through a table (relative error about 1e-5 or better).</summary>
    public void Density(ReadOnlySpan<double> x, Span<double> result)
    {
        if (result.Length < x.Length)
            throw new ArgumentException($"{result.Length} places for {x.Length} results", nameof(result));
        if (x.Length < 64 || IsElementary)
        {
            for (int i = 0; i < x.Length; i++)
                result[i] = Density(x[i]);
            return;
        }
        StableTable table = new(this);
        for (int i = 0; i < x.Length; i++)
            result[i] = table.Density(x[i]);
    }

    /// <summary>The x with P(X ≤ x) = p, to about 1e-12 of the scale; −∞ and +∞ (or the end of the support) at 0 and 1.</summary>
    public double Quantile(double probability)
    {
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "expected 0 … 1");
        return Location + Scale * StandardQuantile(probability);
    }

    internal bool IsElementary => Alpha == 2 || Alpha == 1 && Beta == 0;

    /// <summary>Scale 1 and location 0.</summary>
    internal StablePoint Standard(double x)
    {
        if (Alpha == 2)
            return new(
                NormalDistribution.Cumulative(x / Math.Sqrt(2)),
                NormalDistribution.Cumulative(-x / Math.Sqrt(2)),
                NormalDistribution.Density(x / Math.Sqrt(2)) / Math.Sqrt(2)
            );
        if (double.IsInfinity(x))
            return x > 0 ? new(1, 0, 0) : new(0, 1, 0);
        if (double.IsNaN(x))
            return new(double.NaN, double.NaN, double.NaN);
        if (Alpha == 1 && Beta == 0)
            return Cauchy(x);
        if (Beta != 0 || Math.Abs(Alpha - 1) >= NearOne)
            return ZolotarevIntegral.At(Alpha, Beta, x);
        StablePoint left = ZolotarevIntegral.At(1 - NearOne, 0, x),
            middle = Cauchy(x),
            right = ZolotarevIntegral.At(1 + NearOne, 0, x);
        double w = (Alpha - 1) / NearOne;
        double Between(double a, double b, double c) => b + w * (0.5 * (c - a) + w * (0.5 * (a + c) - b));
        return new(
            Between(left.Below, middle.Below, right.Below),
            Between(left.Above, middle.Above, right.Above),
            Between(left.Density, middle.Density, right.Density)
        );
    }

    private static StablePoint Cauchy(double x) =>
        new(Math.Atan2(1, -x) / Math.PI, Math.Atan2(1, x) / Math.PI, 1 / (Math.PI * (1 + x * x)));

    private double StandardQuantile(double p)
    {
        if (Alpha == 2)
            return Math.Sqrt(2) * NormalDistribution.Quantile(p);
        // The half-line on which a totally skew law with α < 1 lives begins at ζ.
        double zeta = Alpha < 1 ? -Beta * Math.Tan(Math.PI * Alpha / 2) : 0;
        if (p == 0)
            return Alpha < 1 && Beta == 1 ? zeta : double.NegativeInfinity;
        if (p == 1)
            return Alpha < 1 && Beta == -1 ? zeta : double.PositiveInfinity;
        if (Beta == 0 && p == 0.5)
            return 0;
        // Compare in the tail that is small, where nothing has been lost to 1 − p.
        bool upper = p > 0.5;
        double Excess(StablePoint at) => upper ? 1 - p - at.Above : at.Below - p;
        double low = -1,
            high = 1;
        while (Excess(Standard(low)) > 0)
            low = 2 * low - 1;
        while (Excess(Standard(high)) < 0)
            high = 2 * high + 1;
        double x = 0.5 * (low + high);
        for (int i = 0; i < 200 && high - low > 1e-14 * (1 + Math.Abs(x)); i++)
        {
            StablePoint at = Standard(x);
            double excess = Excess(at);
            if (excess == 0)
                return x;
            if (excess > 0)
                high = x;
            else
                low = x;
            double newton = at.Density > 0 ? x - excess / at.Density : double.NaN;
            bool inside = newton > low && newton < high;
            if (inside && Math.Abs(newton - x) < 1e-13 * (1 + Math.Abs(x)))
                return newton;
            x = inside ? newton : 0.5 * (low + high);
        }
        return x;
    }
}
