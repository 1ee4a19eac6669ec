// How much of a mini-batch's gradient is signal, by layer: its square beside its noise, and how many of its signs are right.
using System.Globalization;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Distributions;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Of ∇F over the subset and Σ, the covariance of one sample's gradient, for all parameters and for every layer.</summary>
/// <remarks>
/// Arrays over the fact "layers", "all" first: "gradient-square" ‖∇F‖², "noise-trace" tr Σ, "noise-scale" tr Σ/‖∇F‖², the batch size at
/// which both are equal (McCandlish et al. 2018). "signs" [sizes, layers], a row for each line of the fact "batches": the mean over the
/// coordinates that have any gradient of Φ(√B·|∇F_i|/σ_i), σ_i² = Σ_ii, the chance that a mini-batch of B samples has the sign of ∇F there,
/// with normal noise: from ½, where a step by signs is a coin for each coordinate, to 1 (Bernstein et al. 2018, section 3).
/// </remarks>
internal sealed class SignalProbe(TrainingSubset subset, NoiseSpec spec) : IPointProbe
{
    public string Name => Kind.Name;

    public ProbeResult Measure(ProbePoint point)
    {
        int n = point.Theta.Length;
        double[] mean = new double[n],
            variance = new double[n],
            square = new double[n];
        subset.Gradients(
            point.Model,
            point.Theta,
            [.. Enumerable.Range(0, subset.Count).Select(i => (int[])[i])],
            (i, g) =>
            {
                double weight = subset.Weight(i);
                TensorPrimitives.MultiplyAdd(g, weight, mean, mean);
                TensorPrimitives.Multiply(g, g, square);
                TensorPrimitives.MultiplyAdd(square, weight, variance, variance);
            }
        );
        for (int i = 0; i < n; i++)
            variance[i] = Math.Max(0, variance[i] - mean[i] * mean[i]);
        int[] sizes = NoiseProbe.Batches(spec, point.Batch);
        ParamBlock[] layers = [ParamBlock.All(point.Model.Layout), .. ParamBlock.Layers(point.Model.Layout)];
        (double[] Mean, double[] Variance)[] parts = [.. layers.Select(l => (Part(l, mean), Part(l, variance)))];
        double[] squares = [.. parts.Select(p => TensorPrimitives.SumOfSquares<double>(p.Mean))],
            traces = [.. parts.Select(p => TensorPrimitives.Sum<double>(p.Variance))];
        return new ProbeResult
        {
            Arrays = new Dictionary<string, ProbeArray>
            {
                ["gradient-square"] = ProbeArray.Vector(squares),
                ["noise-trace"] = ProbeArray.Vector(traces),
                ["noise-scale"] = ProbeArray.Vector(traces.Zip(squares, (t, s) => t / s)),
                ["signs"] = new([sizes.Length, parts.Length], [.. sizes.SelectMany(b => parts.Select(p => Signs(p.Mean, p.Variance, b)))]),
            },
            Facts = new Dictionary<string, string>
            {
                [NoiseFile.BatchesFact] = ProbeFacts.OfLines(sizes.Select(b => b.ToString(CultureInfo.InvariantCulture))),
                [NoiseFile.LayersFact] = ProbeFacts.OfLines(layers.Select(l => l.Name)),
            },
        };
    }

    private static double[] Part(ParamBlock block, double[] row)
    {
        double[] part = new double[block.Count];
        block.Gather(row, part);
        return part;
    }

    private static double Signs(double[] mean, double[] variance, int batch) =>
        mean.Zip(variance)
            .Where(c => c.First != 0 || c.Second > 0)
            .Select(c => NormalDistribution.Cumulative(Math.Sqrt(batch / c.Second) * Math.Abs(c.First)))
            .DefaultIfEmpty(double.NaN)
            .Average();

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "signal",
            Says = "by layer, the gradient beside the noise of one sample, and the share of signs that a mini-batch has right",
            Options = [NoiseKey.All],
            Build = material => new SignalProbe(material.Subset, material.Noise),
        };
}
