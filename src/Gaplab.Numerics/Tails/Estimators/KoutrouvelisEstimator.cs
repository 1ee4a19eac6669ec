// Koutrouvelis's estimator: a regression on the empirical characteristic function.
namespace Gaplab.Numerics.Tails.Estimators;

/// <summary>α̂ is the least-squares slope of log(−log r²(t_k)) on log t_k at t_k = πk/25, k = 1 … 10 (after Koutrouvelis, Journal of the American Statistical Association 75, 1980; one step, no iteration over scale).</summary>
public sealed class KoutrouvelisEstimator : ITailEstimator
{
    private const int Points = 10;

    public string Id => "ecf-regression";

    public string Title => "characteristic function, regression (Koutrouvelis)";

    public TailEvidence Evidence => TailEvidence.WholeLaw;

    public bool NeedsSigns => true;

    public TailEstimate? Estimate(TailData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        double scale = (data.Ranked.Quantile(0.75) - data.Ranked.Quantile(0.25)) / 2;
        if (!(scale > 0)) return null;
        double[] x = new double[Points], y = new double[Points];
        for (int k = 1; k <= Points; k++)
        {
            double t = Math.PI * k / 25;
            (x[k - 1], y[k - 1]) = (Math.Log(t), Math.Log(-2 * Math.Log(data.Ranked.CharacteristicModulus(t, scale))));
        }
        double mean = x.Average(), level = y.Average();
        double alpha = x.Zip(y, (a, b) => (a - mean) * (b - level)).Sum() / x.Sum(a => (a - mean) * (a - mean));
        return double.IsFinite(alpha) && alpha > 0 ? new TailEstimate(Id, "t = πk/25, k ≤ 10", 1 / alpha) : null;
    }
}
