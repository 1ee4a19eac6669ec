// The diagonal metric in which Adam is SGD.
using Gaplab.Learning.Params;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>
/// P = diag(√E gⱼ²) of one sample's gradient, what Adam divides by while noise dominates, up to a factor. With y = P^½x, the step x ← x −
/// ηP⁻¹g is y ← y − ηP^−½g: SGD with the Hessian P^−½HP^−½. Its spectrum needs no eigenvectors along the axes.
/// </summary>
public sealed class AdamMetric
{
    private readonly double[] _wayScale;

    private AdamMetric(double[] preconditioner)
    {
        Preconditioner = preconditioner;
        GradientScale = [.. preconditioner.Select(p => 1 / Math.Sqrt(p))];
        _wayScale = [.. preconditioner.Select(Math.Sqrt)];
    }

    /// <summary>Pⱼ [P].</summary>
    public double[] Preconditioner { get; }

    /// <summary>Pⱼ^−½ [P].</summary>
    public double[] GradientScale { get; }

    /// <summary>A gradient [P] in the metric, P^−½g.</summary>
    public double[] Gradient(ReadOnlySpan<double> gradient)
    {
        double[] there = new double[gradient.Length];
        TensorPrimitives.Multiply(gradient, GradientScale, there);
        return there;
    }

    /// <summary>A way [P] in the metric, P^½w.</summary>
    public double[] Way(ReadOnlySpan<double> way)
    {
        double[] there = new double[way.Length];
        TensorPrimitives.Multiply(way, _wayScale, there);
        return there;
    }

    /// <summary>From a sample of gradients. A coordinate's square counts as if its tensor's mean had been seen once more, so that one no
    /// sample touched is not divided by 0; a tensor that gets no gradient at all has the mean of all.</summary>
    public static AdamMetric Of(GradientSample sample, ParamLayout layout)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(layout);
        double[] root = new double[sample.Square.Length];
        double all = TensorPrimitives.Sum<double>(sample.Square) / root.Length;
        foreach (ParamSlice slice in layout.Slices)
        {
            ReadOnlySpan<double> squares = sample.Square.AsSpan((int)slice.Offset, (int)slice.Count);
            double mean = TensorPrimitives.Sum(squares) / slice.Count;
            for (int j = 0; j < squares.Length; j++)
                root[slice.Offset + j] = Math.Sqrt(mean > 0 ? (sample.Count * squares[j] + mean) / (sample.Count + 1.0) : all);
        }
        return new AdamMetric(root);
    }
}
