// Sharpness and decrease of clipped and sign steps in the limit of many dimensions, in closed form.
using Gaplab.Numerics.Distributions;

namespace Gaplab.Theory.Sharpness;

/// <summary>A fraction ε of the coordinates has curvature L, the rest ℓ; θ ~ N(0, I), g = Hθ, d → ∞ (theory.md D3).</summary>
internal sealed record GaussianLimit(double Epsilon, double Sharp, double Flat)
{
    /// <summary>Sharpness along the gradient.</summary>
    public double GradientSharpness => Moment(3) / Moment(2);

    /// <summary>Decrease of the best step along the gradient, a coordinate: (E g²)² / (2 E h g²).</summary>
    public double GradientDecrease => Moment(2) * Moment(2) / (2 * Moment(3));

    /// <summary>Along the sign of the gradient.</summary>
    public (double Sharpness, double Decrease) OfSign => (Moment(1), Moment(1) / Math.PI);

    /// <summary>Along the gradient clipped at its top fraction.</summary>
    public (double Sharpness, double Decrease, double Threshold) OfClip(double fraction)
    {
        double threshold = ThresholdOf(fraction),
            square = 0,
            curvature = 0,
            slope = 0;
        foreach ((double s, double w) in Parts)
        {
            // c = sgn(g)·min(|g|, τ) of g = s·z: the part below τ is a truncated Gaussian.
            double t = threshold / s,
                tail = 2 * NormalDistribution.Cumulative(-t),
                density = NormalDistribution.Density(t);
            double inner = s * s * (1 - tail - 2 * t * density),
                second = inner + threshold * threshold * tail;
            square += w * second;
            curvature += w * s * second;
            slope += w * (inner + 2 * threshold * s * density);
        }
        return (curvature / square, slope * slope / (2 * curvature), threshold);
    }

    /// <summary>τ with Σ w_j P(|s_j z| &gt; τ) = x, by bisection of the logarithm.</summary>
    public double ThresholdOf(double fraction)
    {
        if (fraction is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected a fraction between 0 and 1");
        double low = Math.Log(Flat) - 40,
            high = Math.Log(Sharp) + 4;
        for (int i = 0; i < 200; i++)
        {
            double middle = 0.5 * (low + high),
                tau = Math.Exp(middle),
                above = 0;
            foreach ((double s, double w) in Parts)
                above += w * 2 * NormalDistribution.Cumulative(-tau / s);
            if (above > fraction)
                low = middle;
            else
                high = middle;
        }
        return Math.Exp(0.5 * (low + high));
    }

    private (double Size, double Weight)[] Parts => [(Sharp, Epsilon), (Flat, 1 - Epsilon)];

    private double Moment(int power) => Epsilon * Math.Pow(Sharp, power) + (1 - Epsilon) * Math.Pow(Flat, power);
}
