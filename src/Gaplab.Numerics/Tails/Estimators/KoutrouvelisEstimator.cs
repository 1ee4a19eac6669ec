// Koutrouvelis's estimator: a regression on the empirical characteristic function.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>α̂ is the least-squares slope of log(−log r²(t_k)) on log t_k at t_k = πk/25, k = 1 … 10 (after Koutrouvelis, Journal of the
/// American Statistical Association 75, 1980; one step, no iteration over scale).</summary>
internal sealed class KoutrouvelisEstimator : CharacteristicEstimator
{
    private const int Count = 10;

    public override string Id => "ecf-regression";

    public override string Title => "characteristic function, regression (Koutrouvelis)";

    private protected override string Points => "t = πk/25, k ≤ 10";

    private protected override double Alpha(RankedSample sample, double scale)
    {
        double[] x = new double[Count],
            y = new double[Count];
        for (int k = 1; k <= Count; k++)
        {
            double t = Math.PI * k / 25;
            (x[k - 1], y[k - 1]) = (Math.Log(t), Math.Log(-2 * Math.Log(sample.CharacteristicModulus(t, scale))));
        }
        double mean = x.Average(),
            level = y.Average();
        return x.Zip(y, (a, b) => (a - mean) * (b - level)).Sum() / x.Sum(a => (a - mean) * (a - mean));
    }
}
