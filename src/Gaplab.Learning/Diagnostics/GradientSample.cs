// Gradients of single samples at a point, reduced to what blocks ask for: the mean, the noise's size, and vectors drawn like the noise.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>The per-sample gradients gᵢ of a subset at θ, N of them, seen twice and not kept.</summary>
public sealed class GradientSample
{
    private readonly Dictionary<string, double[]> _squares = [];
    private readonly int _count;

    private GradientSample(double[] mean, double[] square, double[][] noises, int count) =>
        (Mean, Square, Noises, _count) = (mean, square, noises, count);

    /// <summary>N.</summary>
    public int Count => _count;

    /// <summary>G [P], the mean.</summary>
    public double[] Mean { get; }

    /// <summary>Mean of gᵢ² by coordinate [P].</summary>
    public double[] Square { get; }

    /// <summary>Σ εᵢ(gᵢ − G)/√(N−1) [P], εᵢ = ±1 at random: vectors whose covariance is that of one sample's gradient.</summary>
    public IReadOnlyList<double[]> Noises { get; }

    /// <param name="subset">The samples, at least 2; each counts alike.</param>
    /// <param name="model">Of one replica.</param>
    /// <param name="theta">θ [P].</param>
    /// <param name="blocks">Whose norms are wanted.</param>
    /// <param name="seed">Of the signs.</param>
    public static GradientSample Of(TrainingSubset subset, IModel model, double[] theta, IReadOnlyList<ParamBlock> blocks, long seed)
    {
        ArgumentNullException.ThrowIfNull(subset);
        ArgumentNullException.ThrowIfNull(blocks);
        int count = subset.Count;
        if (count < 2)
            throw new InputException($"the noise of gradients needs at least 2 training samples; there is {count}");
        double[] mean = new double[theta.Length],
            square = new double[theta.Length],
            offset = new double[theta.Length];
        double[][] noises = [new double[theta.Length], new double[theta.Length]];
        int[][] single = [.. Enumerable.Range(0, count).Select(i => (int[])[i])];
        RandomStream random = RandomStream.For(seed, "probe/noise-signs");
        bool[][] plus = [.. noises.Select(_ => Enumerable.Range(0, count).Select(_ => random.NextIndex(2) == 0).ToArray())];
        subset.Gradients(
            model,
            theta,
            single,
            (_, g) =>
            {
                TensorPrimitives.MultiplyAdd(g, 1.0 / count, mean, mean);
                TensorPrimitives.Multiply(g, g, offset);
                TensorPrimitives.MultiplyAdd(offset, 1.0 / count, square, square);
            }
        );
        var sample = new GradientSample(mean, square, noises, count);
        foreach (ParamBlock block in blocks)
            sample._squares[block.Name] = new double[count];
        double scale = 1 / Math.Sqrt(count - 1.0);
        subset.Gradients(
            model,
            theta,
            single,
            (i, g) =>
            {
                TensorPrimitives.Subtract(g, mean, offset);
                foreach (ParamBlock block in blocks)
                    sample._squares[block.Name][i] = block.Dot(offset, offset);
                for (int k = 0; k < noises.Length; k++)
                    TensorPrimitives.MultiplyAdd(offset, plus[k][i] ? scale : -scale, noises[k], noises[k]);
            }
        );
        return sample;
    }

    /// <summary>Σ over the block of one sample's gradient variances, tr Σ; in a metric those of the gradient there, with the same relative
    /// error.</summary>
    public Estimate NoiseTrace(ParamBlock block, AdamMetric? metric = null)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (metric is not null)
        {
            double[] variance = new double[Mean.Length];
            for (int j = 0; j < variance.Length; j++)
                variance[j] = Math.Max(0, Square[j] - Mean[j] * Mean[j]) * _count / (_count - 1.0);
            Estimate raw = NoiseTrace(block);
            double there = block.Dot(metric.GradientScale, metric.Gradient(variance));
            return new Estimate(there, raw.Value > 0 ? there * raw.StandardError / raw.Value : 0);
        }
        double[] squares = _squares[block.Name];
        double correction = _count / (_count - 1.0);
        return new Estimate(correction * squares.Average(), correction * SampleError.OfMean(squares));
    }

    /// <summary>|∇F| over the block: |G|² has tr Σ/N of the sample's own noise, which is taken off, down to a hundredth at most.</summary>
    public Estimate MeanNorm(ParamBlock block, AdamMetric? metric = null)
    {
        ArgumentNullException.ThrowIfNull(block);
        double[] mean = metric?.Gradient(Mean) ?? Mean;
        double square = block.Dot(mean, mean),
            noise = NoiseTrace(block, metric).Value / _count;
        double value = Math.Sqrt(Math.Max(square - noise, 0.01 * square));
        // G's error along itself is at most the root of the noise's part.
        return new Estimate(
            value,
            value > 0 ? Math.Min(value, Math.Sqrt(noise)) / Math.Sqrt(Math.Max(1, Math.Min(block.Count, _count))) : 0
        );
    }
}
