// B* in closed form from bounds on dual norms: normalised SGD against sign descent, both with momentum.
namespace Gaplab.Theory.Efficiency;

/// <summary>What the bounds of a pair need, all at one point of training.</summary>
/// <remarks>A reconstruction of the kind of model by which the Adam–SGD gap is explained with dual norms; it has no memory (β₂ = 0), and
/// must not be attributed to anyone.</remarks>
/// <param name="Smoothness">L₂: the largest curvature.</param>
/// <param name="SignSmoothness">r = L∞/L₂, with L∞ = sᵀHs for s = sign(g): at most the number of parameters d.</param>
/// <param name="Density">c = ‖g‖₁/‖g‖₂, between 1 and √d.</param>
/// <param name="Noise">σ: the root of the trace of one sample's gradient covariance.</param>
/// <param name="Distance">Δ: the loss that is still to be gained.</param>
/// <param name="Parameters">d.</param>
/// <param name="Samples">N.</param>
public sealed record DualNormBound(
    double Smoothness,
    double SignSmoothness,
    double Density,
    double Noise,
    double Distance,
    double Parameters,
    double Samples
)
{
    /// <summary>What the bounds say of all batch sizes.</summary>
    public enum Side
    {
        Crossover,
        FirstThroughout,
        SecondThroughout,
    }

    /// <summary>ψ(B) bounds the dual norm of the gradient after N samples: √(LΔB/N) + (LΔρ²σ²/N)^¼ + ρσN^−⅓B^−1/6, from Kovalev 2025
    /// (arXiv:2503.12645) with σ² → σ²/B and N/B steps.</summary>
    /// <param name="sign">Of sign descent (L∞, ρ = √d); else of normalised SGD (L₂, ρ = 1).</param>
    public double Bound(bool sign, double batch)
    {
        double l = Smoothness * (sign ? SignSmoothness : 1),
            rho = sign ? Math.Sqrt(Parameters) : 1;
        return Math.Sqrt(l * Distance * batch / Samples)
            + Math.Pow(l * Distance * rho * rho * Noise * Noise / Samples, 0.25)
            + rho * Noise * Math.Pow(Samples, -1.0 / 3) * Math.Pow(batch, -1.0 / 6);
    }

    /// <summary>ln of the bounds' ratio on one scale, ‖g‖₂: positive means sign descent is ahead.</summary>
    /// <param name="start">With the term of the momentum's start, which the closed form leaves out.</param>
    public double Gap(double batch, bool start = false)
    {
        double Of(bool sign) =>
            Bound(sign, batch)
            - (start ? 0 : (sign ? Math.Sqrt(Parameters) : 1) * Noise * Math.Pow(Samples, -1.0 / 3) * Math.Pow(batch, -1.0 / 6));
        return Math.Log(Of(false) / (Of(true) / Density));
    }

    /// <summary>B* = √N·σ/√(L₂Δ)·[((rd)^¼/c − 1)/(1 − √r/c)]², where the bounds without the momentum's start are equal; null where
    /// they are not in any.</summary>
    public double? Crossing =>
        Verdict == Side.Crossover
            ? Math.Sqrt(Samples) * Noise / Math.Sqrt(Smoothness * Distance) * Math.Pow((NoiseRatio - 1) / (1 - StepsRatio), 2)
            : null;

    /// <summary>Who the bounds put ahead: sign descent is the second.</summary>
    public Side Verdict =>
        StepsRatio >= 1 ? Side.FirstThroughout
        : NoiseRatio > 1 ? Side.Crossover
        : Side.SecondThroughout;

    // Sign descent's term over normalised SGD's, in the steps and in the noise.
    private double StepsRatio => Math.Sqrt(SignSmoothness) / Density;

    private double NoiseRatio => Math.Pow(SignSmoothness * Parameters, 0.25) / Density;
}
