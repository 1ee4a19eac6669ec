// Schedules as the gap model's own files name them: by their form, with a warm-up beside it.
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>Those files say "constant", "cosine" or "linear" and how long it warms up, or a kind of <see cref="RateSchedule"/>.</summary>
public static class ScheduleWords
{
    public static IReadOnlyList<string> Kinds { get; } = [.. RateSchedule.Kinds, "linear"];

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="warmup">Fraction of the steps; null is 0 of "constant", else 0.1. A "cosine" of 0 has no warm-up.</param>
    /// <param name="decay">Fraction of the steps, of "warmup-stable-decay"; null is 0.2.</param>
    /// <param name="final">Factor at the end of what falls.</param>
    public static RateSchedule Of(string kind, double? warmup, double? decay, double final) =>
        kind switch
        {
            "constant" => warmup > 0 ? new RateSchedule("linear-warmup", warmup.Value) : RateSchedule.Constant,
            "cosine" when warmup is not 0 => new RateSchedule("warmup-cosine", warmup ?? RateSchedule.Cosine.Warmup, Final: final),
            "cosine" => new RateSchedule("cosine", Final: final),
            "linear" => new RateSchedule("warmup-linear", warmup ?? RateSchedule.Cosine.Warmup, Final: final),
            _ => new RateSchedule(kind, warmup ?? RateSchedule.Cosine.Warmup, decay ?? RateSchedule.Cosine.Decay, final),
        };
}
