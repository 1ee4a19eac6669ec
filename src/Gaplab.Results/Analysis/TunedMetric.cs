// The tuned metric of one optimizer at one batch size, with the learning-rate curve it was chosen from.
namespace Gaplab.Results.Analysis;

/// <summary>Where the best learning rate lies in the grid that was tried.</summary>
public enum GridEdge
{
    None,
    Low,
    High,

    /// <summary>Only one learning rate was tried.</summary>
    Both,
}

/// <summary>One learning rate of an arm (optimizer, batch size and the decays of its averages) over its seeds.</summary>
/// <param name="Mean">Mean over seeds in the metric's own units; +∞ loss (−∞ score) when a seed diverged.</param>
/// <param name="Values">One per seed of the comparison, in the comparison's order of seeds; NaN = diverged.</param>
/// <param name="Runs">Provenance of <paramref name="Values"/> where known, else empty strings.</param>
/// <param name="ClipFraction">Mean fraction of steps on which the norm clip acted; null when unknown.</param>
public sealed record Trial(
    double? LearningRate,
    Moments Moments,
    double Mean,
    IReadOnlyList<double> Values,
    IReadOnlyList<string> Runs,
    double? ClipFraction
);

/// <summary>The best of a parabola in log₂ learning rate through the best trial and its neighbours (theory.md E2).</summary>
public sealed record InterpolatedOptimum(double LearningRate, double Value);

/// <summary>The tuned metric m_{j*} of one optimizer at one batch size (theory.md E2).</summary>
/// <param name="Value">In the metric's units; +∞ loss (−∞ score) when every learning rate diverged.</param>
/// <param name="Edge">Along the learning rates tried at the chosen moments.</param>
/// <param name="Interpolated">Null at an edge or where a neighbour diverged.</param>
/// <param name="SelectionBias">Bootstrap estimate, mean over resamples of the tuned value minus the tuned value (E6 i); null from one seed
/// or where infinite.</param>
/// <param name="LeaveOneOut">Leave-one-seed-out tuned value (E6 ii); null from one seed or where infinite.</param>
/// <param name="Best">The chosen trial.</param>
/// <param name="Trials">Every trial tried, by learning rate then moments, ascending.</param>
public sealed record TunedMetric(
    string Optimizer,
    long Batch,
    double? LearningRate,
    Moments Moments,
    double Value,
    GridEdge Edge,
    InterpolatedOptimum? Interpolated,
    double? SelectionBias,
    double? LeaveOneOut,
    Trial Best,
    IReadOnlyList<Trial> Trials
)
{
    /// <summary>Every trial has a diverged seed: the optimizer has no usable setting here.</summary>
    public bool AllDiverged => !double.IsFinite(Value);
}
