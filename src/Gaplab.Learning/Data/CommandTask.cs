// The task of a command: whatever it trains on is its own, and Gaplab loads nothing.
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Data;

/// <summary>Stands where a task is asked for; it holds no samples.</summary>
internal sealed class CommandTask(TaskSpec spec) : ITask
{
    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = CommandSpec.Kind,
            Says = "none: what a `command` trains on is its own, and a study of one needs no `task`",
            Samples = SampleKind.Own,
            Defaults = new TaskSpec { Kind = CommandSpec.Kind },
            Keys = [],
            Generated = true,
            Classifies = true, // for all that is known
            Load = task => new CommandTask(task),
            Facts = _ => [new("", "the command's own data")],
        };

    public TaskSpec Spec => spec;
    public int Vocabulary => 0;
    public int Context => 1;
    public int SampleLength => 1;
    public double? EntropyRate => null;
    public string Description => "its data are its own";

    public void CheckBatch(long batch) { }

    public void FillBatch(long seed, long firstSample, Span<long> tokens) => throw None();

    public long ValidationCount(long wanted) => 0;

    public long TrainEvaluationCount(long wanted) => 0;

    public void FillValidation(long wanted, long first, Span<long> tokens) => throw None();

    public void FillTrainEvaluation(long wanted, long first, Span<long> tokens) => throw None();

    public ReadOnlySpan<long> Targets(ReadOnlySpan<long> row) => [];

    public long Predictions(ReadOnlySpan<long> rows) => 0;

    public void Dispose() { }

    private static InvalidOperationException None() => new("a command's samples are its own");
}
