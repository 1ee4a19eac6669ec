// A run to export: its row of the sweep, its final numbers, and what a store knows of it besides.
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;

namespace Gaplab.Results.Export;

/// <summary>A run to export.</summary>
/// <param name="Row">The run; its metric is exported only when <paramref name="Metrics"/> holds it.</param>
/// <param name="Metrics">Final numbers by name; may be empty for a run without a result.</param>
public sealed record ExportRow(SweepRow Row, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>The first of <see cref="Keys"/>.</summary>
    public const string Task = "task",
        Model = "model";

    /// <summary>Of a store: whether the result was held against its digest; null of a run without a result, and of a table.</summary>
    public bool? Verified { get; init; }

    /// <summary>Of a store: why the run is left out though it was finished.</summary>
    public IReadOnlyList<Damage> Damaged { get; init; } = [];

    /// <summary>Of a store: how it ended, or how its last attempt did; null of a run that has not ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Of a store: optimizer steps taken when it ended; null of a run without a result.</summary>
    public long? Steps { get; init; }

    /// <summary>Of a store: when it, or its last attempt, ended; null where that is not known.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Of a store: how long the process took that made it; zero where that is not known.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Of a store: the kinds of task and model, then every other key of its spec, by the names of study files
    /// ("optimizer.clip-norm"). Every run has the same keys; one that it does not have is empty.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Keys { get; init; } = [];

    /// <summary>The state by which tables are read back: "finished", "diverged" or "missing".</summary>
    internal string State =>
        Row.Status switch
        {
            RunStatus.Usable => "finished",
            RunStatus.Diverged => "diverged",
            _ => "missing",
        };
}
