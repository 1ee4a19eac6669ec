// A hyper-parameter as a column: one number per replica, over time by a schedule.
using System.Collections.Immutable;

namespace Gaplab.Learning.Optim;

/// <summary>Values [R], times a schedule's factor where there is one.</summary>
public sealed record Hyper(ImmutableArray<double> PerReplica, Schedule? Schedule = null)
{
    public static implicit operator Hyper(double value) => new([value]);

    /// <summary>The value of replica r at step k = 0, 1, …; a single value serves every replica.</summary>
    public double At(int replica, long step) => Peak(replica) * (Schedule?.At(step) ?? 1);

    public double Peak(int replica) => PerReplica.Length == 1 ? PerReplica[0] : PerReplica[replica];

    public bool IsZero => PerReplica.All(v => v == 0);
}
