// What the samples of a task are: what a task gives and a model reads.
namespace Gaplab.Learning.Specs;

/// <summary>A family of samples. A new one is a value here, a property of <see cref="TaskSpec"/> for its shape, a task and a model that
/// reads it.</summary>
/// <param name="Name">In the plural, as errors and documents name them.</param>
/// <param name="LossUnit">What a loss is counted in.</param>
/// <param name="Holds">Whether a loaded task's spec has such samples.</param>
public sealed record SampleKind(string Name, string LossUnit, Func<TaskSpec, bool> Holds)
{
    /// <summary>Windows of T+1 tokens.</summary>
    public static SampleKind Tokens { get; } = new("tokens", "nats per token", IsSequence);

    /// <summary>Windows of nucleotides.</summary>
    public static SampleKind Bases { get; } = new("bases", "nats per base", IsSequence);

    /// <summary>A sentence and its translation.</summary>
    public static SampleKind Pairs { get; } = new("sentence pairs", "nats per token", IsSequence);

    /// <summary><see cref="ImageShape"/>.</summary>
    public static SampleKind Images { get; } = new("images", "nats per image", task => task.Images is not null);

    /// <summary><see cref="GraphShape"/>.</summary>
    public static SampleKind Graphs { get; } = new("graphs", "per graph", task => task.Graphs is not null);

    /// <summary>Whatever a command trains on: Gaplab never sees it.</summary>
    public static SampleKind Own { get; } = new("samples of its own", "in the command's own unit", task => task.Kind == CommandSpec.Kind);

    public override string ToString() => Name;

    private static bool IsSequence(TaskSpec task) => task.Images is null && task.Graphs is null && task.Kind != CommandSpec.Kind;
}
