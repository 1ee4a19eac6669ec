// The roles that a sweep table's columns can play.
namespace Gaplab.Results.Import;

/// <summary>What a column means.</summary>
internal enum ColumnRole
{
    Optimizer,
    LearningRate,
    Batch,
    Seed,
    Momentum,
    Beta2,
    Metric,
    State,
    Clip,
    Run,
    Step,
    Group,
    Ignore,
}
