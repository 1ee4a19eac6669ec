// McCandlish's simple noise scale, exactly from per-sample gradients and by the estimator from two batch sizes.
using Gaplab.Learning.Models;
using Gaplab.Numerics.Statistics;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>B_simple = tr(Σ)/|G|² (McCandlish et al. 2018, equation 2.9), Σ the covariance of one sample's gradient, G the full gradient,
/// both over the subset.</summary>
/// <param name="Trace">tr(Σ).</param>
/// <param name="GradientSquare">|G|².</param>
/// <param name="Scale">Their ratio, with its standard error; NaN where |G|² is not positive.</param>
internal sealed record NoiseScale(double Trace, double GradientSquare, Estimate Scale)
{
    private const int Groups = 10;

    /// <summary>From every sample's gradient: exact for the subset. The error is of the subset as a sample of all training data, by a
    /// jackknife over ten groups.</summary>
    public static NoiseScale Exact(TrainingSubset subset, IModel model, double[] theta)
    {
        ArgumentNullException.ThrowIfNull(subset);
        int groups = Math.Min(Groups, subset.Count);
        double[][] sums = [.. Enumerable.Range(0, groups).Select(_ => new double[theta.Length])];
        double[] squares = new double[groups],
            weights = new double[groups];
        subset.Gradients(
            model,
            theta,
            [.. Enumerable.Range(0, subset.Count).Select(i => (int[])[i])],
            (i, g) =>
            {
                double w = subset.Weight(i);
                TensorPrimitives.MultiplyAdd(g, w, sums[i % groups], sums[i % groups]);
                squares[i % groups] += w * TensorPrimitives.Dot(g, g);
                weights[i % groups] += w;
            }
        );
        double[] all = new double[theta.Length],
            left = new double[theta.Length];
        foreach (double[] sum in sums)
            TensorPrimitives.Add(all, sum, all);
        (double trace, double square) = (squares.Sum() - TensorPrimitives.Dot<double>(all, all), TensorPrimitives.Dot<double>(all, all));
        double[] without =
        [
            .. Enumerable
                .Range(0, groups)
                .Select(j =>
                {
                    TensorPrimitives.Subtract(all, sums[j], left);
                    double weight = 1 - weights[j],
                        g = TensorPrimitives.Dot<double>(left, left) / (weight * weight);
                    return ((squares.Sum() - squares[j]) / weight - g) / g;
                }),
        ];
        double mean = without.Average();
        double error = groups < 2 ? double.NaN : Math.Sqrt((groups - 1.0) / groups * without.Sum(x => (x - mean) * (x - mean)));
        return new NoiseScale(trace, square, new Estimate(trace / square, error));
    }

    /// <summary>From the mean squared norms of gradients of two batch sizes: both numbers unbiased, the ratio not quite (their appendix
    /// A.1). The error is of the draws, to first order.</summary>
    /// <param name="small">B_small, and |g|² of its draws.</param>
    /// <param name="big">B_big, and |g|² of its draws; +∞ with the one |∇F|² where the full gradient serves.</param>
    public static NoiseScale TwoBatches((double Size, double[] Squares) small, (double Size, double[] Squares) big)
    {
        double a = small.Squares.Average(),
            b = big.Squares.Average(),
            ratio = double.IsPositiveInfinity(big.Size) ? 0 : small.Size / big.Size;
        double trace = (a - b) * small.Size / (1 - ratio),
            square = (b - ratio * a) / (1 - ratio);
        if (!(square > 0))
            return new NoiseScale(trace, square, new Estimate(double.NaN, double.NaN));
        // B = s(a − b)/(b − ρa): ∂B/∂a = s(1 − ρ)b/(b − ρa)², ∂B/∂b = −s(1 − ρ)a/(b − ρa)².
        double slope = small.Size * (1 - ratio) / Math.Pow(b - ratio * a, 2);
        double ea = SampleError.OfMean(small.Squares),
            eb = big.Squares.Length > 1 ? SampleError.OfMean(big.Squares) : 0;
        return new NoiseScale(trace, square, new Estimate(trace / square, slope * double.Hypot(b * ea, a * eb)));
    }
}
