// What the gap model needs of one block of parameters at one point: spectrum, and how noise and gradient lie in it.
using Gaplab.Learning.Params;
using Gaplab.Numerics.Linear;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>One block's measurements on common nodes.</summary>
/// <param name="Nodes">Curvatures, ascending.</param>
/// <param name="Weights">Share of the eigenvalues at each node; errors over the random vectors.</param>
/// <param name="NoiseVariance">Variance of one sample's gradient per eigenvector at each node; 0 where none was seen.</param>
/// <param name="GradientShares">Share of the squared mean gradient at each node.</param>
/// <param name="GradientNorm">Of the mean gradient, what the noise adds to its square taken off.</param>
/// <param name="Displacement">Squared length of a given way per eigenvector at each node; null where none was given.</param>
/// <param name="Alignment">Σ H_jj² / ‖H‖_F², from 1 where the block's Hessian is diagonal down to about 1/n.</param>
public sealed record BlockMeasurement(
    ParamBlock Block,
    double[] Nodes,
    Estimate[] Weights,
    Estimate[] NoiseVariance,
    double[] GradientShares,
    Estimate GradientNorm,
    double[]? Displacement,
    double Alignment
);

/// <summary>Measures blocks with Lanczos quadratures that start at random vectors (spectrum), at noise (its share at each curvature), at
/// the gradient and at a way gone.</summary>
/// <param name="lanczos">Products a quadrature.</param>
public sealed class BlockProbe(GradientSample sample, int lanczos)
{
    /// <summary>Quadratures a block: two random, two of noise, one of the gradient; one more for a way.</summary>
    public const int Quadratures = 5;

    // Half octaves below the largest |λ| that are told apart; below 2^-20 of it a curvature counts as 0.
    private const int Finest = 40;

