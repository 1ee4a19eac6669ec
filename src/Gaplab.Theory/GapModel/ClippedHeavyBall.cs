// SGD with momentum and a clip of the gradient's norm: second moments joined by the expected norm.
using System.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>g ← g·min(1, c/‖g‖), v ← μv + g, x ← x − ηₖv, with ‖g‖ replaced by the root of E‖g‖²: the norm of many coordinates hardly
/// varies.</summary>
internal static class ClippedHeavyBall
{
    private const int Checked = 64;

    /// <summary>As <see cref="ModelledOptimizer.Run"/>; all coordinates step by step, since the norm joins them.</summary>
    public static double Run(HeavyBall optimizer, CoordinateLanes lanes, double batch, double[] factors, double rate, double[]? curve)
    {
        int width = Vector<double>.Count,
            length = lanes.Length;
        double[] xx = [.. lanes.StartSquared],
            xv = new double[length],
            vv = new double[length],
            noise = new double[length];
        double still = 0;
        for (int i = 0; i < length; i++)
        {
            noise[i] = lanes.NoiseVariance[i] / batch;
            still += lanes.Weight[i] * noise[i];
        }
        var mu = new Vector<double>(optimizer.Momentum);
        if (curve is not null)
            curve[0] = CoordinateLanes.Sum(lanes.LossWeight, xx);
        for (int k = 0; k < factors.Length; k++)
        {
            double norm = Math.Sqrt(CoordinateLanes.Sum(lanes.SquareWeight, xx) + still),
                kept = norm > optimizer.Clip ? optimizer.Clip / norm : 1;
            Vector<double> c = new(kept),
                eta = new(rate * factors[k]);
            for (int at = 0; at < length; at += width)
            {
                // A clipped gradient is that of a flatter, quieter quadratic.
                Vector<double> l = c * new Vector<double>(lanes.Curvature, at),
                    s = c * c * new Vector<double>(noise, at);
                Vector<double> x = new(xx, at),
                    z = new(xv, at),
                    v = new(vv, at);
                HeavyBall.Step(ref x, ref z, ref v, l, s, mu, eta);
                x.CopyTo(xx, at);
                z.CopyTo(xv, at);
                v.CopyTo(vv, at);
            }
            if (curve is not null)
                curve[k + 1] = CoordinateLanes.Sum(lanes.LossWeight, xx);
            else if (k % Checked == Checked - 1 && !(CoordinateLanes.Sum(lanes.LossWeight, xx) < ModelledOptimizer.Diverged))
                return ModelledOptimizer.Diverged;
        }
        double loss = CoordinateLanes.Sum(lanes.LossWeight, xx);
        return loss < ModelledOptimizer.Diverged ? loss : ModelledOptimizer.Diverged;
    }
}
