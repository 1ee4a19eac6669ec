// The log-moment estimator of Mohammadi, Mohammadpour and Ogata: how sums over blocks grow.
using System.Globalization;

namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>1/α̂ = (mean log|Y| − mean log|X|)/log K₁, Y the sums of K₁ values (Metrika 78, 2015, Theorem 2.3); the estimator of the papers
/// on gradient noise.</summary>
/// <remarks>Reads below 2 on Gaussian values that are correlated, of unequal scales inside a block, or not centred: see
/// <see cref="LogMomentTheory"/>. Interval: sd(u)/√K₂ over blocks, for independent values.</remarks>
/// <param name="blockLength">K₁; 8 to 10 is near the best power, e².</param>
internal sealed class LogMomentEstimator(int blockLength = 10) : ITailEstimator
{
    public string Id => "log-moment";

    public string Title => "log-moment (Mohammadi)";

    public TailEvidence Evidence => TailEvidence.WholeLaw;

    public bool NeedsSigns => true;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.LogMoments.FirstOrDefault(p => p.BlockLength == blockLength) is { } at
            ? TailEstimate.FromInverse(Id, string.Create(CultureInfo.InvariantCulture, $"K1 = {blockLength}"), at.Inverse, at.StandardError)
            : null;
    }
}
