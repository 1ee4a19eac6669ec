// Press's estimator: the empirical characteristic function at two points.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>α̂ = log(log r(1)/log r(0.2))/log 5, r(t) = |mean e^{itz}|, z = x over half the quartile range (Press, Journal of the American
/// Statistical Association 67, 1972).</summary>
internal sealed class PressEstimator : CharacteristicEstimator
{
    public override string Id => "ecf-press";

    public override string Title => "characteristic function, two points (Press)";

    private protected override string Points => "t = 0.2, 1";

    private protected override double Alpha(RankedSample sample, double scale)
    {
        double near = sample.CharacteristicModulus(0.2, scale),
            far = sample.CharacteristicModulus(1, scale);
        return Math.Log(Math.Log(far) / Math.Log(near)) / Math.Log(5);
    }
}
