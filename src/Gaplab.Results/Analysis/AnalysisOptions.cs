// What a gap analysis compares and how.
namespace Gaplab.Results.Analysis;

/// <summary>Choices of a gap analysis; the defaults are those of theory.md E.</summary>
public sealed record AnalysisOptions
{
    /// <summary>The optimizer that the gap subtracts from; a positive gap means <see cref="Second"/> is ahead.</summary>
    public string First { get; init; } = "sgd";

    public string Second { get; init; } = "adam";

    /// <summary>The metric is better when higher (an accuracy).</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>One comparison per momentum value instead of tuning momentum jointly with the learning rate.</summary>
    public bool GroupByMomentum { get; init; }
}
