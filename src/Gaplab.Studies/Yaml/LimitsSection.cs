// The study file's "limits": what a study may use of the machine.
using Gaplab.Learning.Specs;
using L = Gaplab.Studies.LimitsSpec;

namespace Gaplab.Studies.Yaml;

internal static class LimitsSection
{
    public static KeySection<L> Section { get; } =
        new(
            "limits",
            "what the study may use of the machine; no number depends on it",
            new L(),
            new SpecKey<L>
            {
                Name = "memory",
                Says = "bound for all packs together: `4GiB`, `500MB`",
                Form = KeyForm.Text,
                Pattern = ByteSize.Pattern,
                DefaultText = "0.8 of the machine's",
                Reads = (s, key, limits) =>
                    s.Text(key.Name) is not { } text ? limits
                    : ByteSize.TryParse(text, out long bytes) ? limits with { Memory = bytes }
                    : throw s.Error(key.Name, $"'{s.Path(key.Name)}' is '{text}'; expected a size such as 4GiB or 500MB"),
                Value = limits => limits.Memory,
            },
            SpecKey.Positive<L>(
                "time-per-pack",
                l => l.TimePerPack,
                (l, v) => l with { TimePerPack = v },
                "seconds after which a pack counts as timed out"
            ) with
            {
                DefaultText = "none",
            },
            SpecKey.Positive<L>(
                "silence",
                l => l.Silence,
                (l, v) => l with { Silence = v },
                "of a command: seconds in which it prints nothing and writes nothing into its folder until it counts as silent and is ended"
            ) with
            {
                DefaultText = "none",
            },
            SpecKey.Whole<L>(
                "max-replicas",
                1,
                4096,
                l => l.MaxReplicas,
                (l, v) => l with { MaxReplicas = v },
                "most runs that train together in one pack"
            ) with
            {
                DefaultText = "8; on a GPU 1024, or as many as its memory holds",
            }
        );
}
