// How steps by signs compare with steps by gradients at a point, and what turning the parameters' axes changes about it.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Numerics;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Of the gradient g [P] and the Hessian H [P, P], in the parameters' own axes or in turned ones.</summary>
/// <param name="Density">‖g‖₁²/(P‖g‖₂²); NaN for a gradient of zeros.</param>
/// <param name="SignGain">(‖g‖₁²/sᵀHs)/(‖g‖₂⁴/gᵀHg), s = sign(g): the second-order decrease of the best step by signs over that of the best step by the gradient; NaN unless both curvatures are positive.</param>
/// <param name="CurvatureNorm">An unbiased estimate of ‖H‖₁,₁/P, the mean over rows of Σ_j|H_ij|.</param>
public readonly record struct AxesGeometry(double Density, double SignGain, double CurvatureNorm);

/// <summary>Measures the geometry of all parameters together.</summary>
/// <remarks>
/// Decreases: Balles, Pedregosa and Le Roux 2020, equations 5 and 6, with the curvature along the step in place of its bound over all steps. The (1,1)-norm: of a vector v of independent standard
/// Cauchy variates (Hv)_i is Cauchy of scale Σ_j|H_ij| (Xie, Mohamadi and Li 2024, section 4.3, who take medians); cos(π/2K)^K·∏|(Hv_k)_i|^(1/K) is an unbiased estimate of that scale
/// from K vectors (Li 2008, theorem 1 at α = 1).
/// </remarks>
public static class GeometryProbe
{
    /// <summary>K.</summary>
    public const int Vectors = 8;

    /// <summary>Products with the Hessian that <see cref="Measure"/> takes: of g, of two vectors of signs, of Cauchy vectors in either axes.</summary>
    public const int Products = 3 + 2 * Vectors;

    /// <summary>In the own axes and in those of <see cref="RandomBases"/> number <paramref name="seed"/>; null where a product was not finite.</summary>
    /// <param name="curvature">Of all parameters.</param>
    /// <param name="layout">Of the model.</param>
    /// <param name="gradient">g.</param>
    /// <param name="seed">Of the vectors and the turned axes.</param>
    public static (AxesGeometry Own, AxesGeometry Turned)? Measure(Curvature curvature, ParamLayout layout, double[] gradient, long seed)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(gradient);
        double[] Image(double[] x)
        {
            double[] product = new double[x.Length];
            curvature.Apply(x, product);
            return product;
        }
        var bases = new RandomBases(seed);
        double[] Turned(double[] x, bool back)
        {
            double[] turned = [.. x];
            Rotate.Turn<double>(turned, layout, bases, back);
            return turned;
        }
        double along = TensorPrimitives.Dot<double>(gradient, Image(gradient));
        AxesGeometry own = Of(Image, gradient, along, RandomStream.For(seed, "probe/geometry/own"));
        AxesGeometry turned = Of(x => Turned(Image(Turned(x, back: true)), back: false), Turned(gradient, back: false), along, RandomStream.For(seed, "probe/geometry/turned"));
        return double.IsFinite(along) && double.IsFinite(own.CurvatureNorm) && double.IsFinite(turned.CurvatureNorm) ? (own, turned) : null;
    }

    private static AxesGeometry Of(Func<double[], double[]> hessian, double[] gradient, double alongGradient, RandomStream random)
    {
        double[] sign = [.. gradient.Select(g => (double)Math.Sign(g))];
        double sum = TensorPrimitives.SumOfMagnitudes<double>(gradient), square = TensorPrimitives.SumOfSquares<double>(gradient), alongSign = TensorPrimitives.Dot<double>(sign, hessian(sign));
        double gain = alongSign > 0 && alongGradient > 0 ? sum * sum / alongSign / (square * square / alongGradient) : double.NaN;
        return new AxesGeometry(sum * sum / (gradient.Length * square), gain, MeanRow(hessian, gradient.Length, random));
    }

    private static double MeanRow(Func<double[], double[]> hessian, int dimension, RandomStream random)
    {
        double[] logs = new double[dimension], vector = new double[dimension];
        for (int k = 0; k < Vectors; k++)
        {
            foreach (ref double x in vector.AsSpan()) x = Math.Tan(Math.PI * (random.NextDouble() - 0.5));
            double[] image = hessian(vector);
            for (int i = 0; i < dimension; i++) logs[i] += Math.Log(Math.Abs(image[i]));
        }
        // A row of zeros has the logarithm −∞ and the scale 0.
        return Math.Pow(Math.Cos(Math.PI / (2 * Vectors)), Vectors) * logs.Average(l => Math.Exp(l / Vectors));
    }
}
