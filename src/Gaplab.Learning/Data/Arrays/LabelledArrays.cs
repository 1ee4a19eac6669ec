// Images or vectors with their classes from arrays of other programs: .npy, .npz and safetensors files.
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;

namespace Gaplab.Learning.Data.Arrays;

/// <summary>An array [N, C, H, W] or [N, H, W] of images, or [N, D] of vectors, and an array [N] of classes.</summary>
/// <remarks>The inputs are mapped and never held in memory; the classes are. A vector is an image of D channels in a plane of 1x1, so that
/// what is said of channels (normalise) holds of each of its numbers.</remarks>
internal static class LabelledArrays
{
    private const int MostClasses = 65536;

    private static LoadedImages Loaded(TaskSpec spec)
    {
        var files = new List<IDisposable>();
        try
        {
            ImageSet train = Read(spec, spec.Inputs, spec.TargetArray, files);
            if (train.Flat && (spec.Flip || spec.Crop > 0))
                throw new InputException(
                    $"{spec.Inputs}: holds vectors of {train.Channels} numbers, which task.{(spec.Flip ? "flip" : "crop")} cannot act on; "
                        + $"leave it out, or give images [N, C, H, W]"
                );
            if (spec.ValidationInputs is null)
                return LoadedImages.Split(train, IdxImages.Classes(spec.TargetArray!, train, train, spec.Classes), spec) with
                {
                    Files = files,
                };
            ImageSet validation = Read(spec, spec.ValidationInputs, spec.ValidationTargetArray, files);
            ImageSet.CheckAlike(spec.Inputs!, train, spec.ValidationInputs, validation);
            if (train.Numbers.Element != validation.Numbers.Element)
                throw new InputException(
                    $"{spec.Inputs} and {spec.ValidationInputs} hold numbers of different types; expected one: bytes are scaled to 0 … 1, "
                        + $"all others taken as they are"
                );
            return new LoadedImages(train, validation, IdxImages.Classes(spec.TargetArray!, train, validation, spec.Classes))
            {
                Files = files,
            };
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static ImageSet Read(TaskSpec spec, string? inputsPath, string? targetsPath, List<IDisposable> files)
    {
        if (inputsPath is null || targetsPath is null)
            throw new InputException(
                $"task.{(inputsPath is null ? "inputs" : "targets")} is missing; a task of kind {spec.Kind} needs an array of inputs and "
                    + $"one of classes"
            );
        MappedArray inputs = MappedArray.Open(inputsPath);
        files.Add(inputs);
        (int channels, int height, int width) = Extents(inputs);
        int[] labels;
        using (MappedArray targets = MappedArray.Open(targetsPath))
        {
            CheckRows(inputs, targets);
            labels = Labels(targets);
        }
        return new ImageSet(channels, height, width, new MappedNumbers(inputs), labels) { Flat = inputs.Shape.Count == 2 };
    }

    /// <exception cref="InputException">Arrays of different numbers of rows.</exception>
    internal static void CheckRows(MappedArray inputs, MappedArray targets)
    {
        if (inputs.Rows != targets.Rows)
            throw new InputException(
                $"{inputs.Path} has {inputs.Rows} rows (shape {inputs.ShapeText}), {targets.Path} {targets.Rows} (shape "
                    + $"{targets.ShapeText}); expected as many: row i of one belongs to row i of the other"
            );
        if (inputs.Rows > Array.MaxLength)
            throw new InputException($"{inputs.Path}: has {inputs.Rows} rows; expected at most {Array.MaxLength}");
    }

    private static (int Channels, int Height, int Width) Extents(MappedArray inputs)
    {
        IReadOnlyList<long> shape = inputs.Shape;
        if (shape.Count is < 2 or > 4)
            throw new InputException(
                $"{inputs.Path}: has the shape {inputs.ShapeText}; expected images [N, C, H, W] or [N, H, W], or vectors [N, D]"
                    + (shape.Count == 1 ? ": of one number a row, save x.reshape(-1, 1)" : "")
            );
        // Channels come last in many programs; as channels first, an image of 32x32 with 3 would be one of 32x3 with 32.
        if (shape.Count == 4 && shape[3] is 1 or 3 or 4 && shape[1] > 4)
            throw new InputException(
                $"{inputs.Path}: its shape {inputs.ShapeText} looks like [N, H, W, C]; expected [N, C, H, W]: save x.transpose(0, 3, 1, 2)"
            );
        return shape.Count switch
        {
            2 => ((int)shape[1], 1, 1),
            3 => (1, (int)shape[1], (int)shape[2]),
            _ => ((int)shape[1], (int)shape[2], (int)shape[3]),
        };
    }

    private static int[] Labels(MappedArray targets)
    {
        if (!targets.IsWhole)
            throw new InputException(
                $"{targets.Path}: holds {targets.TypeName} numbers; expected whole ones, the classes (save y.astype('int64')): models of "
                    + $"arrays have no loss for a number that is to be predicted"
            );
        if (targets.RowLength != 1)
            throw new InputException(
                $"{targets.Path}: has the shape {targets.ShapeText}; expected [N], a class a row"
                    + (targets.Shape.Count == 2 ? ": of one column a class, save y.argmax(axis=1)" : "")
            );
        int[] labels = new int[targets.Rows];
        Span<long> one = stackalloc long[1];
        for (int row = 0; row < labels.Length; row++)
        {
            targets.Read(row, one);
            labels[row] = one[0] is >= 0 and < MostClasses
                ? (int)one[0]
                : throw new InputException($"{targets.Path}: row {row} holds class {one[0]}; expected 0 to {MostClasses - 1}");
        }
        return labels;
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "arrays",
            Says = "images or vectors with classes, as arrays of NumPy or safetensors files",
            Samples = SampleKind.Images,
            Defaults = new TaskSpec
            {
                Kind = "arrays",
                Context = 1,
                Normalise = false,
            },
            Keys =
            [
                ArrayKey.Inputs("an array of images [N, C, H, W] or [N, H, W], or of vectors [N, D]: FILE, or FILE:NAME"),
                ArrayKey.Targets("the array [N] of their classes, from 0: FILE, or FILE:NAME") with
                {
                    Required = "the array of the classes, a .npy, .npz or .safetensors file, with :NAME behind it where it holds several",
                },
                ArrayKey.ValidationInputs,
                ArrayKey.ValidationTargets,
                TaskKey.ValidationFraction,
                TaskKey.Classes with
                {
                    DefaultText = "as the files say",
                },
                .. TaskKey.Images,
            ],
            Classifies = true,
            Load = spec => ImageTask.Load(spec, Loaded),
            Facts = Facts,
            Objection = ArrayKey.Objection,
            ImpliedBy = ["inputs"],
            Elsewhere = ["numpy", "npy", "npz", "safetensors", "tensordataset", "tabular"],
        };

    /// <summary>What a page says of arrays.</summary>
    internal static IReadOnlyList<SpecFact> Facts(TaskSpec task)
    {
        string[] names = [.. ((string?[])[task.Inputs, task.TargetArray]).OfType<string>().Select(p => Path.GetFileName(p))];
        return [new("inputs", $"{string.Join(", ", names.Distinct())} ({task.Kind})"), .. TaskFact.Content(task)];
    }
}
