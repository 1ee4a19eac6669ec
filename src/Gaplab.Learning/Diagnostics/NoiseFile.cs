// What the probes "noise" and "adam-noise" leave, read back: whose noise, of which batch sizes, by layer.
using System.Globalization;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Diagnostics;

/// <summary>One file. It stays the caller's to dispose.</summary>
public sealed class NoiseFile(SafetensorsReader file)
{
    /// <summary>Whose noise.</summary>
    public const string Sgd = "sgd",
        Adam = "adam";

    internal const string BatchesFact = "batches",
        LayersFact = "layers",
        Norm = ".norm";

    /// <summary>Those whose noise a probe records.</summary>
    public static IReadOnlyList<string> Recorded(string probe) => probe == NoiseProbe.Kind.Name ? [Sgd] : [Sgd, Adam];

    /// <summary>The probe that records the noise at a point, and the one that follows a window.</summary>
    public static string AtPoint => NoiseProbe.Kind.Name;

    /// <inheritdoc cref="AtPoint"/>
    public static string InWindow => AdamNoiseProbe.Kind.Name;

    /// <summary>Samples a mini-batch, a size each.</summary>
    public IReadOnlyList<int> Batches { get; } =
    [.. ProbeFacts.Lines(file.Metadata[BatchesFact]).Select(b => int.Parse(b, CultureInfo.InvariantCulture))];

    /// <summary>Layers with the number of their coordinates, in the order of a row's columns.</summary>
    public IReadOnlyList<(string Name, int Count)> Layers { get; } =
    [
        .. ProbeFacts
            .Lines(file.Metadata[LayersFact])
            .Select(l => l.Split(' '))
            .Select(l => (l[0], int.Parse(l[1], CultureInfo.InvariantCulture))),
    ];

    /// <summary>Coordinates of a row.</summary>
    public int Width(string noise, int batch) => (int)file.Entry(Array(noise, batch)).Shape[1];

    /// <summary>[mini-batches, coordinates], row-major.</summary>
    public double[] Rows(string noise, int batch) => file.Read<double>(Array(noise, batch));

    /// <summary>2-norms over all parameters [mini-batches].</summary>
    public double[] Norms(string noise, int batch) => file.Read<double>(Array(noise, batch) + Norm);

    internal static string Array(string noise, int batch) => string.Create(CultureInfo.InvariantCulture, $"{noise}.b{batch}");
}

/// <summary>The gradient noise scale of a file of the probe "noise": exact, and from two batch sizes.</summary>
public readonly record struct NoiseScaleReading(double Scale, double Error, double TwoBatch, double TwoBatchError)
{
    /// <summary>Null of a file that has none.</summary>
    public static NoiseScaleReading? Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Contains(NoiseProbe.Scale)
            ? new(
                file.Read<double>(NoiseProbe.Scale)[0],
                file.Read<double>(NoiseProbe.ScaleError)[0],
                file.Read<double>(NoiseProbe.TwoBatchScale)[0],
                file.Read<double>(NoiseProbe.TwoBatchScaleError)[0]
            )
            : null;
    }
}
