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
public sealed record InterpolatedOptimum(double LearningRate, double Value)
{
    private const double NearestNeighbour = 1.1;

    /// <summary>The vertex of the parabola in log₂ lr through three points, clamped to the midpoints between them; null beside a loss that
    /// is not finite or a neighbour within a factor of 1.1, and where the three do not curve upwards.</summary>
    /// <param name="rates">Three learning rates, ascending.</param>
    /// <param name="losses">Their losses; that in the middle is the least.</param>
    public static InterpolatedOptimum? Through(ReadOnlySpan<double> rates, ReadOnlySpan<double> losses)
    {
        (double x0, double x1, double x2) = (Math.Log2(rates[0]), Math.Log2(rates[1]), Math.Log2(rates[2]));
        (double y0, double y1, double y2) = (losses[0], losses[1], losses[2]);
        if (!double.IsFinite(y0) || !double.IsFinite(y1) || !double.IsFinite(y2))
            return null;
        // Two printings of one rate (0.000488, 0.0004883) make a slope of pure noise, and its parabola dives to anywhere.
        if (Math.Min(x1 - x0, x2 - x1) < Math.Log2(NearestNeighbour))
            return null;
        double slope1 = (y1 - y0) / (x1 - x0),
            slope2 = (y2 - y1) / (x2 - x1),
            curvature = (slope2 - slope1) / (x2 - x0);
        if (!(curvature > 0))
            return null;
        double vertex = Math.Clamp((x0 + x1) / 2 - slope1 / (2 * curvature), (x0 + x1) / 2, (x1 + x2) / 2);
        return new InterpolatedOptimum(Math.Pow(2, vertex), y0 + slope1 * (vertex - x0) + curvature * (vertex - x0) * (vertex - x1));
    }
}

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
