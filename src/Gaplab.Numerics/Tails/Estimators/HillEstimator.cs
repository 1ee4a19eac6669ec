// Hill's estimator: the mean log-excess of the k largest magnitudes.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>1/α̂ = (1/k) Σ_{i≤k} log(X_(i)/X_(k+1)) (Hill, Annals of Statistics 3, 1975). Interval α̂(1 ± 1.96/√k).</summary>
/// <param name="k">Order statistics; null for <see cref="TailEstimators.DefaultTail"/>.</param>
internal sealed class HillEstimator(long? k = null) : LogExcessEstimator(k)
{
    public override string Id => "hill";

    public override string Title => "Hill";

    private protected override TailEstimate? Of(long k, string choice, double first, double second)
    {
        if (!(first > 0))
            return null;
        double half = TailEstimate.Z / Math.Sqrt(k);
        return new TailEstimate(Id, choice, first, first / (1 + half), half < 1 ? first / (1 - half) : double.PositiveInfinity);
    }
}
