// What a user may say about a sweep table whose columns do not say it themselves.
namespace Gaplab.Results.Import;

/// <summary>Which row of a run's history is its value.</summary>
public enum HistoryValue
{
    /// <summary>The last one that has the metric.</summary>
    Last,

    /// <summary>The best one: biased by batch size, and marked so.</summary>
    Best,
}

/// <summary>What a row without a metric is, where its state does not say that it was cut off.</summary>
public enum BlankMetric
{
    Missing,
    Diverged,
}

/// <summary>What a run is whose history ends well before those of others of its optimizer and batch size.</summary>
public enum ShortRun
{
    Counted,
    Missing,
}

/// <summary>What the rows of one trial are, in a table without seeds.</summary>
public enum TrialRepeats
{
    /// <summary>Replicates, numbered in order: pairs them with those of other trials.</summary>
    Numbered,

    /// <summary>One value, their mean, without an interval.</summary>
    Mean,
}

/// <summary>Choices of an import; the defaults recognise columns by name, and refuse where the answer hangs on what was not said.</summary>
public sealed record ImportOptions
{
    /// <summary>"column=name" pairs: the file's column on the left, ours (optimizer, lr, batch, seed, momentum, beta2, metric, state,
    /// clip, run, step, group, ignore) on the right. The reverse is understood where only that makes sense.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>The metric's column; for a history column, ":tail" (mean of the last 1%, the default), ":min" (minimum of the last 1%,
    /// biased by batch size) or ":last". Null: chosen by name.</summary>
    public string? Metric { get; init; }

    /// <summary>Columns to compare separately; null: data, model, task and the like where present; empty: none.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Higher is better: accuracies are then preferred over losses when the metric is chosen by name.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>Lower is better even of a metric whose name is a score's.</summary>
    public bool LowerIsBetter { get; init; }

    /// <summary>The optimizer of a table without an optimizer column.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Of a table with a row per evaluation: null is the last.</summary>
    public HistoryValue? Take { get; init; }

    /// <summary>Null: missing, unless the answer hangs on it.</summary>
    public BlankMetric? Blank { get; init; }

    /// <summary>Null: counted, unless the answer hangs on it.</summary>
    public ShortRun? Short { get; init; }

    /// <summary>Null: numbered, unless the answer hangs on it.</summary>
    public TrialRepeats? Repeats { get; init; }

    /// <summary>"key=value" pairs: what runs have that do not say it themselves, of a column or of one of our names ("batch=64").</summary>
    public IReadOnlyList<string> Defaults { get; init; } = [];

    /// <summary>"key=value" pairs: only the runs that have these values.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>Compare at so many samples: each run's last value up to there. Null: at its end, if all end alike.</summary>
    public double? EqualSamples { get; init; }

    /// <summary>Told, now and then, how many runs of a folder have been read, and of how many.</summary>
    public Action<int, int>? Progress { get; init; }
}
