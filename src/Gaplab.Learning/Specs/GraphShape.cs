// What the samples of a task of graphs are: sizes, types and what is predicted.
namespace Gaplab.Learning.Specs;

/// <summary>A row holds: nodes n, edges m, the target (a class, or the bits of a double); then the types of n nodes; then from, to and type
/// of m directed edges; then n·attributes doubles' bits; then the bits of the targets after the first; then zeros up to
/// <see cref="RowLength"/>.</summary>
public sealed record GraphShape
{
    public const int Head = 3;

    /// <summary>Distinct node types.</summary>
    public int NodeTypes { get; init; }

    /// <summary>Distinct edge types.</summary>
    public int EdgeTypes { get; init; }

    /// <summary>Numbers that each node carries, of mean 0 and variance 1 over the training nodes.</summary>
    public int Attributes { get; init; }

    /// <summary>0 where the target is a number.</summary>
    public int Classes { get; init; }

    /// <summary>Numbers to predict, where they are no classes. Several are held in units of their own: less the median (of "mse" the mean),
    /// over the mean absolute deviation.</summary>
    public int Targets { get; init; } = 1;

    /// <summary>Outputs of a model: one a class, or one a target.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Outputs => Classes > 0 ? Classes : Targets;

    public int RowLength { get; init; }

    /// <summary>Nodes of the largest graph.</summary>
    public int MostNodes { get; init; }

    /// <summary>Median and mean absolute deviation of the training targets: a model predicts in these units.</summary>
    public double TargetCentre { get; init; }
    public double TargetScale { get; init; } = 1;

    /// <summary>"mae" or "mse", in the target's units.</summary>
    public string Error { get; init; } = "mae";
}
