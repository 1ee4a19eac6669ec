// Where a pack's numbers go: the trainer writes through this and never sees the store.
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>One number of a run at a step.</summary>
/// <param name="Step">Optimizer steps taken when it was measured.</param>
/// <param name="Samples">Samples seen by then.</param>
/// <param name="Name">"train-loss", "validation-loss", "gradient-norm".</param>
/// <param name="Value">May be non-finite.</param>
public readonly record struct Measurement(long Step, long Samples, string Name, double Value);

/// <summary>How a run ended. Everything but a completed or diverged run is missing, not a result.</summary>
public enum RunOutcome
{
    Completed,

    /// <summary>Loss NaN, infinite, or above the spec's multiple of the loss at the start.</summary>
    Diverged,
}

/// <summary>A finished run.</summary>
/// <param name="Outcome">Completed or diverged.</param>
/// <param name="Step">Steps taken; of a diverged run, those before the loss that ended it.</param>
/// <param name="Cause">Why it diverged, in words; null when completed.</param>
/// <param name="Metrics">Final numbers by name.</param>
public sealed record RunOutcomeRecord(RunOutcome Outcome, long Step, string? Cause, IReadOnlyDictionary<string, double> Metrics);

/// <summary>One replica's part of a checkpoint: named rows and named facts, enough to go on bit for bit.</summary>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Rows">"theta", "momentum.velocity", …: one row [P] each.</param>
/// <param name="Facts">Counters, running sums and the state of the run, as invariant text.</param>
public sealed record ReplicaCheckpoint(long Step, IReadOnlyDictionary<string, Tensor> Rows, IReadOnlyDictionary<string, string> Facts);

/// <summary>Receives what a pack produces. Replica r is the pack's run r.</summary>
public interface IPackSink
{
    /// <summary>Appends to the run's metrics.</summary>
    void Write(int replica, IReadOnlyList<Measurement> measurements);

    /// <summary>Keeps the state of every replica at one step; returns when it is safe on disk.</summary>
    void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas);

    /// <summary>The latest checkpoint that all replicas have, metrics cut back to it; null to start from the beginning.</summary>
    IReadOnlyList<ReplicaCheckpoint>? Resume();

    /// <summary>The pack is done: all results, written all or nothing.</summary>
    void Finish(IReadOnlyList<RunOutcomeRecord> results);

    /// <summary>Whether a probe's result of this step is kept already, made with the same options and shadows
    /// (<paramref name="key"/>).</summary>
    bool HasProbe(int replica, string probe, long step, string key) => false;

    /// <summary>Keeps what a probe measured; returns when it is safe on disk.</summary>
    void WriteProbe(int replica, string probe, long step, ProbeResult result) { }

    /// <summary>Called now and then for the live display.</summary>
    void Progress(long step, long steps);
}
