// The study file's "schedule": the learning rate over a run.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using S = Gaplab.Learning.Specs.ScheduleSpec;

namespace Gaplab.Studies.Yaml;

internal static class ScheduleSection
{
    public static KeySection<S> Section { get; } =
        new(
            "schedule",
            "the learning rate over a run, as a fraction of the peak",
            new S(),
            SpecKey.Word<S>("kind", RateSchedule.Kinds, s => s.Kind, (s, v) => s with { Kind = v }, "the form"),
            SpecKey.Number<S>("warmup", 0, 1, s => s.Warmup, (s, v) => s with { Warmup = v }, "fraction of the steps spent warming up"),
            SpecKey.Number<S>(
                "decay",
                0,
                1,
                s => s.Decay,
                (s, v) => s with { Decay = v },
                "fraction of the steps spent decaying (`warmup-stable-decay`)"
            ),
            SpecKey.Number<S>("final", 0, 1, s => s.Final, (s, v) => s with { Final = v }, "the rate at the end, as a fraction of the peak")
        )
        {
            Objection = Objection,
        };

    private static InputException? Objection(StudySection s, S schedule) =>
        schedule.Kind == "warmup-stable-decay" && schedule.Warmup + schedule.Decay > 1
            ? s.Error(
                "decay",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'schedule.warmup' {schedule.Warmup} and 'schedule.decay' {schedule.Decay} are more than the whole run; expected at "
                        + $"most 1 together"
                )
            )
            : null;
}
