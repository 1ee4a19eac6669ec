// What a user may say about a sweep table whose columns do not say it themselves.
namespace Gaplab.Results.Import;

/// <summary>Choices of an import; the defaults recognise columns by name.</summary>
public sealed record ImportOptions
{
    /// <summary>"column=name" pairs: the file's column on the left, ours (optimizer, lr, batch, seed, momentum, metric, state, clip, run, group, ignore) on the right. The reverse is understood where only that makes sense.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>The metric's column; for a history column, ":tail" (mean of the last 1%, the default), ":min" (minimum of the last 1%, biased by batch size) or ":last". Null: chosen by name.</summary>
    public string? Metric { get; init; }

    /// <summary>Columns to compare separately; null: data, model, task and the like where present; empty: none.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Higher is better: accuracies are then preferred over losses when the metric is chosen by name.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>The optimizer of a table without an optimizer column.</summary>
    public string? Optimizer { get; init; }
}
