// Adam in its own metric: a quadratic measured there, and one step size for all of it.
using System.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>A quadratic in the coordinates y = P^½x, P the root of the second moments of one sample's gradient: where Adam is SGD with its
/// average and a common step size.</summary>
/// <param name="Quadratic">Spectrum of P^−½HP^−½, noise of P^−½g, start of P^½x.</param>
/// <param name="Trace">Σ Pⱼ, which is E‖P^−½g‖² of one sample where P was measured.</param>
/// <param name="Floor">Loss that this quadratic does not explain.</param>
public sealed record AdamInstance(Quadratic Quadratic, double Trace, double Floor = 0);

/// <summary>
/// y ← y − ηₖm̂/√r̂ with m the average of gradients in the metric and r that of ‖P^−½g‖²/ΣPⱼ: Adam whose second-moment averages all move
/// alike, vⱼ = rPⱼ². Exact to the order of the closure while noise dominates, where r is 1/B and Adam is SGD preconditioned by 1/σⱼ
/// (theory.md C4), whichever way the curvature's eigenvectors lie.
/// </summary>
internal static class PreconditionedAdam
{
    private const int Checked = 64;

    /// <summary>The recursion, all coordinates step by step since r joins them; as <see cref="ModelledOptimizer.Run"/>.</summary>
    public static double Run(
        AdamClosure adam,
        CoordinateLanes lanes,
        double trace,
        double batch,
        double[] factors,
        double rate,
        double[]? curve
    )
    {
        int width = Vector<double>.Count,
            length = lanes.Length;
        (double[] size, double[] correction) = adam.Corrections(factors, rate);
        double[] xx = [.. lanes.StartSquared],
            xm = new double[length],
            mm = new double[length],
            noise = new double[length];
        double still = 0,
            c = 1 - adam.Beta1;
        for (int i = 0; i < length; i++)
        {
            noise[i] = lanes.NoiseVariance[i] / batch;
            still += lanes.Weight[i] * noise[i];
        }
        double Loss() => CoordinateLanes.Sum(lanes.LossWeight, xx);
        if (curve is not null)
            curve[0] = Loss();
        Vector<double> b1 = new(adam.Beta1),
            c1 = new(c);
        double average = 0;
        for (int k = 0; k < factors.Length; k++)
        {
            average = adam.Beta2 * average + (1 - adam.Beta2) * (CoordinateLanes.Sum(lanes.SquareWeight, xx) + still) / trace;
            var a = new Vector<double>(size[k] / (Math.Sqrt(average * correction[k]) + adam.Epsilon));
            for (int at = 0; at < length; at += width)
            {
                Vector<double> l = new(lanes.Curvature, at),
                    s = new(noise, at),
                    x = new(xx, at),
                    z = new(xm, at),
                    m = new(mm, at);
                Vector<double> lc = l * c1,
                    cross = lc * z;
                m = b1 * (b1 * m + cross + cross) + c1 * c1 * (l * l * x + s);
                Vector<double> t = b1 * z + lc * x,
                    am = a * m;
                (x + a * (am - t - t)).CopyTo(xx, at);
                (t - am).CopyTo(xm, at);
                m.CopyTo(mm, at);
            }
            if (curve is not null)
                curve[k + 1] = Loss();
            else if (k % Checked == Checked - 1 && !(Loss() < ModelledOptimizer.Diverged))
                return ModelledOptimizer.Diverged;
        }
        return Loss();
    }
}
