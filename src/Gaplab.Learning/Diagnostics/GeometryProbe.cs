// How steps by signs compare with steps by gradients at a point, and what turning the parameters' axes changes about it.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Of the gradient g [P] and the Hessian H [P, P], in the parameters' own axes or in turned ones.</summary>
/// <param name="Density">‖g‖₁²/(P‖g‖₂²); NaN for a gradient of zeros.</param>
/// <param name="SignGain">(‖g‖₁²/sᵀHs)/(‖g‖₂⁴/gᵀHg), s = sign(g): the second-order decrease of the best step by signs over that of the best
/// step by the gradient; NaN unless both curvatures are positive.</param>
public readonly record struct AxesGeometry(double Density, double SignGain);

/// <summary>Measures the geometry of all parameters together.</summary>
/// <remarks>
/// Balles, Pedregosa and Le Roux 2020, section 3, with the curvature along the step in place of its bound over all steps, which for signs
/// is ‖H‖₁,₁ (Xie, Mohamadi and Li 2024). That norm itself is not taken: its unbiased estimate from 8 products with Cauchy vectors (Li
/// 2008, at α = 1) has a standard error of about half of it, since a large variate is in every row.
/// </remarks>
public static class GeometryProbe
{
    /// <summary>Products with the Hessian that <see cref="Measure"/> takes: of g, and of its signs in either axes.</summary>
    public const int Products = 3;

    /// <summary>In the own axes and in those of <see cref="RandomBases"/> number <paramref name="basis"/>; null where a product was not
    /// finite.</summary>
    /// <param name="curvature">Of all parameters.</param>
    /// <param name="layout">Of the model.</param>
    /// <param name="gradient">g.</param>
    /// <param name="basis">Names the turned axes.</param>
    public static (AxesGeometry Own, AxesGeometry Turned)? Measure(Curvature curvature, ParamLayout layout, double[] gradient, long basis)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(gradient);
        double[] product = new double[gradient.Length],
            turned = [.. gradient];
        double Along(double[] x)
        {
            curvature.Apply(x, product);
            return TensorPrimitives.Dot<double>(x, product);
        }
        var bases = new RandomBases(basis);
        Rotate.Turn<double>(turned, layout, bases, back: false);
        double[] sign = Signs(gradient),
            turnedSign = Signs(turned);
        Rotate.Turn<double>(turnedSign, layout, bases, back: true);
        double alongGradient = Along(gradient),
            alongSign = Along(sign),
            alongTurned = Along(turnedSign);
        return double.IsFinite(alongGradient + alongSign + alongTurned)
            ? (Of(gradient, alongGradient, alongSign), Of(turned, alongGradient, alongTurned))
            : null;
    }

    private static double[] Signs(double[] gradient) => [.. gradient.Select(g => (double)Math.Sign(g))];

    private static AxesGeometry Of(double[] gradient, double alongGradient, double alongSign)
    {
        double sum = TensorPrimitives.SumOfMagnitudes<double>(gradient),
            square = TensorPrimitives.SumOfSquares<double>(gradient);
        return new AxesGeometry(
            sum * sum / (gradient.Length * square),
            alongSign > 0 && alongGradient > 0 ? sum * sum / alongSign / (square * square / alongGradient) : double.NaN
        );
    }
}
