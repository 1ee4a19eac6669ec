// How a study is run: with how many workers, which, and from where in the plan.
namespace Gaplab.Studies.Running;

/// <summary>How a study is run; nothing here changes a number.</summary>
internal sealed record RunnerOptions
{
    /// <summary>Workers, one core each.</summary>
    public int Workers { get; init; } = Math.Max(1, Environment.ProcessorCount);

    public required WorkerCommand Worker { get; init; }

    /// <summary>Makes who works in place of <see cref="Worker"/>; null is a process of it.</summary>
    public Func<IPackTrainer>? Hire { get; init; }

    /// <summary>Attempts at a pack, of all workers of one call together, before its runs are reported as missing.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Where among several that share the store this one begins.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>The one pack to work on; null is all.</summary>
    public string? OnlyPack { get; init; }

    /// <summary>What they train on.</summary>
    public TrainingDevices Devices { get; init; } = new([Torch.Device.Cpu]);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
