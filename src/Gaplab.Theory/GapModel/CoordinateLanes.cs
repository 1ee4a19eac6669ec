// The coordinates of a quadratic in the order and padding that vector instructions want.
using System.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>Coordinates by falling curvature, so that a rate that is too large fails on the first; padded with still coordinates of weight
/// 0.</summary>
internal sealed class CoordinateLanes
{
    /// <summary>Coordinates that one pass of a recursion carries: two vectors.</summary>
    public static readonly int Stride = 2 * Vector<double>.Count;

    public required double[] Curvature { get; init; }

    public required double[] NoiseVariance { get; init; }

    public required double[] StartSquared { get; init; }

    /// <summary>½wλ: the factor of E x² in the loss.</summary>
    public required double[] LossWeight { get; init; }

    /// <summary>w.</summary>
    public required double[] Weight { get; init; }

    /// <summary>wλ²: the factor of E x² in the squared gradient.</summary>
    public required double[] SquareWeight { get; init; }

    public static CoordinateLanes Of(Quadratic quadratic)
    {
        ArgumentNullException.ThrowIfNull(quadratic);
        int[] order = [.. Enumerable.Range(0, quadratic.Count)];
        double[] keys = [.. quadratic.Curvature.Select(c => -c)];
        Array.Sort(keys, order);
        int length = (order.Length + Stride - 1) / Stride * Stride;
        double[] curvature = new double[length],
            noise = new double[length],
            start = new double[length],
            weight = new double[length],
            count = new double[length],
            square = new double[length];
        noise.AsSpan(order.Length).Fill(1);
        for (int i = 0; i < order.Length; i++)
        {
            int at = order[i];
            curvature[i] = quadratic.Curvature[at];
            noise[i] = quadratic.NoiseVariance[at];
            start[i] = quadratic.StartSquared[at];
            count[i] = quadratic.Weight[at];
            square[i] = quadratic.Weight[at] * quadratic.Curvature[at] * quadratic.Curvature[at];
            weight[i] = 0.5 * quadratic.Weight[at] * quadratic.Curvature[at];
        }
        return new CoordinateLanes
        {
            Curvature = curvature,
            NoiseVariance = noise,
            StartSquared = start,
            LossWeight = weight,
            Weight = count,
            SquareWeight = square,
        };
    }

    public int Length => Curvature.Length;

    /// <summary>Σ weights·values, as no more than <see cref="ModelledOptimizer.Diverged"/>.</summary>
    public static double Sum(double[] weights, double[] values)
    {
        Vector<double> sum = default;
        for (int at = 0; at < weights.Length; at += Vector<double>.Count)
            sum += new Vector<double>(weights, at) * new Vector<double>(values, at);
        double total = Vector.Sum(sum);
        return total < ModelledOptimizer.Diverged ? total : ModelledOptimizer.Diverged;
    }
}
