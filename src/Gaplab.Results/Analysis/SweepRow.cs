// One run of a sweep: which optimizer and hyperparameters, and how it ended.
namespace Gaplab.Results.Analysis;

/// <summary>How a run counts in the statistics.</summary>
public enum RunStatus
{
    /// <summary>It ended with a finite metric.</summary>
    Usable,

    /// <summary>NaN, Inf or no metric: +∞ loss (theory.md E1).</summary>
    Diverged,

    /// <summary>Killed, out of memory, timed out, still running: never counted against an optimizer.</summary>
    Missing,
}

/// <summary>One run.</summary>
/// <param name="Comparison">What is compared separately (data, model, …).</param>
/// <param name="Optimizer">Name in lower case, e.g. "sgd".</param>
/// <param name="LearningRate">Null when the table is already tuned.</param>
/// <param name="Batch">Batch size, at least 1.</param>
/// <param name="Seed">Null: the table has no seeds; the rows of one trial are then numbered in order.</param>
/// <param name="Momentum">Null when unknown or not used.</param>
/// <param name="Metric">In the units of the table; NaN unless <paramref name="Status"/> is usable.</param>
/// <param name="Status">Usable, diverged or missing.</param>
/// <param name="Provenance">A run id, or file and line: where the number comes from.</param>
/// <param name="ClipFraction">Fraction of steps on which the norm clip acted, when known.</param>
public sealed record SweepRow(
    ComparisonKey Comparison,
    string Optimizer,
    double? LearningRate,
    long Batch,
    string? Seed,
    double? Momentum,
    double Metric,
    RunStatus Status,
    string? Provenance = null,
    double? ClipFraction = null
)
{
    /// <summary>β₂ of a running mean of squared gradients; null when unknown, and of a rule without one.</summary>
    public double? Beta2 { get; init; }

    /// <summary>What else a study varies in the optimizer, as "key=value": runs that differ in it are different trials.</summary>
    public string Variant { get; init; } = "";

    /// <summary>The decays of its averages.</summary>
    public Moments Moments => new(Momentum, Beta2, Variant.Length > 0 ? Variant : null);

    /// <summary>A finished run: usable when the metric is finite, else diverged.</summary>
    public static SweepRow Finished(
        ComparisonKey comparison,
        string optimizer,
        double? learningRate,
        long batch,
        string? seed,
        double? momentum,
        double metric,
        string? provenance = null,
        double? clipFraction = null
    ) =>
        new(
            comparison,
            optimizer,
            learningRate,
            batch,
            seed,
            momentum,
            double.IsFinite(metric) ? metric : double.NaN,
            double.IsFinite(metric) ? RunStatus.Usable : RunStatus.Diverged,
            provenance,
            clipFraction
        );
}
