// Pickands' estimator of the extreme-value index, from three order statistics.
using System.Globalization;

namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>γ̂ = log[(X_(k) − X_(2k))/(X_(2k) − X_(4k))]/log 2 (Pickands, Annals of Statistics 3, 1975); se² = γ²(2^{2γ+1}+1)/(2(2^γ−1) log
/// 2)²/k (Dekkers and de Haan 1989).</summary>
/// <param name="k">X_(4k) is the smallest magnitude read; null for <see cref="TailEstimators.DefaultTail"/>.</param>
internal sealed class PickandsEstimator(long? k = null) : ITailEstimator
{
    public string Id => "pickands";

    public string Title => "Pickands";

    public TailEvidence Evidence => TailEvidence.Extremes;

    public bool NeedsSigns => false;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        long tail = k ?? TailEstimators.DefaultTail(data.Ranked.Count);
        if (tail < 1 || 4 * tail > data.Ranked.Positive)
            return null;
        double first = data.Ranked.Magnitude(tail),
            second = data.Ranked.Magnitude(2 * tail),
            fourth = data.Ranked.Magnitude(4 * tail);
        if (!(first > second) || !(second > fourth))
            return null;
        double gamma = Math.Log((first - second) / (second - fourth)) / Math.Log(2),
            root = Math.Pow(2, gamma) - 1;
        // γ/(2^γ − 1) tends to 1/log 2 at 0.
        double ratio = Math.Abs(gamma) < 1e-8 ? 1 / Math.Log(2) : gamma / root;
        double error = ratio * Math.Sqrt((Math.Pow(2, 2 * gamma + 1) + 1) / tail) / (2 * Math.Log(2));
        return TailEstimate.FromInverse(Id, string.Create(CultureInfo.InvariantCulture, $"k = {tail}"), gamma, error);
    }
}
