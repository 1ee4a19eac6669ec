// One source of knowledge about gap(B): measured runs or a prediction, as a curve that can be asked at any batch size within its range.
using Gaplab.Numerics.Distributions;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Results.Advice;

/// <summary>What one source says of the gap at one batch size.</summary>
/// <param name="Batch">Samples a step.</param>
/// <param name="Gap">Positive: the second optimizer is ahead; in the metric's units.</param>
/// <param name="Low">Lower end of the 95% interval; null where there is none.</param>
/// <param name="High">Upper end.</param>
/// <param name="FirstRate">The first optimizer's best learning rate here, where known.</param>
/// <param name="SecondRate">The second's.</param>
/// <param name="Undermined">Why a wider grid of learning rates could turn the sign: "sgd's best learning rate at batch size 64, 3, is the
/// largest tried"; null where none could.</param>
public sealed record GapPoint(
    double Batch,
    double Gap,
    double? Low,
    double? High,
    double? FirstRate,
    double? SecondRate,
    string? Undermined = null
);

/// <summary>Where one source sees the answer flip.</summary>
/// <param name="Batch">B*; null: no flip within the range looked at.</param>
/// <param name="Interval">95%, in batch sizes.</param>
/// <param name="Above">The optimizer that is ahead above B*.</param>
/// <param name="Determined">False where the source itself calls it undetermined.</param>
/// <param name="Sentence">In the source's own words; null where it has none.</param>
public sealed record FlipPoint(double? Batch, Interval Interval, string Above, bool Determined, string? Sentence = null);

