// How much of a mini-batch's gradient is signal, by layer: its square beside its noise, and how many of its signs are right.
using System.Globalization;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Files;
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
    internal const string GradientSquare = "gradient-square",
        NoiseTrace = "noise-trace",
        NoiseScale = "noise-scale",
        RightSigns = "signs";

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
                [GradientSquare] = ProbeArray.Vector(squares),
                [NoiseTrace] = ProbeArray.Vector(traces),
                [NoiseScale] = ProbeArray.Vector(traces.Zip(squares, (t, s) => t / s)),
                [RightSigns] = new(
                    [sizes.Length, parts.Length],
                    [.. sizes.SelectMany(b => parts.Select(p => Signs(p.Mean, p.Variance, b)))]
                ),
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

/// <summary>What a file of the probe "signal" says of one layer.</summary>
/// <param name="Layer"><see cref="Whole"/>, or a layer's name.</param>
/// <param name="GradientSquare">‖∇F‖².</param>
/// <param name="NoiseTrace">tr Σ of one sample's gradient.</param>
/// <param name="NoiseScale">tr Σ/‖∇F‖², in samples.</param>
/// <param name="Signs">By the samples of a mini-batch, the share of signs that it has right, in [½, 1].</param>
public sealed record SignalReading(
    string Layer,
    double GradientSquare,
    double NoiseTrace,
    double NoiseScale,
    IReadOnlyList<(int Batch, double Right)> Signs
)
{
    /// <summary>All parameters together: the first of a file.</summary>
    public const string Whole = "all";

    public static string Probe => SignalProbe.Kind.Name;

    /// <summary>All layers of a file, in its order.</summary>
    public static IReadOnlyList<SignalReading> Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string[] layers = ProbeFacts.Lines(file.Metadata[NoiseFile.LayersFact]);
        int[] sizes = [.. ProbeFacts.Lines(file.Metadata[NoiseFile.BatchesFact]).Select(b => int.Parse(b, CultureInfo.InvariantCulture))];
        double[] squares = file.Read<double>(SignalProbe.GradientSquare),
            traces = file.Read<double>(SignalProbe.NoiseTrace),
            scales = file.Read<double>(SignalProbe.NoiseScale),
            signs = file.Read<double>(SignalProbe.RightSigns);
        return
        [
            .. layers.Select(
                (layer, l) =>
                    new SignalReading(
                        layer,
                        squares[l],
                        traces[l],
                        scales[l],
                        [.. sizes.Select((b, i) => (b, signs[i * layers.Length + l]))]
                    )
            ),
        ];
    }

    /// <summary>The mean of every number over runs of one layer and the same sizes.</summary>
    public static SignalReading Mean(IReadOnlyList<SignalReading> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs[0] with
        {
            GradientSquare = runs.Average(r => r.GradientSquare),
            NoiseTrace = runs.Average(r => r.NoiseTrace),
            NoiseScale = runs.Average(r => r.NoiseScale),
            Signs = [.. runs[0].Signs.Select((s, i) => (s.Batch, runs.Average(r => r.Signs[i].Right)))],
        };
    }
}
