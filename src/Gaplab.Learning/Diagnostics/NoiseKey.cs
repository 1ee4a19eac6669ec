// The keys of "probes.noise", which all probes of gradient noise share.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Diagnostics;

/// <summary>What the noise probes draw and keep.</summary>
internal static class NoiseKey
{
    private static readonly NoiseSpec ByDefault = new();

    public static ProbeOptions All { get; } =
        new(
            "noise",
            Of(
                ProbeKey.OrAll<NoiseSpec>(
                    "samples",
                    2,
                    s => s.Samples,
                    (s, v) => s with { Samples = v },
                    "training samples whose mean loss is F, or `all`"
                )
            ),
            Of(
                new()
                {
                    Name = "batches",
                    Says = "samples per mini-batch, one or several sizes",
                    Form = KeyForm.Integer,
                    Least = 1,
                    Most = 1 << 20,
                    IsList = true,
                    DefaultText = "the run's own",
                    Reads = (s, key, spec) =>
                        s.Integers(key.Name, (long)key.Least, (long)key.Most) is { } sizes
                            ? spec with
                            {
                                Batches = [.. sizes.Order().Select(b => (int)b)],
                            }
                            : spec,
                    Value = spec => spec.Batches,
                }
            ),
            Of(Whole("draws", 2, 1 << 24, s => s.Draws, (s, v) => s with { Draws = v }, "mini-batches of each size at a point")),
            Of(
                Whole(
                    "coordinates",
                    1,
                    1 << 20,
                    s => s.Coordinates,
                    (s, v) => s with { Coordinates = v },
                    "coordinates followed from mini-batch to mini-batch"
                )
            ),
            Of(Whole("whole", 1, 1000, s => s.Whole, (s, v) => s with { Whole = v }, "mini-batches of which all coordinates are kept")),
            Of(Whole("window", 2, 1 << 24, s => s.Window, (s, v) => s with { Window = v }, "steps of a window that are kept")),
            Of(
                SpecKey.Number<NoiseSpec>(
                    "beta1",
                    0,
                    0.9999,
                    s => s.Beta1,
                    (s, v) => s with { Beta1 = v },
                    "β₁ of the averages in Adam's noise"
                )
            ),
            Of(
                Whole(
                    "columns",
                    1,
                    1000,
                    s => s.Columns,
                    (s, v) => s with { Columns = v },
                    "main columns of the noise covariance, and eigenpairs of the Hessian"
                )
            )
        )
        {
            Begin = spec => spec with { Noise = spec.Noise ?? ByDefault },
        };

    private static SpecKey<NoiseSpec> Whole(
        string name,
        int least,
        int most,
        Func<NoiseSpec, int> get,
        Func<NoiseSpec, int, NoiseSpec> set,
        string says
    ) => SpecKey.Whole(name, least, most, get, set, says);

    private static SpecKey<ProbesSpec> Of(SpecKey<NoiseSpec> key) =>
        new()
        {
            Name = key.Name,
            Says = key.Says,
            Form = key.Form,
            Least = key.Least,
            Most = key.Most,
            Open = key.Open,
            Words = key.Words,
            IsList = key.IsList,
            DefaultText = key.DefaultText,
            Reads = (s, _, spec) => spec with { Noise = key.Read(s, spec.Noise ?? ByDefault) },
            Value = spec => key.Value(spec.Noise ?? ByDefault),
        };
}
