// Averages over directions uniform on the sphere.
using Gaplab.Numerics.Streams;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Gaplab.Theory.Escape;

/// <summary>E f(ω), ω uniform on the unit sphere.</summary>
internal static class SphereAverage
{
    private const int Directions = 1 << 16,
        CirclePoints = 1 << 15;

    /// <summary>E (ωᵀDω)^s, 0 &lt; s &lt; 1, of a positive semidefinite D [d, d]: E(gᵀDg)^s / E|g|^2s with Gaussian g.</summary>
    public static double QuadraticPower(double[,] matrix, double power)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        double[] eigenvalues =
        [
            .. Matrix<double>.Build.DenseOfArray(matrix).Evd(Symmetricity.Symmetric).EigenValues.Select(v => Math.Max(0, v.Real)),
        ];
        int d = eigenvalues.Length;
        return GaussianPower(eigenvalues, power)
            * Math.Exp(SpecialFunctions.GammaLn(d / 2.0) - SpecialFunctions.GammaLn((d / 2.0) + power))
            * Math.Pow(2, -power);
    }

    /// <summary>E (Σ dᵢgᵢ²)^s = s/Γ(1−s) ∫₀^∞ (1 − Π(1+2tdᵢ)^−½) t^−s−1 dt, by the trapezoid rule in log t.</summary>
    public static double GaussianPower(IReadOnlyList<double> weights, double power)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (power is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(power), power, "expected 0 < power < 1");
        double largest = weights.Max(),
            sum = 0;
        if (largest == 0)
            return 0;
        double[] d = [.. weights.Select(w => w / largest)];
        const double Step = 1.0 / 16;
        double left = -36 / (1 - power),
            right = 36 / power;
        for (double x = left; x <= right; x += Step)
        {
            double t = Math.Exp(Math.Min(x, 700)),
                log = 0;
            foreach (double w in d)
                log += SmallDifferences.Log1p(2 * t * w);
            sum += -SmallDifferences.Expm1(-0.5 * log) * Math.Exp(-power * x);
        }
        return Math.Pow(largest, power) * power / SpecialFunctions.Gamma(1 - power) * sum * Step;
    }

    /// <summary>E max_i |(Aω)ᵢ/sideᵢ|^α of a symmetric box under diagonal A; null for other boxes.</summary>
    internal static double? BoxPower(double[,] a, BoxBasin box, double alpha)
    {
        int d = a.GetLength(0);
        if (a.GetLength(1) != d || d < 2)
            return null;
        var slope = new double[d];
        for (int i = 0; i < d; i++)
        {
            if (box.Low[i] != box.High[i])
                return null;
            for (int j = 0; j < d; j++)
                if (i != j && a[i, j] != 0)
                    return null;
            slope[i] = Math.Abs(a[i, i]) / box.Low[i];
        }
        // E max|gᵢcᵢ|^α = ∫ P(max > t) d(t^α), in log t; the sphere's average is that over E|g|^α.
        double largest = slope.Max(),
            sum = 0;
        const double Step = 1.0 / 64;
        for (double x = -40 / alpha; x < Math.Log(40); x += Step)
        {
            double t = Math.Exp(x),
                inside = 1;
            foreach (double c in slope)
                if (c > 0)
                    inside *= SpecialFunctions.Erf(t * largest / (c * Math.Sqrt(2)));
            sum += (1 - inside) * alpha * Math.Pow(t, alpha);
        }
        return Math.Pow(largest, alpha)
            * sum
            * Step
            / (Math.Pow(2, alpha / 2) * Math.Exp(SpecialFunctions.GammaLn((d + alpha) / 2) - SpecialFunctions.GammaLn(d / 2.0)));
    }

    /// <summary>Any function: exact in one dimension, the trapezoid rule on the circle, else 2¹⁶ random directions and their opposites
    /// under a fixed stream.</summary>
    public static (double Mean, double Error) Of(int dimension, Func<double[], double> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        if (dimension == 1)
            return (0.5 * (f([1]) + f([-1])), 0);
        if (dimension == 2)
        {
            double total = 0;
            for (int i = 0; i < CirclePoints; i++)
            {
                (double sine, double cosine) = Math.SinCos(2 * Math.PI * i / CirclePoints);
                total += f([cosine, sine]);
            }
            return (total / CirclePoints, 0);
        }
        RandomStream stream = RandomStream.For(1, "escape/directions");
        double mean = 0,
            squares = 0;
        for (int i = 0; i < Directions; i++)
        {
            double[] omega = [.. Enumerable.Range(0, dimension).Select(_ => stream.NextGaussian())];
            double length = Math.Sqrt(omega.Sum(x => x * x)),
                value = 0.5 * (f([.. omega.Select(x => x / length)]) + f([.. omega.Select(x => -x / length)]));
            double change = value - mean;
            mean += change / (i + 1);
            squares += change * (value - mean);
        }
        return (mean, Math.Sqrt(squares / (Directions - 1) / Directions));
    }
}
