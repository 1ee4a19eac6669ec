// Where a task's images come from: files of each format or a generator, and what of them is held out for validation.
using System.Globalization;
using System.Security.Cryptography;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>All training and validation images of a task, before any choice among them.</summary>
/// <param name="Train">To train on.</param>
/// <param name="Validation">Held out.</param>
/// <param name="Classes">K.</param>
/// <param name="LeastLoss">The least possible validation loss in nats, of generated images.</param>
internal sealed record LoadedImages(ImageSet Train, ImageSet Validation, int Classes, double? LeastLoss = null) : IDisposable
{
    /// <summary>Mapped files that they lie in, disposed of with the task.</summary>
    public IReadOnlyList<IDisposable> Files { get; init; } = [];

    public void Dispose()
    {
        foreach (IDisposable file in Files)
            file.Dispose();
    }

    /// <summary>Whether numbers define them: they have no content to hash.</summary>
    public bool Generated { get; init; }

    /// <summary>SHA-256 of the images and labels as they are when unpacked; null of generated ones.</summary>
    public string? Content() => Generated ? null : Convert.ToHexStringLower(SHA256.HashData([.. Train.Hash(), .. Validation.Hash()]));

    /// <summary>Holds out a random part: files are often sorted by class, so it is not the last one.</summary>
    /// <exception cref="InputException">A fraction that leaves a part empty.</exception>
    internal static LoadedImages Split(ImageSet all, int classes, TaskSpec spec)
    {
        int held = (int)Math.Round(all.Count * spec.ValidationFraction);
        if (held < 1 || held >= all.Count)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{spec.Origin() ?? "task.images"}: {all.Count} images leave none for {(held < 1 ? "validation" : "training")} at "
                        + $"task.validation-fraction {spec.ValidationFraction}; use more images or another fraction"
                )
            );
        HashSet<int> validation = [.. ImageSelection.First(all.Count, held, spec.SourceSeed, "data/validation")];
        return new LoadedImages(
            all.Take([.. Enumerable.Range(0, all.Count).Where(i => !validation.Contains(i))]),
            all.Take([.. validation.Order()]),
            classes
        );
    }

    /// <exception cref="InputException">More bytes than an array holds.</exception>
    internal static void CheckSize(long count, long side)
    {
        if (count * side * side > Array.MaxLength)
            throw new InputException(
                $"task.images {count} of {side}x{side} are {count * side * side} bytes; expected at most {Array.MaxLength}"
            );
    }

    /// <exception cref="InputException">There is none.</exception>
    internal static string Path(TaskSpec spec) =>
        spec.Path ?? throw new InputException($"task.path is missing; a task of kind {spec.Kind} needs the folder or file of its images");
}
