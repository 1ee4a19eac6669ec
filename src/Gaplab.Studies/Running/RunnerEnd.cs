// How a call that runs a study ended.
using Gaplab.Learning.Specs;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Running;

/// <summary>How a call ended.</summary>
/// <param name="Interrupted">Ctrl-C: what was running is checkpointed.</param>
/// <param name="Missing">Packs given up, with the cause of the last attempt.</param>
public sealed record RunnerEnd(bool Interrupted, IReadOnlyList<(PackSpec Pack, PackEnd End)> Missing)
{
    /// <summary>Groups whose next learning rates are decided when the missing runs are there: the best rate so far is
    /// provisional.</summary>
    public IReadOnlyList<(Arm Arm, SentinelDecision Decision)> Waiting { get; init; } = [];

    /// <summary>Whether the one pack that was asked for is being made by another worker.</summary>
    public bool Busy { get; init; }
}
