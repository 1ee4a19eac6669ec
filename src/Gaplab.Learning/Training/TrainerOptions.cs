// What a trainer is told beside the runs.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Training;

/// <summary>How often a pack is checkpointed and reports, neither of which changes a number; and the kinds of optimizer.</summary>
public sealed record TrainerOptions
{
    /// <summary>Seconds between checkpoints; 0 writes none but the one an interruption asks for.</summary>
    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>Whether the last step is checkpointed too, for those who keep the trained weights.</summary>
    public bool KeepFinal { get; init; }

    /// <summary>Seconds between progress calls.</summary>
    public double ProgressSeconds { get; init; } = 0.5;

    /// <summary>What measures at the steps of the pack's <see cref="PackSpec.Probes"/>, by the names there.</summary>
    public IReadOnlyList<IProbe> Probes { get; init; } = [];

    /// <summary>The kinds of optimizer that specs and shadows may name: <c>OptimizerCatalogue.BuiltIn.With(mine)</c> adds one of your
    /// own.</summary>
    public OptimizerCatalogue Optimizers { get; init; } = OptimizerCatalogue.BuiltIn;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
