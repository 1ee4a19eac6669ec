// A schedule laid over the steps of a run.
using Gaplab.Numerics;

namespace Gaplab.Learning.Optim;

/// <summary>Factors of the peak rate over <paramref name="Steps"/> steps.</summary>
public sealed record Schedule(RateSchedule Rate, long Steps)
{
    /// <summary>A schedule by the words of <see cref="RateSchedule"/>.</summary>
    public Schedule(string kind, long steps, double warmup = 0.1, double decay = 0.2, double final = 0)
        : this(new RateSchedule(kind, warmup, decay, final), steps) { }

    public static Schedule Constant { get; } = new(RateSchedule.Constant, 1);

    /// <summary>s_k for k = 0 … K-1; beyond its end a schedule stays at its last factor.</summary>
    public double At(long step) => Rate.At(step, Steps);
}
