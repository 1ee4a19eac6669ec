// The keys of "task" that name arrays in files.
using Gaplab.Numerics;
using static Gaplab.Learning.Specs.SpecKey;
using Key = Gaplab.Learning.Specs.SpecKey<Gaplab.Learning.Specs.TaskSpec>;
using T = Gaplab.Learning.Specs.TaskSpec;

namespace Gaplab.Learning.Data.Arrays;

/// <summary>Keys for the rows of tasks of arrays: FILE, or FILE:NAME where a file holds several.</summary>
internal static class ArrayKey
{
    public static readonly Key ValidationInputs = Path<T>(
        "validation-inputs",
        t => t.ValidationInputs,
        (t, v) => t with { ValidationInputs = v },
        "validation rows in the form of `inputs`; without them a random part of the rows is held out"
    );

    public static readonly Key ValidationTargets = Path<T>(
        "validation-targets",
        t => t.ValidationTargetArray,
        (t, v) => t with { ValidationTargetArray = v },
        "what is to be predicted of `validation-inputs`"
    );

    /// <param name="says">What its rows are.</param>
    public static Key Inputs(string says) =>
        Path<T>("inputs", t => t.Inputs, (t, v) => t with { Inputs = v }, says) with
        {
            Required = "a .npy, .npz or .safetensors file, with :NAME behind it where it holds several arrays",
        };

    /// <param name="says">What they are.</param>
    public static Key Targets(string says) => Path<T>("targets", t => t.TargetArray, (t, v) => t with { TargetArray = v }, says);

    /// <summary>The error of validation arrays of which one is missing; null where none is.</summary>
    public static InputException? Objection(Specs.IKeys s, T task)
    {
        (string Key, string? Value)[] validation =
        [
            ("validation-inputs", task.ValidationInputs),
            ("validation-targets", task.ValidationTargetArray),
        ];
        bool paired = task.TargetArray is not null;
        if (!paired && task.ValidationTargetArray is not null)
            return s.Error("validation-targets", $"'{s.Path("validation-targets")}' is given without '{s.Path("targets")}'; expected both");
        return paired && validation.FirstOrDefault(v => v.Value is null) is { Key: { } missing } && validation.Any(v => v.Value is not null)
            ? s.Missing(missing, "both validation arrays, or neither")
            : null;
    }
}
