// What a sweep of smaller batches and fewer steps says of the whole one.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>
/// Reads the gap of a study from its miniature at scale d: batch sizes d times smaller and d times fewer steps, so d² times fewer samples.
/// The gap at batch size B is taken to be the miniature's at B/d. That lies halfway between two readings, in the logarithm: as much noise a
/// step (B itself) and as many steps (B/d²). The former would be right if the batch size at which noise stops to rule did not depend on the
/// number of samples, the latter if it grew in proportion; the critical batch size of language models does grow with the number of samples
/// (Zhang et al. 2024, arXiv:2410.21676), and the root of it, which is B/d, is in the middle of the two. Intervals reach from one reading
/// to the other, each with the scatter of its own seeds (percentiles over resamples: from the two seeds of a miniature no more than a rough
/// idea, and t quantiles of one degree of freedom would say nothing).
/// </summary>
public static class MiniatureReading
{
    /// <summary>The prediction; gaps are ln ratios of tuned losses, at d times the miniature's batch sizes.</summary>
    /// <param name="miniature">The miniature's comparison.</param>
    /// <param name="scale">d, at least 1.</param>
    /// <param name="first">The pair.</param>
    /// <param name="second">The other.</param>
    /// <param name="comparison">The comparison's key, "" for the only one.</param>
    /// <returns>Null where no batch size has losses of both optimizers above zero.</returns>
    public static GapPrediction? Of(ComparisonAnalysis miniature, int scale, string first, string second, string comparison)
    {
        ArgumentNullException.ThrowIfNull(miniature);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        Read[] curve = [.. miniature.Gaps.OrderBy(g => g.Batch).Select(Of).OfType<Read>()];
        if (curve.Length == 0)
            return null;
        double reach = Math.Log2(scale);
        PredictedGap Predicted(Read at)
        {
            // Nothing is extrapolated: an end of the interval for which a reading is missing is left open.
            (Read? steps, Read? noise) = (Between(curve, at.Octave - reach), Between(curve, at.Octave + reach));
            Read[] readings = [.. curve.Where(r => Math.Abs(r.Octave - at.Octave) <= reach).Append(steps).Append(noise).OfType<Read>()];
            bool told = readings.All(r => r.Low is not null);
            double? low = told ? readings.Min(r => r.Low) : null,
                high = told ? readings.Max(r => r.High) : null;
            // A curve that rises needs the reading at equal steps for its lower end, and one that falls for its upper.
            bool rising = curve[^1].Gap >= curve[0].Gap;
            return new PredictedGap(
                scale * Math.Pow(2, at.Octave),
                at.Gap,
                (rising ? steps : noise) is null ? null : low,
                (rising ? noise : steps) is null ? null : high,
                at.FirstRate,
                at.SecondRate
            );
        }
        PredictedGap[] gaps = [.. curve.Select(Predicted)];
        IsotonicFit? fit = miniature.Isotonic;
        double? crossing = scale * fit?.Interpolated;
        return new GapPrediction(
            comparison,
            first,
            second,
            gaps,
            crossing,
            crossing is null ? Interval.None : Ends(fit!, scale),
            Verdict(fit, gaps),
            GapPrediction.ByMiniature,
            Above: crossing is null ? null
                : fit!.State == IsotonicState.FirstToSecond ? second
                : first,
            Scale: scale
        );
    }

    // Gaps of the miniature in the logarithm of the loss; its percentile interval moved there, null where the seeds tell none or a wider
    // grid of rates could turn the gap.
    private sealed record Read(double Octave, double Gap, double? Low, double? High, double? FirstRate, double? SecondRate);

    private static Read? Of(Gap gap)
    {
        (double first, double second) = (gap.First.Value, gap.Second.Value);
        if (!(first > 0 && second > 0 && double.IsFinite(first) && double.IsFinite(second)))
            return null;
        double ratio = Math.Log(first / second),
            size = Math.Sqrt(first * second);
        bool told = gap.Percentile is { Low: not null, High: not null } && !VerdictRule.Undermined(gap);
        return new Read(
            Math.Log2(gap.Batch),
            ratio,
            told ? ratio + (gap.Percentile.Low - gap.Value) / size : null,
            told ? ratio + (gap.Percentile.High - gap.Value) / size : null,
            gap.First.LearningRate,
            gap.Second.LearningRate
        );
    }

    /// <summary>Linear in log₂ B; null beyond the curve.</summary>
    private static Read? Between(Read[] curve, double octave)
    {
        const double Rounding = 1e-9;
        if (octave < curve[0].Octave - Rounding)
            return null;
        int right = Array.FindIndex(curve, r => r.Octave >= octave - Rounding);
        if (right < 0)
            return null;
        if (right == 0)
            return curve[0];
        (Read a, Read b) = (curve[right - 1], curve[right]);
        double t = Math.Min(1, (octave - a.Octave) / (b.Octave - a.Octave));
        return new Read(octave, a.Gap + t * (b.Gap - a.Gap), a.Low + t * (b.Low - a.Low), a.High + t * (b.High - a.High), null, null);
    }

    /// <summary>From the reading at equal noise to that at equal steps.</summary>
    private static Interval Ends(IsotonicFit fit, int scale) =>
        fit.Percentile is { LowOpen: false, Low: null } or { HighOpen: false, High: null }
            ? Interval.None
            : new(fit.Percentile.Low, (double)scale * scale * fit.Percentile.High, fit.Percentile.LowOpen, fit.Percentile.HighOpen);

    private static string Verdict(IsotonicFit? fit, PredictedGap[] gaps) =>
        fit switch
        {
            { Between: not null } => "crossover",
            { State: IsotonicState.FirstThroughout } => "first-better-throughout",
            { State: IsotonicState.SecondThroughout } => "second-better-throughout",
            _ => gaps[^1].Gap switch
            {
                > 0 => "second-better-throughout",
                < 0 => "first-better-throughout",
                _ => "tie",
            },
        };
}
