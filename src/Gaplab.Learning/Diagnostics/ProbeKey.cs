// The keys of "probes" that all kinds of probes share.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Which probes, when, and over which samples.</summary>
internal static class ProbeKey
{
    /// <param name="valid">The probes there are.</param>
    public static SpecKey<ProbesSpec> Names(IReadOnlyList<string> valid) =>
        new()
        {
            Name = "names",
            Says = "which of these probes",
            Form = KeyForm.Word,
            Words = valid,
            IsList = true,
            Reads = (s, key, spec) => s.Choices(key.Name, key.Words) is { } names ? spec with { Names = names } : spec,
            Value = spec => spec.Names,
        };

    public static SpecKey<ProbesSpec> Runs { get; } =
        new()
        {
            Name = "runs",
            Says = "along which runs; `tuned`: those at the best learning rate of their arm, after all of a study's training",
            Form = KeyForm.Word,
            Words = ["all", "tuned"],
            Reads = (s, key, spec) => spec with { TunedOnly = s.Choice(key.Name, key.Words[0], key.Words) == key.Words[1] },
            Value = spec => spec.TunedOnly ? "tuned" : "all",
        };

    public static SpecKey<ProbesSpec> At { get; } =
        SpecKey.Numbers<ProbesSpec>("at", 0, 1, s => s.At, (s, v) => s with { At = v }, "fractions of the run");

    public static SpecKey<ProbesSpec> Samples { get; } =
        OrAll<ProbesSpec>(
            "samples",
            1,
            s => s.Samples,
            (s, v) => s with { Samples = v },
            "validation samples whose mean loss is f, or `all`"
        );

    public static SpecKey<ProbesSpec> Batch { get; } =
        SpecKey.Whole<ProbesSpec>(
            "batch",
            1,
            1 << 20,
            s => s.Batch,
            (s, v) => s with { Batch = v },
            "samples per batch: the spread over batches gives the error"
        );

    /// <summary>A whole number of samples, 0 where the file says "all".</summary>
    internal static SpecKey<T> OrAll<T>(string name, int least, Func<T, int> get, Func<T, int, T> set, string says) =>
        SpecKey.WholeOr(name, least, int.MaxValue, [("all", 0)], get, set, says);
}
