// Hill's estimator: the mean log-excess of the k largest magnitudes.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>1/α̂ = (1/k) Σ_{i≤k} log(X_(i)/X_(k+1)) (Hill, Annals of Statistics 3, 1975). Interval α̂(1 ± 1.96/√k).</summary>
/// <param name="k">Order statistics; null for <see cref="TailEstimators.DefaultTail"/>.</param>
public sealed class HillEstimator(long? k = null) : ITailEstimator
{
    public string Id => "hill";

    public string Title => "Hill";

    public TailEvidence Evidence => TailEvidence.Extremes;

    public bool NeedsSigns => false;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        long tail = k ?? TailEstimators.DefaultTail(data.Ranked.Count);
        if (tail < 2 || tail >= data.Ranked.Positive) return null;
        double inverse = data.Ranked.LogExcess(tail).First;
        if (!(inverse > 0)) return null;
        double half = TailEstimate.Z / Math.Sqrt(tail);
        return new TailEstimate(Id, FormattableString.Invariant($"k = {tail}"), inverse, inverse / (1 + half), half < 1 ? inverse / (1 - half) : double.PositiveInfinity);
    }
}
