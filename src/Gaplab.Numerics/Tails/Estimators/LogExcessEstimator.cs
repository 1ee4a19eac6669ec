// Estimators that see the largest magnitudes through means of powers of their log-excess.
using System.Globalization;

namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>An estimator from M_r = mean of log^r(X_(i)/X_(k+1)) over i ≤ k, r = 1 and 2.</summary>
internal abstract class LogExcessEstimator : ITailEstimator
{
    private readonly long? _k;

    /// <param name="k">Order statistics; null for <see cref="TailEstimators.DefaultTail"/>.</param>
    private protected LogExcessEstimator(long? k) => _k = k;

    public abstract string Id { get; }

    public abstract string Title { get; }

    public TailEvidence Evidence => TailEvidence.Extremes;

    public bool NeedsSigns => false;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        long tail = _k ?? TailEstimators.DefaultTail(data.Ranked.Count);
        if (tail < 2 || tail >= data.Ranked.Positive)
            return null;
        (double first, double second) = data.Ranked.LogExcess(tail);
        return Of(tail, string.Create(CultureInfo.InvariantCulture, $"k = {tail}"), first, second);
    }

    /// <summary>The estimate from k, its name and M₁ and M₂; null where they allow none.</summary>
    private protected abstract TailEstimate? Of(long k, string choice, double first, double second);
}
