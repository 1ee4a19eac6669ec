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
internal sealed record LoadedImages(ImageSet Train, ImageSet Validation, int Classes, double? LeastLoss = null)
{
    private const int ShapeSide = 16,
        BarcodeSide = 16;

    /// <exception cref="InputException">Missing or broken files, or keys that fit no generator.</exception>
    public static LoadedImages Of(TaskSpec spec)
    {
        switch (spec.Kind)
        {
            case "idx":
            {
                (ImageSet train, ImageSet validation) = IdxImages.ReadFolder(Path(spec));
                ImageSet.CheckAlike("the training images", train, "the validation images", validation);
                return new LoadedImages(train, validation, IdxImages.Classes(Path(spec), train, validation, spec.Classes));
            }
            case "cifar":
            {
                (ImageSet train, ImageSet? validation, int classes) = CifarImages.Read(Path(spec), spec.ValidationPath, spec.Classes);
                return validation is null ? Split(train, classes, spec) : new LoadedImages(train, validation, classes);
            }
            case "image-folder":
            {
                (ImageSet train, ImageSet? validation, int classes) = ImageFolder.Read(
                    Path(spec),
                    spec.ValidationPath,
                    spec.Side == 0 ? 32 : spec.Side
                );
                return validation is null ? Split(train, classes, spec) : new LoadedImages(train, validation, classes);
            }
            case "shapes":
            {
                (int classes, int side) = (spec.Classes == 0 ? 10 : spec.Classes, spec.Side == 0 ? ShapeSide : spec.Side);
                if (classes is < 2 or > ShapeImages.MostClasses)
                    throw new InputException($"task.classes is {classes}; shapes and textures make 2 to {ShapeImages.MostClasses}");
                if (side < ShapeImages.LeastSide)
                    throw new InputException($"task.side is {side}; shapes need at least {ShapeImages.LeastSide} pixels");
                if (spec.Overlap > 1 - 1.0 / classes)
                    throw new InputException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"task.overlap is {spec.Overlap}; with {classes} classes 1 − 1/{classes} makes labels pure chance already, "
                                + $"expected at most {1 - 1.0 / classes:g4}"
                        )
                    );
                CheckSize(spec.ImageCount, side);
                return Split(ShapeImages.Make(spec.ImageCount, classes, side, spec.Overlap, spec.SourceSeed), classes, spec) with
                {
                    LeastLoss = ShapeImages.LeastLoss(classes, spec.Overlap),
                };
            }
            case "barcodes":
            {
                (int classes, int side) = (spec.Classes == 0 ? 64 : spec.Classes, spec.Side == 0 ? BarcodeSide : spec.Side);
                if (side is < 4 or > BarcodeImages.MostSide)
                    throw new InputException($"task.side is {side}; barcodes have 4 to {BarcodeImages.MostSide} bars");
                CheckSize(spec.ImageCount, side);
                var source = new BarcodeImages(classes, side, spec.Exponent, spec.BarNoise, spec.SourceSeed);
                LoadedImages images = Split(source.Make(spec.ImageCount), classes, spec);
                return images with { LeastLoss = source.LeastLoss(images.Validation) };
            }
            default:
                throw new InputException($"task.kind is '{spec.Kind}'; expected one of {string.Join(", ", TaskCatalogue.Kinds)}");
        }
    }

    /// <summary>SHA-256 of the images and labels as they are when unpacked.</summary>
    public string Content() => Convert.ToHexStringLower(SHA256.HashData([.. Train.Hash(), .. Validation.Hash()]));

    // Files are often sorted by class, so validation is a random part and not the last one.
    private static LoadedImages Split(ImageSet all, int classes, TaskSpec spec)
    {
        int held = (int)Math.Round(all.Count * spec.ValidationFraction);
        if (held < 1 || held >= all.Count)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{spec.Path ?? "task.images"}: {all.Count} images leave none for {(held < 1 ? "validation" : "training")} at "
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

    private static void CheckSize(long count, long side)
    {
        if (count * side * side > Array.MaxLength)
            throw new InputException(
                $"task.images {count} of {side}x{side} are {count * side * side} bytes; expected at most {Array.MaxLength}"
            );
    }

    private static string Path(TaskSpec spec) =>
        spec.Path ?? throw new InputException($"task.path is missing; a task of kind {spec.Kind} needs the folder or file of its images");
}
