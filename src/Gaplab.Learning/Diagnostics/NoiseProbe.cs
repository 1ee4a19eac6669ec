// SGD's gradient noise at a point, for several batch sizes, and the gradient noise scale.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>u = ∇f_S(θ) − ∇F(θ) of independent mini-batches S of each size, at one θ.</summary>
/// <remarks>Arrays: "sgd.b16" [draws, coordinates], "sgd.b16.norm" [draws], "sgd.b16.whole" [kept, all coordinates], "coordinates". Facts:
/// "layers" and "whole-layers", name and number of coordinates a line, in column order.</remarks>
internal sealed class NoiseProbe(TrainingSubset subset, NoiseSpec spec) : IPointProbe
{
    internal const string Scale = "noise-scale",
        ScaleError = "noise-scale-error",
        TwoBatchScale = "two-batch-noise-scale",
        TwoBatchScaleError = "two-batch-noise-scale-error";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "noise",
            Says = "SGD's gradient noise at a point, for several batch sizes, and the gradient noise scale",
            Command = "noise",
            Options = [NoiseKey.All],
            Build = material => new NoiseProbe(material.Subset, material.Noise),
        };

    public string Name => Kind.Name;

    public ProbeResult Measure(ProbePoint point)
    {
        double[] full = subset.Gradient(point.Model, point.Theta),
            noise = new double[full.Length];
        NoiseCoordinates coordinates = NoiseCoordinates.Share(point.Model.Layout, spec.Coordinates),
            whole = NoiseCoordinates.Whole(point.Model.Layout, spec.WholeOf(full.Length));
        var arrays = new Dictionary<string, ProbeArray> { ["coordinates"] = ProbeArray.Vector(coordinates.Indices.Select(i => (double)i)) };
        int[] batches = Batches(spec, point.Batch);
        var squares = new List<(double Size, double[] Squares)>();
        foreach (int batch in batches)
        {
            RandomStream random = RandomStream.For(point.Seed, Stream(Name, batch), point.Step);
            var record = new NoiseRecord(NoiseFile.Array(NoiseFile.Sgd, batch), spec.Draws, spec.Whole, coordinates, whole);
            double[] norms = new double[spec.Draws];
            subset.Gradients(
                point.Model,
                point.Theta,
                [.. Enumerable.Range(0, spec.Draws).Select(_ => subset.Draw(random, batch))],
                (k, g) =>
                {
                    norms[k] = TensorPrimitives.Dot(g, g);
                    TensorPrimitives.Subtract(g, full, noise);
                    record.Add(noise);
                }
            );
            record.AddTo(arrays);
            squares.Add((batch, norms));
        }
        NoiseScale exact = NoiseScale.Exact(subset, point.Model, point.Theta);
        NoiseScale two = NoiseScale.TwoBatches(
            squares[0],
            squares.Count > 1 ? squares[^1] : (double.PositiveInfinity, [TensorPrimitives.Dot<double>(full, full)])
        );
        return new ProbeResult
        {
            Numbers = new Dictionary<string, double>
            {
                ["trace"] = exact.Trace,
                ["gradient-square"] = exact.GradientSquare,
                [Scale] = exact.Scale.Value,
                [ScaleError] = exact.Scale.StandardError,
                ["two-batch-trace"] = two.Trace,
                ["two-batch-gradient-square"] = two.GradientSquare,
                [TwoBatchScale] = two.Scale.Value,
                [TwoBatchScaleError] = two.Scale.StandardError,
            },
            Arrays = arrays,
            Facts = Facts(subset, batches, coordinates, whole),
        };
    }

    internal static int[] Batches(NoiseSpec spec, int own) => spec.Batches.Count == 0 ? [own] : [.. spec.Batches.Order()];

    internal static string Stream(string probe, int batch) => string.Create(CultureInfo.InvariantCulture, $"probe/{probe}/{batch}");

    internal static Dictionary<string, string> Facts(
        TrainingSubset subset,
        int[] batches,
        NoiseCoordinates coordinates,
        NoiseCoordinates whole
    ) =>
        new()
        {
            ["subset"] = string.Create(CultureInfo.InvariantCulture, $"{subset.Count} evenly spaced training samples"),
            [NoiseFile.BatchesFact] = ProbeFacts.OfLines(batches.Select(b => b.ToString(CultureInfo.InvariantCulture))),
            [NoiseFile.LayersFact] = coordinates.Describe(),
            ["whole-layers"] = whole.Describe(),
        };
}
