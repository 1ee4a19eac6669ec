// A pack: the runs that one worker trains together on the replica axis.
namespace Gaplab.Learning.Specs;

/// <summary>Runs that share task, model, batch, budget, schedule, evaluation, precision and the shape of the optimizer's chain;
/// learning rates, momentum, beta1, beta2, weight decay, clip norm, clip-top fraction and seed are columns of the replica axis.</summary>
/// <remarks>Membership and order are fixed by the plan, never by which worker happens to be free.</remarks>
public sealed record PackSpec
{
    /// <summary>16 hex digits over the members' run ids, in order.</summary>
    public required string Id { get; init; }

    /// <summary>The members; replica r is <c>Runs[r]</c>.</summary>
    public required IReadOnlyList<PlannedRun> Runs { get; init; }

    /// <summary>What is measured along the way; null is nothing. No part of any id.</summary>
    public ProbesSpec? Probes { get; init; }

    /// <summary>Ids of the members that are measured; null is all. The others train along, because membership shapes the numbers.</summary>
    public IReadOnlyList<string>? ProbedRuns { get; init; }

    /// <summary>Bytes of memory that training it is estimated to need.</summary>
    public long EstimatedMemory { get; init; }
}

/// <summary>A run and its id in the store.</summary>
public sealed record PlannedRun
{
    public required string Id { get; init; }
    public required RunSpec Spec { get; init; }
}
