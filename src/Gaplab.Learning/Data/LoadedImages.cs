// Where a task's images come from: files of each format, and what of them is held out for validation.
using System.Security.Cryptography;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>All training and validation images that a task's files hold, before any choice among them.</summary>
internal sealed record LoadedImages(ImageSet Train, ImageSet Validation, int Classes)
{
    /// <exception cref="InputException">Missing or broken files.</exception>
    public static LoadedImages Of(TaskSpec spec)
    {
        switch (spec.Kind)
        {
            case "idx":
            {
                (ImageSet train, ImageSet validation) = IdxImages.ReadFolder(Path(spec));
                ImageSet.CheckAlike("the training images", train, "the validation images", validation);
                return new LoadedImages(train, validation, Math.Max(train.Classes, validation.Classes));
            }
            case "cifar":
            {
                (ImageSet train, ImageSet? validation, int classes) = CifarImages.Read(Path(spec), spec.ValidationPath, spec.Classes);
                return validation is null ? Split(train, classes, spec) : new LoadedImages(train, validation, classes);
            }
            default: throw new InputException($"task.kind is '{spec.Kind}'; expected one of {string.Join(", ", TaskCatalogue.Kinds)}");
        }
    }

    /// <summary>SHA-256 of the images and labels as they are when unpacked.</summary>
    public string Content() => Convert.ToHexStringLower(SHA256.HashData([.. Train.Hash(), .. Validation.Hash()]));

    // Files are often sorted by class, so validation is a random part and not the last one.
    private static LoadedImages Split(ImageSet all, int classes, TaskSpec spec)
    {
        int held = (int)Math.Round(all.Count * spec.ValidationFraction);
        if (held < 1 || held >= all.Count) throw new InputException(FormattableString.Invariant($"{spec.Path}: {all.Count} images leave none for {(held < 1 ? "validation" : "training")} at task.validation-fraction {spec.ValidationFraction}; use more images or another fraction"));
        HashSet<int> validation = [.. ImageSelection.First(all.Count, held, spec.SourceSeed, "data/validation")];
        return new LoadedImages(all.Take([.. Enumerable.Range(0, all.Count).Where(i => !validation.Contains(i))]), all.Take([.. validation.Order()]), classes);
    }

    private static string Path(TaskSpec spec) => spec.Path ?? throw new InputException($"task.path is missing; a task of kind {spec.Kind} needs the folder or file of its images");
}
