// What one impulse of noise can do to Adam: the gain of its moving average, and the bound that its preconditioner sets.
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.Escape;

/// <summary>Displacement of Adam's parameters by one impulse.</summary>
public static class AdamResponse
{
    /// <summary>
    /// G(ρ): the largest displacement that an impulse passing through the moving average makes, relative to one that enters the parameter
    /// at once; ρ = ηh/(q(1−β₁)), h the curvature and q the preconditioner. An exit rate through the average is G^α times the direct one.
    /// </summary>
    public static double Gain(double rho)
    {
        if (!(rho > 0))
            throw new ArgumentOutOfRangeException(nameof(rho), rho, "expected rho > 0");
        double distance = rho - 0.25;
        double w = 2 * Math.Sqrt(Math.Abs(distance));
        // atan(w)/w and artanh(w)/w are one power series in w² of either sign.
        double ratio =
            w < 1e-3 ? 1 - Math.Sign(distance) * w * w / 3
            : distance > 0 ? Math.Atan(w) / w
            : Math.Atanh(w) / w;
        return Math.Exp(-ratio) / Math.Sqrt(rho);
    }

    /// <summary>The same for the discrete chain m' = β₁m + (1−β₁)(hx + ζ), x' = x − ηm'/q.</summary>
    /// <param name="beta1">0 ≤ β₁ &lt; 1.</param>
    /// <param name="relaxation">ηh/q, positive and below 1.</param>
    public static double DiscreteGain(double beta1, double relaxation)
    {
        if (beta1 is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(beta1), beta1, "expected 0 <= beta1 < 1");
        if (!(relaxation > 0))
            throw new ArgumentOutOfRangeException(nameof(relaxation), relaxation, "expected a positive number");
        double m = 1 - beta1,
            x = m,
            largest = m;
        // The first peak is the highest: the response is a damped one.
        for (int n = 0; n < 1_000_000; n++)
        {
            m = beta1 * m - (1 - beta1) * relaxation * x;
            x += m;
            if (Math.Abs(x) <= largest && m <= 0)
                break;
            largest = Math.Max(largest, Math.Abs(x));
        }
        return largest;
    }

    /// <summary>
    /// D_max/η = (1−β₁)/(√(1−β₂)(1−β₁/√β₂)): however large one impulse is, the second moment it enters bounds what it moves a coordinate
    /// by.
    /// Infinite when β₁ ≥ √β₂.
    /// </summary>
    public static double LargestMove(double beta1, double beta2)
    {
        if (beta1 is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(beta1), beta1, "expected 0 <= beta1 < 1");
        if (beta2 is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(beta2), beta2, "expected 0 < beta2 < 1");
        double root = Math.Sqrt(beta2);
        return beta1 >= root ? double.PositiveInfinity : (1 - beta1) / (Math.Sqrt(1 - beta2) * (1 - beta1 / root));
    }

    /// <summary>The median of √v under noise alone of scale 1, v' = β₂v + (1−β₂)ζ²: for stable noise v has no mean, so the median stands
    /// for the preconditioner.</summary>
    /// <remarks>4000 draws spaced by half the memory 1/(1−β₂), one fixed stream.</remarks>
    public static double MedianRoot(double alpha, double beta2)
    {
        const int Draws = 4000;
        var law = new SymmetricStable(alpha);
        int spacing = (int)Math.Clamp(Math.Ceiling(0.5 / (1 - beta2)), 1, 100_000);
        RandomStream stream = RandomStream.For(1, "escape/median-root");
        var noise = new double[spacing];
        var roots = new double[Draws];
        double v = 0;
        for (int i = -20; i < Draws; i++)
        {
            law.Fill(stream, noise);
            foreach (double z in noise)
                v += (1 - beta2) * (z * z - v);
            if (i >= 0)
                roots[i] = Math.Sqrt(v);
        }
        Array.Sort(roots);
        return Quantiles.Type7(roots, 0.5);
    }
}
