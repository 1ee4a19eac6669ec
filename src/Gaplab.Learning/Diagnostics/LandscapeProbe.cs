// The loss along every optimizer's update direction, at steps of equal length.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Statistics;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>f(θ + s·Δ/‖Δ‖₂) − f(θ) for s = ‖θ‖₂·10^x, x evenly from −4 to −0.5: the same lengths for every optimizer.</summary>
/// <remarks>"steps" [S]; "change" and "change-error" [updates, S], the error over the batches' differences; NaN rows where there is no
/// direction. "loss" is f(θ).</remarks>
internal sealed class LandscapeProbe(EvaluationSet set, int points) : IPointProbe
{
    internal const string Steps = "steps",
        Change = "change",
        ChangeError = "change-error",
        Loss = "loss";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "landscape",
            Says = "the loss along each optimizer's update, at steps of equal length",
            ByDefault = true,
            Command = "sharpness",
            Options =
            [
                new(
                    "",
                    SpecKey.Whole<ProbesSpec>(
                        "landscape-points",
                        2,
                        1000,
                        s => s.LandscapePoints,
                        (s, v) => s with { LandscapePoints = v },
                        "points at which the loss along an update is evaluated"
                    )
                ),
            ],
            Build = material => new LandscapeProbe(material.Evaluation, material.Spec.LandscapePoints),
        };

    public string Name => Kind.Name;

    public ProbeResult Measure(ProbePoint point)
    {
        double size = TensorPrimitives.Norm<double>(point.Theta);
        double[] weights = [.. set.Weights],
            here = DirectionalSharpness.Losses(point.Model, point.Theta, set, point.Theta, 0);
        double[] steps = [.. Enumerable.Range(0, points).Select(i => size * Math.Pow(10, -4 + 3.5 * i / Math.Max(1, points - 1)))];
        double[] change = new double[point.Updates.Count * points],
            error = new double[change.Length];
        Array.Fill(change, double.NaN);
        Array.Fill(error, double.NaN);
        for (int k = 0; k < point.Updates.Count; k++)
        {
            double[] delta = point.Updates[k].Delta;
            double length = TensorPrimitives.Norm<double>(delta);
            if (!(length > 0) || !double.IsFinite(length))
                continue;
            for (int i = 0; i < points; i++)
            {
                double[] there = DirectionalSharpness.Losses(point.Model, point.Theta, set, delta, steps[i] / length);
                (change[k * points + i], error[k * points + i]) = SampleError.OfMean([.. there.Zip(here, (a, b) => a - b)], weights);
            }
        }
        return new ProbeResult
        {
            Numbers = new Dictionary<string, double> { [Loss] = here.Zip(weights, (l, w) => l * w).Sum() },
            Arrays = new Dictionary<string, ProbeArray>
            {
                [Steps] = ProbeArray.Vector(steps),
                [Change] = new([point.Updates.Count, points], change),
                [ChangeError] = new([point.Updates.Count, points], error),
            },
        };
    }
}

/// <summary>What a file of the probe "landscape" says.</summary>
public static class LandscapeReading
{
    public static string Probe => LandscapeProbe.Kind.Name;

    /// <summary>For each update, in the order of the fact "updates": lengths of steps, and how the loss changes by them.</summary>
    public static IReadOnlyList<(double Length, double Change)[]> Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        double[] lengths = file.Read<double>(LandscapeProbe.Steps),
            change = file.Read<double>(LandscapeProbe.Change);
        return [.. change.Chunk(lengths.Length).Select(mine => lengths.Zip(mine).ToArray())];
    }
}
