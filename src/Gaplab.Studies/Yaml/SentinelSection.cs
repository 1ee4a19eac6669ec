// The study file's "sentinel": how far grids of learning rates extend themselves, and how finely.
using Gaplab.Learning.Specs;
using S = Gaplab.Studies.SentinelSpec;

namespace Gaplab.Studies.Yaml;

internal static class SentinelSection
{
    public static KeySection<S> Section { get; } =
        new(
            "sentinel",
            "how far the grid of learning rates extends itself, and how finely it is refined around the best",
            new S(),
            SpecKey.Flag<S>("enabled", s => s.Enabled, (s, v) => s with { Enabled = v }, "false: only the rates in the file are tried"),
            SpecKey.Number<S>(
                "factor",
                1.01,
                1000,
                s => s.Factor,
                (s, v) => s with { Factor = v },
                "factor of one extension: the ratio of the grid's last two rates on that side, at least `refine-to` (4 for a single rate)"
            ) with
            {
                DefaultText = "the grid's own",
            },
            SpecKey.Whole<S>(
                "max-extensions",
                0,
                50,
                s => s.MaxExtensions,
                (s, v) => s with { MaxExtensions = v },
                "extensions on each side"
            ),
            SpecKey.Number<S>(
                "refine-to",
                1.01,
                1000,
                s => s.RefineTo,
                (s, v) => s with { RefineTo = v },
                "the neighbours of the best end up at most this factor away"
            )
        );
}
