// SGD with momentum on a quadratic: its second moments, exact for any noise law.
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gaplab.Theory.GapModel;

/// <summary>v ← μv + g, x ← x − ηₖv. Second moments of (x, v) per coordinate; exact without a clip. μ = 0 is plain SGD.</summary>
/// <param name="Momentum">μ.</param>
/// <param name="Clip">The largest norm of a gradient; infinite: no clip.</param>
public sealed record HeavyBall(double Momentum, double Clip = double.PositiveInfinity) : ModelledOptimizer
{
    public override string Description =>
        (Momentum == 0 ? "sgd" : string.Create(CultureInfo.InvariantCulture, $"sgd, momentum {Momentum}"))
        + (double.IsFinite(Clip) ? string.Create(CultureInfo.InvariantCulture, $", clip {Clip}") : "");

    internal override double Run(CoordinateLanes lanes, double batch, double[] factors, double rate, double bound, double[]? curve)
    {
        if (double.IsFinite(Clip))
            return ClippedHeavyBall.Run(this, lanes, batch, factors, rate, curve);
        int width = Vector<double>.Count;
        var mu = new Vector<double>(Momentum);
        double total = 0;
        bool constant = curve is null && factors.Length > 32 && !factors.AsSpan().ContainsAnyExcept(factors[0]);
        for (int at = 0; at < lanes.Length; at += CoordinateLanes.Stride)
        {
            var l0 = new Vector<double>(lanes.Curvature, at);
            var l1 = new Vector<double>(lanes.Curvature, at + width);
            Vector<double> s0 = new Vector<double>(lanes.NoiseVariance, at) / batch,
                s1 = new Vector<double>(lanes.NoiseVariance, at + width) / batch;
            Vector<double> xx0 = new(lanes.StartSquared, at),
                xx1 = new(lanes.StartSquared, at + width);
            Vector<double> xv0 = default,
                xv1 = default,
                vv0 = default,
                vv1 = default;
            Vector<double> w0 = new(lanes.LossWeight, at),
                w1 = new(lanes.LossWeight, at + width);
            if (constant)
            {
                xx0 = HeavyBallPower.After(factors.Length, xx0, l0, s0, Momentum, rate * factors[0]);
                xx1 = HeavyBallPower.After(factors.Length, xx1, l1, s1, Momentum, rate * factors[0]);
                if (Exceeds(xx0, xx1))
                    return Diverged;
                total += Vector.Dot(w0, xx0) + Vector.Dot(w1, xx1);
                if (total > bound)
                    return total;
                continue;
            }
            if (curve is not null)
                curve[0] += Vector.Dot(w0, xx0) + Vector.Dot(w1, xx1);
            for (int k = 0; k < factors.Length; k++)
            {
                var eta = new Vector<double>(rate * factors[k]);
                Step(ref xx0, ref xv0, ref vv0, l0, s0, mu, eta);
                Step(ref xx1, ref xv1, ref vv1, l1, s1, mu, eta);
                if (curve is not null)
                    curve[k + 1] += Vector.Dot(w0, xx0) + Vector.Dot(w1, xx1);
                else if ((k & 63) == 63 && Exceeds(xx0, xx1))
                    return Diverged;
            }
            if (Exceeds(xx0, xx1) && curve is null)
                return Diverged;
            total += Vector.Dot(w0, xx0) + Vector.Dot(w1, xx1);
            if (total > bound && curve is null)
                return total;
        }
        return total < Diverged ? total : Diverged;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Step(
        ref Vector<double> xx,
        ref Vector<double> xv,
        ref Vector<double> vv,
        Vector<double> l,
        Vector<double> s,
        Vector<double> mu,
        Vector<double> eta
    )
    {
        // The gradient's signal part: t = E x(μv + λx), and E(μv + λx)² = λt + μ(λxv + μvv).
        Vector<double> t = l * xx + mu * xv;
        vv = l * t + mu * (l * xv + mu * vv) + s;
        Vector<double> ev = eta * vv;
        xx += eta * (ev - t - t);
        xv = t - ev;
    }
}