    /// <summary>One block; null where a product was not finite.</summary>
    /// <param name="curvature">Of all parameters; its rows and columns outside the block are left out.</param>
    /// <param name="block">The block.</param>
    /// <param name="seed">Of the random streams.</param>
    /// <param name="way">A displacement [P] that is told apart by curvature too.</param>
    /// <param name="metric">Everything in this metric: curvature P^−½HP^−½, gradients P^−½g, the way P^½w; null: in the parameters'
    /// own.</param>
    public BlockMeasurement? Measure(Curvature curvature, ParamBlock block, long seed, double[]? way = null, AdamMetric? metric = null)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        ArgumentNullException.ThrowIfNull(block);
        int n = block.Count;
        double[] row = new double[curvature.Dimension],
            image = new double[curvature.Dimension];
        double[]? first = null;
        void Restricted(ReadOnlySpan<double> x, Span<double> product)
        {
            Array.Clear(row);
            block.Scatter(x, row);
            if (metric is not null)
                TensorPrimitives.Multiply(row, metric.GradientScale, row);
            curvature.Apply(row, image);
            if (metric is not null)
                TensorPrimitives.Multiply(image, metric.GradientScale, image);
            block.Gather(image, product);
            if (first is not null)
                return;
            // n·v⊙Hv of v = ±1/√n has the diagonal of H as its mean (Bekas, Kokiopoulou and Saad 2007).
            first = new double[n];
            for (int i = 0; i < n; i++)
                first[i] = n * x[i] * product[i];
        }
        Quadrature? Of(string purpose, double[] start) =>
            TensorPrimitives.SumOfSquares<double>(start) is > 0 and < double.PositiveInfinity
                ? Quadrature.From(Restricted, start, RandomStream.For(seed, $"probe/block/{purpose}/{block.Name}"), lanczos)
                : null;
        var random = new List<Quadrature>();
        var diagonals = new List<double[]>();
        for (int i = 0; i < 2; i++)
        {
            RandomStream stream = RandomStream.For(seed, $"probe/block/density/{block.Name}", i);
            double[] start = new double[n];
            for (int k = 0; k < n; k++)
                start[k] = stream.NextIndex(2) == 0 ? 1 : -1;
            first = null;
            if (Of("density", start) is not { } density)
                return null;
            random.Add(density);
            diagonals.Add(first!);
        }
        double[] Part(double[] whole)
        {
            double[] part = new double[n];
            block.Gather(whole, part);
            return part;
        }
        // A block that gets no gradient has no noise either: both lie nowhere.
        Quadrature[] noise = [.. sample.Noises.Select(u => Of("noise", Part(metric?.Gradient(u) ?? u))).OfType<Quadrature>()];
        Quadrature? gradient = Of("gradient", Part(metric?.Gradient(sample.Mean) ?? sample.Mean));
        if (way is not null && metric is not null)
            way = metric.Way(way);
        Quadrature? gone = way is null ? null : Of("way", Part(way));
        double second = random.Average(q => q.Nodes.Zip(q.Weights, (t, w) => w * t * t).Sum());
        double alignment = second > 0 ? Math.Clamp(TensorPrimitives.Dot<double>(diagonals[0], diagonals[1]) / (n * second), 0, 1) : 1;
        return Joined(
            block,
            random,
            noise,
            gradient,
            sample.NoiseTrace(block, metric),
            sample.MeanNorm(block, metric),
            gone,
            way is null ? null : block.Dot(way, way),
            alignment
        );
    }

    /// <summary>Quadratures have nodes of their own; here they meet on half octaves of curvature.</summary>
    private static BlockMeasurement Joined(
        ParamBlock block,
        List<Quadrature> random,
        Quadrature[] noise,
        Quadrature? gradient,
        Estimate trace,
        Estimate norm,
        Quadrature? gone,
        double? length,
        double alignment
    )
    {
        double largest = random.Max(q => q.Nodes.Max(Math.Abs));
        int Bin(double t) =>
            Math.Abs(t) <= largest * Math.Pow(2, -Finest / 2.0)
                ? 0
                : Math.Sign(t) * (Finest + 1 + (int)Math.Round(2 * Math.Log2(Math.Abs(t) / largest)));
        var bins = new SortedDictionary<int, (double Weight, double Moment)>();
        foreach (Quadrature q in random)
            for (int i = 0; i < q.Nodes.Count; i++)
            {
                (double weight, double moment) = bins.GetValueOrDefault(Bin(q.Nodes[i]));
                bins[Bin(q.Nodes[i])] = (weight + q.Weights[i], moment + q.Weights[i] * q.Nodes[i]);
            }
        foreach (int empty in bins.Where(b => !(b.Value.Weight > 1e-12)).Select(b => b.Key).ToArray())
            bins.Remove(empty);
        int[] keys = [.. bins.Keys];
        double[] Shares(Quadrature q)
        {
            double[] shares = new double[keys.Length];
            for (int i = 0; i < q.Nodes.Count; i++)
            {
                int at = Bin(q.Nodes[i]);
                shares[Array.IndexOf(keys, keys.MinBy(k => Math.Abs(k - at)))] += q.Weights[i];
            }
            return shares;
        }
        double[][] weights = [.. random.Select(Shares)],
            noises = [.. noise.Select(Shares)];
        Estimate[] share = [.. keys.Select((_, i) => Mean(weights, i))];
        Estimate[] variance =
        [
            .. keys.Select(
                (_, i) =>
                {
                    if (noises.Length == 0)
                        return new Estimate(0, 0);
                    Estimate part = Mean(noises, i);
                    double coordinates = block.Count * share[i].Value,
                        value = trace.Value * part.Value / coordinates;
                    double relative = part.Value > 0 ? double.Hypot(part.StandardError / part.Value, trace.StandardError / trace.Value) : 0;
                    return new Estimate(value, value * relative);
                }
            ),
        ];
        return new BlockMeasurement(
            block,
            [.. keys.Select(k => k == 0 ? 0 : bins[k].Moment / bins[k].Weight)],
            share,
            variance,
            gradient is null ? new double[keys.Length] : Shares(gradient),
            norm,
            length is null ? null
                : gone is null ? new double[keys.Length]
                : [.. Shares(gone).Select((s, i) => length.Value * s / (block.Count * share[i].Value))],
            alignment
        );
    }

    private static Estimate Mean(double[][] rows, int column)
    {
        double[] values = [.. rows.Select(r => r[column])];
        return new Estimate(values.Average(), values.Length > 1 ? SampleError.OfMean(values) : 0);
    }
}
