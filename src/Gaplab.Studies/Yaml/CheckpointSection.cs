// The study file's "checkpoint": when runs are saved, and what is kept of them.
using Gaplab.Learning.Specs;
using C = Gaplab.Studies.CheckpointSpec;

namespace Gaplab.Studies.Yaml;

internal static class CheckpointSection
{
    public static KeySection<C> Section { get; } =
        new(
            "checkpoint",
            "when runs are saved, and what is kept of them",
            new C(),
            SpecKey.Positive<C>(
                "every-seconds",
                c => c.EverySeconds,
                (c, v) => c with { EverySeconds = v },
                "seconds between checkpoints of a run"
            ),
            SpecKey.Word<C>(
                "keep",
                ["none", "last", "all"],
                c => c.Keep,
                (c, v) => c with { Keep = v },
                "checkpoints kept of a finished run"
            )
        );
}
