// E[m/√v] of a stream of counts: how far Adam's ratio of two averages is off zero for a class that is seen now and then.
namespace Gaplab.Theory.Efficiency;

/// <summary>Adam's mean step for one logit of a softmax whose classes come with fixed frequencies.</summary>
/// <remarks>
/// The gradient of the logit is π − c/B, c the number of times that the class of frequency p is among B samples. In units of p it is
/// g = ρ − c/λ, ρ = π/p, and for rare classes c is Poisson with mean λ = Bp. With m = Σ(1−β₁)β₁ⁱgᵢ, v = Σ(1−β₂)β₂ⁱgᵢ² over independent
/// gᵢ and 1/√v = (2/√π)∫exp(−s²v)ds,
/// <c>E[m/√v] = (2/√π) ∫ Σᵢ(1−β₁)β₁ⁱ (ψ/φ)(xᵢ) · Πⱼφ(xⱼ) ds</c>, xⱼ = s²(1−β₂)β₂ʲ, φ(x) = E e^(−xg²), ψ(x) = E[g e^(−xg²)]:
/// exact, but for ε, and without simulation. The product is exp of a sum over j, by Euler and Maclaurin; both functions are
/// tabulated in ln x.
/// </remarks>
internal sealed class CountRatio
{
    // The steps in ln s and ln x, and what an exponent below which is nothing.
    private const double LogStep = 0.15,
        TableStep = 0.1,
        Nothing = -40,
        LeastArgument = 1e-8;

    private readonly double _beta1,
        _beta2,
        _decay;

    public CountRatio(double beta1, double beta2)
    {
        (_beta1, _beta2) = (beta1, beta2);
        _decay = -Math.Log(beta2);
    }

    /// <summary>E[m/√v].</summary>
    /// <param name="mean">λ = Bp, above 0; the work grows with it.</param>
    /// <param name="ratio">ρ = π/p, above 0.</param>
    public double Of(double mean, double ratio)
    {
        (double[] chances, double[] gradients) = Counts(mean, ratio);
        double second = chances.Zip(gradients, (c, g) => c * g * g).Sum(),
            bottom = Math.Log(LeastArgument * (1 - _beta2) / second);
        (List<double> logs, List<double> means) = Tables(chances, gradients, bottom);
        double least = Math.Sqrt(LeastArgument / second),
            sum = least * Average(means, 0);
        for (int k = 0; ; k++)
        {
            double y = 2 * k * LogStep / TableStep;
            if (y >= logs.Count - 3)
                break;
            // The first point is an end of the range and counts half.
            double s = least * Math.Exp(k * LogStep);
            sum += (k == 0 ? 0.5 : 1) * LogStep * s * Average(means, y) * Math.Exp(Interpolated(logs, y));
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static (double[] Chances, double[] Gradients) Counts(double mean, double ratio)
    {
        int most = (int)Math.Ceiling(mean + 12 * Math.Sqrt(mean) + 12);
        double[] chances = new double[most + 1],
            gradients = new double[most + 1];
        double log = -mean;
        for (int c = 0; c <= most; c++)
        {
            (chances[c], gradients[c]) = (Math.Exp(log), ratio - c / mean);
            log += Math.Log(mean / (c + 1));
        }
        return (chances, gradients);
    }

    /// <summary>ln Πⱼφ(xⱼ) and ψ/φ against ln x₀, from <paramref name="bottom"/> until the product is nothing.</summary>
    private (List<double> Logs, List<double> Means) Tables(double[] chances, double[] gradients, double bottom)
    {
        List<double> logs = [],
            means = [],
            singles = [];
        double least = gradients.Min(g => g * g),
            integral = 0;
        for (int i = 0; logs.Count == 0 || logs[^1] > Nothing; i++)
        {
            double x = Math.Exp(bottom + i * TableStep),
                phi = 0,
                psi = 0;
            for (int c = 0; c < chances.Length; c++)
            {
                double part = chances[c] * Math.Exp(-x * (gradients[c] * gradients[c] - least));
                (phi, psi) = (phi + part, psi + part * gradients[c]);
            }
            double single = Math.Log(phi) - x * least;
            // ln φ ≈ −x E g² at the bottom, so that its integral over ln x from −∞ is its value.
            integral = i == 0 ? single : integral + 0.5 * TableStep * (single + singles[^1]);
            singles.Add(single);
            means.Add(psi / phi);
            double slope = i == 0 ? single : (single - singles[^2]) / TableStep;
            // Σⱼf(j) = ∫f dj + f(0)/2 − f′(0)/12, and the trapezia's own error.
            logs.Add(integral / _decay + 0.5 * single + (_decay - TableStep * TableStep / _decay) / 12 * slope);
        }
        return (logs, means);
    }

    /// <summary>Σᵢ(1−β₁)β₁ⁱ(ψ/φ)(xᵢ) at a place of the table.</summary>
    private double Average(List<double> means, double place)
    {
        double sum = 0,
            weight = 1 - _beta1,
            step = _decay / TableStep;
        for (int i = 0; weight > 1e-10; i++, weight *= _beta1)
        {
            double at = place - i * step;
            if (at <= 0)
                // All older terms are those at the bottom: x is nothing, and the mean is that of the gradient.
                return sum + weight / (1 - _beta1) * means[0];
            sum += weight * Interpolated(means, at);
        }
        return sum;
    }

    /// <summary>Cubic through the four points around a place.</summary>
    internal static double Interpolated(IReadOnlyList<double> values, double place)
    {
        int i = Math.Clamp((int)place - 1, 0, values.Count - 4);
        double t = place - i;
        return values[i] * (t - 1) * (t - 2) * (t - 3) / -6
            + values[i + 1] * t * (t - 2) * (t - 3) / 2
            + values[i + 2] * t * (t - 1) * (t - 3) / -2
            + values[i + 3] * t * (t - 1) * (t - 2) / 6;
    }
}
