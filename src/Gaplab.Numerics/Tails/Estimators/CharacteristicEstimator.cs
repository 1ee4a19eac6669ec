// Estimators that read the tail index off the empirical characteristic function.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>An estimator from r(t) = |mean e^{itz}|, z = x over half the quartile range.</summary>
internal abstract class CharacteristicEstimator : ITailEstimator
{
    private protected CharacteristicEstimator() { }

    public abstract string Id { get; }

    public abstract string Title { get; }

    public TailEvidence Evidence => TailEvidence.WholeLaw;

    public bool NeedsSigns => true;

    /// <summary>Where it is read.</summary>
    private protected abstract string Points { get; }

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        double scale = (data.Ranked.Quantile(0.75) - data.Ranked.Quantile(0.25)) / 2;
        if (!(scale > 0))
            return null;
        double alpha = Alpha(data.Ranked, scale);
        return double.IsFinite(alpha) && alpha > 0 ? new TailEstimate(Id, Points, 1 / alpha) : null;
    }

    /// <summary>α̂; one that is not finite and positive is no estimate.</summary>
    private protected abstract double Alpha(RankedSample sample, double scale);
}