/// <summary>gap(B) from one source.</summary>
/// <param name="Origin">Where the numbers come from, for people: "measured: 224 runs, 4 seeds".</param>
/// <param name="Points">Ascending in batch size, finite gaps only.</param>
/// <param name="DegreesOfFreedom">Of the intervals: seeds − 1; infinite for a prediction's.</param>
/// <param name="Unit">What its gaps are differences of, where that is not the study's metric.</param>
/// <param name="Caveat">What always speaks against this source, in a sentence; null: nothing.</param>
public sealed record GapEvidence(
    string Origin,
    string First,
    string Second,
    IReadOnlyList<GapPoint> Points,
    FlipPoint? Flip,
    double DegreesOfFreedom,
    string? Unit = null,
    string? Caveat = null
)
{
    /// <summary>The evidence of a prediction: gaps are ln ratios of tuned losses, and its intervals are of the probe's errors; null where
    /// no gap is finite.</summary>
    public static GapEvidence? Predicted(GapPrediction prediction, string origin)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        GapPoint[] points =
        [
            .. prediction
                .Gaps.Where(g => double.IsFinite(g.Gap))
                .OrderBy(g => g.Batch)
                .Select(g => new GapPoint(g.Batch, g.Gap, g.Low, g.High, g.FirstRate, g.SecondRate)),
        ];
        if (points.Length == 0)
            return null;
        Interval interval = prediction.Interval;
        bool determined = prediction.Crossing is not null
            ? interval is { Low: not null, High: not null, LowOpen: false, HighOpen: false }
            : points.All(p => p.Low > 0) || points.All(p => p.High < 0);
        var flip = new FlipPoint(prediction.Crossing, interval, prediction.AheadAbove, determined);
        return new GapEvidence(
            origin,
            prediction.First,
            prediction.Second,
            points,
            flip,
            double.PositiveInfinity,
            "the logarithm of the loss",
            prediction.IsOfPilot
                    ? "this is predicted from short runs and a few whole ones with seeds that the sweep does not use; its interval "
                        + "is of the efficiency model's belief; 'gaplab backtest' tells how well that did on stores with runs"
                : prediction.Method == GapPrediction.ByMiniature
                    ? "this is read from runs with smaller batches and fewer steps, and its interval reaches from one reading of "
                        + "them to the other with the scatter of their seeds; 'gaplab backtest' tells how well that did on stores with runs"
                : "this is predicted by a model, and its interval covers the probe's own errors and its misses of the trial runs only; "
                    + "'gaplab backtest' tells how the model did on stores with runs"
        );
    }

    /// <summary>The evidence of a measured group; null where no batch size has a finite gap.</summary>
    public static GapEvidence? Measured(GapAnalysis analysis, ComparisonAnalysis comparison, string origin)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(comparison);
        GapPoint[] points =
        [
            .. comparison
                .Gaps.Where(g => double.IsFinite(g.Value))
                .Select(g => new GapPoint(
                    g.Batch,
                    g.Value,
                    g.Interval.Low,
                    g.Interval.High,
                    g.First.LearningRate,
                    g.Second.LearningRate,
                    Undermined(g)
                )),
        ];
        if (points.Length == 0)
            return null;
        bool determined = comparison.Verdict is Verdict.Crossover or Verdict.FirstBetterThroughout or Verdict.SecondBetterThroughout;
        string above = comparison.Isotonic?.State is IsotonicState.SecondToFirst or IsotonicState.FirstThroughout
            ? analysis.First
            : analysis.Second;
        FlipPoint? flip = comparison.Isotonic is { } fit
            ? new FlipPoint(fit.Batch, fit.Interval, above, determined, comparison.Headline)
            : null;
        return new GapEvidence(origin, analysis.First, analysis.Second, points, flip, comparison.Seeds.Count - 1);
    }

    /// <summary>Which optimizer, at which batch size, ran into which end of its grid, where that could turn the gap.</summary>
    private static string? Undermined(Gap gap)
    {
        if (!VerdictRule.Undermined(gap))
            return null;
        TunedMetric behind =
            GapCrossings.Sign(gap.Value) > 0 || (GapCrossings.Sign(gap.Value) == 0 && gap.First.Edge != GridEdge.None)
                ? gap.First
                : gap.Second;
        string end = behind.Edge switch
        {
            GridEdge.Low => "the smallest tried",
            GridEdge.High => "the largest tried",
            _ => "the only one tried",
        };
        return $"{behind.Optimizer}'s best learning rate at batch size {gap.Batch}, {Headlines.Number(behind.LearningRate ?? 0)}, is {end}";
    }

    /// <summary>Whether a batch size lies between two that the source knows, or is one of them.</summary>
    public bool Covers(double batch) => Points.Count > 0 && batch >= Points[0].Batch && batch <= Points[^1].Batch;

    /// <summary>The gap at a covered batch size: its own where the source has it, else linear in log₂ B between its neighbours (learning
    /// rates: linear in both logarithms).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range; nothing is extrapolated.</exception>
    public (GapPoint Point, bool Interpolated) At(double batch)
    {
        if (!Covers(batch))
            throw new ArgumentOutOfRangeException(nameof(batch));
        int right = 0;
        while (Points[right].Batch < batch)
            right++;
        GapPoint b = Points[right];
        if (b.Batch == batch)
            return (b, false);
        GapPoint a = Points[right - 1];
        double t = Math.Log2(batch / a.Batch) / Math.Log2(b.Batch / a.Batch);
        double Line(double x, double y) => x + t * (y - x);
        double? Both(double? x, double? y) => x is { } p && y is { } q ? Line(p, q) : null;
        double? Rate(double? x, double? y) => x is > 0 && y is > 0 ? Math.Exp(Line(Math.Log(x.Value), Math.Log(y.Value))) : null;
        return (
            new GapPoint(
                batch,
                Line(a.Gap, b.Gap),
                Both(a.Low, b.Low),
                Both(a.High, b.High),
                Rate(a.FirstRate, b.FirstRate),
                Rate(a.SecondRate, b.SecondRate),
                string.Join("; ", new[] { a.Undermined, b.Undermined }.OfType<string>()) is { Length: > 0 } why ? why : null
            ),
            true
        );
    }

    /// <summary>Scale of the gap's error on the side of zero: the half of the 95% interval that points there, over its t quantile; null
    /// without an interval.</summary>
    private double? Scale(GapPoint point)
    {
        double? towardsZero = point.Gap >= 0 ? point.Gap - point.Low : point.High - point.Gap;
        if (towardsZero is not { } half || DegreesOfFreedom < 1 || !double.IsFinite(half))
            return null;
        return half
            / (
                double.IsInfinity(DegreesOfFreedom)
                    ? NormalDistribution.Quantile(0.975)
                    : StudentTDistribution.Quantile(DegreesOfFreedom, 0.975)
            );
    }

    /// <summary>Confidence that the second optimizer is ahead: P(gap &gt; 0) under a t error whose 97.5% point is the interval's end, so
    /// that an interval that just touches zero gives 0.975; null without an interval.</summary>
    public double? SecondAhead(GapPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (Scale(point) is not { } scale)
            return null;
        if (scale == 0)
            return point.Gap > 0 ? 1
                : point.Gap < 0 ? 0
                : 0.5;
        double z = point.Gap / scale;
        return double.IsInfinity(DegreesOfFreedom)
            ? NormalDistribution.Cumulative(z)
            : StudentTDistribution.Cumulative(DegreesOfFreedom, z);
    }

    /// <summary>What choosing the optimizer that looks ahead costs on average for being wrong, E max(0, −lead), under the same error; null
    /// without an interval or with one degree of freedom.</summary>
    public double? ExpectedRegret(GapPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (Scale(point) is not { } scale || DegreesOfFreedom <= 1)
            return null;
        if (scale == 0)
            return 0;
        double z = Math.Abs(point.Gap) / scale;
        return scale
            * (
                double.IsInfinity(DegreesOfFreedom)
                    ? NormalDistribution.MeanExcess(z)
                    : StudentTDistribution.MeanExcess(DegreesOfFreedom, z)
            );
    }
}
