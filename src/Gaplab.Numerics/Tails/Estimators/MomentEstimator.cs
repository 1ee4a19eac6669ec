// The moment estimator of Dekkers, Einmahl and de Haan: an extreme-value index of either sign.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>γ̂ = M₁ + 1 − ½/(1 − M₁²/M₂), M_r = mean of log^r(X_(i)/X_(k+1)) over i ≤ k (Annals of Statistics 17, 1989).</summary>
/// <remarks>se² = (1+γ²)/k for γ ≥ 0, and (1−γ)²(1−2γ)[4 − 8(1−2γ)/(1−3γ) + (5−11γ)(1−2γ)/((1−3γ)(1−4γ))]/k below (Theorem 3.1
/// there).</remarks>
/// <param name="k">Order statistics; null for <see cref="TailEstimators.DefaultTail"/>.</param>
internal sealed class MomentEstimator(long? k = null) : LogExcessEstimator(k)
{
    public override string Id => "dedh";

    public override string Title => "moment (Dekkers–Einmahl–de Haan)";

    private protected override TailEstimate? Of(long k, string choice, double first, double second)
    {
        if (!(second > first * first) || !(first > 0))
            return null;
        double gamma = first + 1 - 0.5 / (1 - first * first / second),
            g2 = 1 - 2 * gamma,
            g3 = 1 - 3 * gamma;
        double variance =
            gamma >= 0
                ? 1 + gamma * gamma
                : (1 - gamma) * (1 - gamma) * g2 * (4 - 8 * g2 / g3 + (5 - 11 * gamma) * g2 / (g3 * (1 - 4 * gamma)));
        return TailEstimate.FromInverse(Id, choice, gamma, Math.Sqrt(variance / k));
    }
}
