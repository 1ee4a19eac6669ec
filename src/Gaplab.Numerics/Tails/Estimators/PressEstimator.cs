// Press's estimator: the empirical characteristic function at two points.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>α̂ = log(log r(1)/log r(0.2))/log 5, r(t) = |mean e^{itz}|, z = x over half the quartile range (Press, Journal of the American Statistical Association 67, 1972).</summary>
public sealed class PressEstimator : ITailEstimator
{
    public string Id => "ecf-press";

    public string Title => "characteristic function, two points (Press)";

    public TailEvidence Evidence => TailEvidence.WholeLaw;

    public bool NeedsSigns => true;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        double scale = (data.Ranked.Quantile(0.75) - data.Ranked.Quantile(0.25)) / 2;
        if (!(scale > 0)) return null;
        double near = data.Ranked.CharacteristicModulus(0.2, scale), far = data.Ranked.CharacteristicModulus(1, scale);
        double alpha = Math.Log(Math.Log(far) / Math.Log(near)) / Math.Log(5);
        return double.IsFinite(alpha) && alpha > 0 ? new TailEstimate(Id, "t = 0.2, 1", 1 / alpha) : null;
    }
}
