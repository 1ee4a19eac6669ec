// An optimizer as the gap model sees it: the expected loss after K steps on a quadratic.
using System.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>The moment recursion of one update rule (theory.md C2).</summary>
public abstract record ModelledOptimizer
{
    /// <summary>What a diverged coordinate's second moment is cut at, and the loss that is then given.</summary>
    public const double Diverged = 1e200;

    /// <summary>Its settings in words, such as "sgd, momentum 0.9".</summary>
    public abstract string Description { get; }

    /// <summary>Expected loss after the last step; <see cref="Diverged"/> when it diverges.</summary>
    /// <param name="quadratic">The instance.</param>
    /// <param name="batch">B, real, above 0.</param>
    /// <param name="factors">The schedule's factors, one a step.</param>
    /// <param name="rate">Peak learning rate.</param>
    /// <param name="bound">The sum over coordinates may stop as soon as it passes this; what is returned is then only known to be above
    /// it.</param>
    public double Loss(Quadratic quadratic, double batch, double[] factors, double rate, double bound = double.PositiveInfinity) =>
        Run(CoordinateLanes.Of(quadratic), batch, factors, rate, bound, null);

    /// <summary>Expected losses before the first and after every step: K + 1 numbers.</summary>
    public double[] Curve(Quadratic quadratic, double batch, double[] factors, double rate)
    {
        ArgumentNullException.ThrowIfNull(factors);
        double[] curve = new double[factors.Length + 1];
        Run(CoordinateLanes.Of(quadratic), batch, factors, rate, double.PositiveInfinity, curve);
        for (int k = 0; k < curve.Length; k++)
            if (!(curve[k] < Diverged))
                curve[k] = Diverged;
        return curve;
    }

    /// <summary>The recursion over padded lanes.</summary>
    /// <param name="curve">Receives the sums of ½wλ E x² before and after each step; null: only the last is wanted.</param>
    internal abstract double Run(CoordinateLanes lanes, double batch, double[] factors, double rate, double bound, double[]? curve);

    internal static bool Exceeds(Vector<double> a, Vector<double> b) =>
        !(Vector.LessThanAll(a, new Vector<double>(Diverged)) && Vector.LessThanAll(b, new Vector<double>(Diverged)));
}
