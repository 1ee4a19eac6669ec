// The rate at which Lévy noise leaves a basin, from the measure of the jumps that end outside.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Stable;

namespace Gaplab.Theory.Escape;

/// <summary>How the driving noise is spread over directions.</summary>
public enum NoiseDriver
{
    /// <summary>Independent symmetric stable components: jumps along the columns of A.</summary>
    Independent,

    /// <summary>One isotropic stable vector: jumps along Aω, ω uniform on the sphere.</summary>
    Isotropic,
}

/// <summary>A rate, and how far an average over random directions may be off.</summary>
/// <param name="Value">Exits per unit of time.</param>
/// <param name="Error">Standard error; 0 for closed forms and quadrature.</param>
internal readonly record struct RateEstimate(double Value, double Error = 0);

/// <summary>
/// Leading-order exit rates 1/E Γ of dθ = −∇F dt + ε A dL: the Lévy measure of {y : εAy ∉ Ω} (Imkeller and Pavlyukevich 2006; for
/// Adam A = Q⁻¹Σ, Zhou et al. 2020). L has the normalisation exp(−|t|^α), so the constant C_α belongs to every rate.
/// </summary>
internal static class EscapeRate
{
    /// <summary>Independent components: ε^α (C_α/α) Σᵢ [(rᵢ⁺)^−α + (rᵢ⁻)^−α].</summary>
    /// <param name="alpha">0 &lt; α ≤ 2; at 2 there are no jumps and the rate is 0.</param>
    /// <param name="epsilon">ε &gt; 0.</param>
    /// <param name="a">[d, k], the noise columns.</param>
    public static double Independent(double alpha, double epsilon, double[,] a, IBasin basin) => Shares(alpha, epsilon, a, basin).Sum();

    /// <summary>The rate of each noise column; their sum is <see cref="Independent"/>.</summary>
    public static double[] Shares(double alpha, double epsilon, double[,] a, IBasin basin)
    {
        Check(alpha, epsilon, a, basin);
        double c = StableConstants.Levy(alpha) / alpha * Math.Pow(epsilon, alpha);
        return
        [
            .. Enumerable
                .Range(0, a.GetLength(1))
                .Select(j =>
                {
                    double[] column = [.. Enumerable.Range(0, a.GetLength(0)).Select(i => a[i, j])];
                    return c * (Power(basin.Reach(column), alpha) + Power(basin.Reach([.. column.Select(x => -x)]), alpha));
                }),
        ];
    }

    /// <summary>Isotropic noise: ε^α (C_iso/α) E r(ω)^−α. Closed form for balls and ellipsoids, quadrature in one and two dimensions and
    /// for boxes under diagonal A, else 2¹⁶ random directions.</summary>
    public static RateEstimate Isotropic(double alpha, double epsilon, double[,] a, IBasin basin)
    {
        Check(alpha, epsilon, a, basin);
        int k = a.GetLength(1);
        double scale = StableConstants.Isotropic(alpha, k) / alpha * Math.Pow(epsilon, alpha);
        if (alpha == 2)
            return new(0);
        if (basin is EllipsoidBasin ellipsoid)
            return new(
                scale * Math.Pow(2 * ellipsoid.Barrier, -alpha / 2) * SphereAverage.QuadraticPower(Gram(a, ellipsoid.Hessian), alpha / 2)
            );
        if (basin is BallBasin ball)
            return new(scale * Math.Pow(ball.Radius, -alpha) * SphereAverage.QuadraticPower(Gram(a, null), alpha / 2));
        if (basin is BoxBasin box && SphereAverage.BoxPower(a, box, alpha) is { } closed)
            return new(scale * closed);
        (double mean, double error) = SphereAverage.Of(k, omega => Power(basin.Reach(Times(a, omega)), alpha));
        return new(scale * mean, scale * error);
    }

    /// <summary>By driver.</summary>
    public static RateEstimate Of(NoiseDriver driver, double alpha, double epsilon, double[,] a, IBasin basin) =>
        driver == NoiseDriver.Isotropic ? Isotropic(alpha, epsilon, a, basin) : new(Independent(alpha, epsilon, a, basin));

    /// <summary>Probability that one step of x' = x − η(∇F + σζ)/q leaves: (2C_α/α) Σᵢ (ησᵢ/(qᵢrᵢ))^α, with rᵢ the distance along
    /// coordinate i.</summary>
    public static double PerStep(
        double alpha,
        double rate,
        IReadOnlyList<double> sigma,
        IReadOnlyList<double> q,
        IReadOnlyList<double> distance
    )
    {
        ArgumentNullException.ThrowIfNull(sigma);
        return 2 * StableConstants.Levy(alpha) / alpha * sigma.Select((s, i) => Math.Pow(rate * s / (q[i] * distance[i]), alpha)).Sum();
    }

    internal static double[] Times(double[,] a, ReadOnlySpan<double> x)
    {
        var y = new double[a.GetLength(0)];
        for (int i = 0; i < y.Length; i++)
        for (int j = 0; j < x.Length; j++)
            y[i] += a[i, j] * x[j];
        return y;
    }

    private static double Power(double reach, double alpha) => double.IsPositiveInfinity(reach) ? 0 : Math.Pow(reach, -alpha);

    private static double[,] Gram(double[,] a, double[,]? hessian)
    {
        int d = a.GetLength(0),
            k = a.GetLength(1);
        var product = new double[k, k];
        for (int p = 0; p < k; p++)
        for (int q = 0; q < k; q++)
        for (int i = 0; i < d; i++)
        {
            double row = 0;
            if (hessian is null)
                row = a[i, q];
            else
                for (int j = 0; j < d; j++)
                    row += hessian[i, j] * a[j, q];
            product[p, q] += a[i, p] * row;
        }
        return product;
    }

    private static void Check(double alpha, double epsilon, double[,] a, IBasin basin)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(basin);
        if (alpha is not (> 0 and <= 2))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"alpha is {alpha}; expected a number above 0 and at most 2")
            );
        if (!(epsilon > 0))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"epsilon is {epsilon}; expected a positive number"));
        if (a.GetLength(0) != basin.Dimension)
            throw new ArgumentException($"noise of {a.GetLength(0)} coordinates in a basin of {basin.Dimension}", nameof(a));
    }
}
