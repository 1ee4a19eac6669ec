// A sweep: its runs, and what the metric is.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>The runs of a sweep, whatever made them.</summary>
/// <param name="Rows">In the order of the source.</param>
/// <param name="Metric">The metric's name, e.g. "val_loss".</param>
/// <param name="BiasedByBatchSize">The metric favours some batch sizes by construction (a minimum over more, noisier steps is
/// lower).</param>
/// <param name="Findings">What the importer noticed.</param>
public sealed record SweepTable(
    IReadOnlyList<SweepRow> Rows,
    string Metric,
    bool BiasedByBatchSize = false,
    IReadOnlyList<Finding>? Findings = null
)
{
    /// <summary>Names of its optimizers, in the order in which they first appear.</summary>
    public IReadOnlyList<string> Optimizers => [.. Rows.Select(r => r.Optimizer).Distinct()];

    /// <summary>What was done otherwise than usual because something is missing, as short clauses: "taken as tuned: no learning-rate
    /// column". They stand with every verdict.</summary>
    public IReadOnlyList<string> Caveats { get; init; } = [];

    /// <summary>How many entries could not be read as runs; they are no rows.</summary>
    public int SetAside { get; init; }

    /// <summary>How often the classes occur that are predicted, by comparison; without an entry where that is not known.</summary>
    public IReadOnlyDictionary<ComparisonKey, ClassFrequencies> Classes { get; init; } = new Dictionary<ComparisonKey, ClassFrequencies>();

    /// <summary>The least that the metric can be, such as the entropy rate of the data, where a comparison's data know it.</summary>
    public IReadOnlyDictionary<ComparisonKey, double> Floors { get; init; } = new Dictionary<ComparisonKey, double>();

    /// <summary>What the table leaves open; an analysis refuses where the answer hangs on it.</summary>
    public IReadOnlyList<OpenReading> Open { get; init; } = [];
}
