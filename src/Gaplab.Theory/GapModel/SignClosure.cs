// Sign descent on a quadratic: mean and variance of each coordinate under a Gaussian closure.
using MathNet.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>x ← x − ηₖ sgn g with x ~ N(M, V): E sgn g and E x sgn g are exact for a Gaussian x (theory.md C2).</summary>
public sealed record SignClosure : ModelledOptimizer
{
    public override string Description => "sign descent";

    internal override double Run(CoordinateLanes lanes, double batch, double[] factors, double rate, double bound, double[]? curve)
    {
        double total = 0;
        for (int i = 0; i < lanes.Length; i++)
        {
            if (lanes.LossWeight[i] == 0)
                continue;
            double curvature = lanes.Curvature[i],
                noise = lanes.NoiseVariance[i] / batch;
            double mean = Math.Sqrt(lanes.StartSquared[i]),
                variance = 0;
            if (curve is not null)
                curve[0] += lanes.LossWeight[i] * (mean * mean + variance);
            for (int k = 0; k < factors.Length; k++)
            {
                double eta = rate * factors[k];
                (double sign, double spread) = Expectations(curvature, mean, variance, noise);
                mean -= eta * sign;
                variance += -2 * eta * spread + eta * eta * (1 - sign * sign);
                if (curve is not null)
                    curve[k + 1] += lanes.LossWeight[i] * (mean * mean + variance);
            }
            if (!(mean * mean + variance < Diverged))
                return Diverged;
            total += lanes.LossWeight[i] * (mean * mean + variance);
            if (total > bound && curve is null)
                return total;
        }
        return total;
    }

    /// <summary>E sgn g and Cov(x, sgn g) for g = λx + N(0, noise), x ~ N(mean, variance).</summary>
    public static (double Sign, double Spread) Expectations(double curvature, double mean, double variance, double noise)
    {
        double deviation = Math.Sqrt(curvature * curvature * variance + noise);
        if (deviation == 0)
            return (Math.Sign(mean), 0);
        double z = curvature * mean / deviation;
        return (SpecialFunctions.Erf(z / Math.Sqrt(2)), curvature * variance / deviation * Math.Sqrt(2 / Math.PI) * Math.Exp(-0.5 * z * z));
    }
}
