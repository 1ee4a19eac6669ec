// What a sweep of smaller batches and fewer steps says of the whole one.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>
/// Reads the gap of a study from its miniature at scale d: batch sizes d times smaller and d times fewer steps, so d² times fewer samples. The gap
/// at batch size B is taken to be the miniature's at B/d. That lies halfway between two readings, in the logarithm: as much noise a step (B
/// itself) and as many steps (B/d²). The former would be right if the batch size at which noise stops to rule did not depend on the number of samples, the
/// latter if it grew in proportion; measured, it grows about as the root of it (the critical batch size of language models, Zhang et al. 2024,
/// arXiv:2410.21676). Intervals reach from one reading to the other, each with the scatter of its own seeds
/// (percentiles over resamples: from the two seeds of a miniature no more than a rough idea, and t quantiles of one degree of freedom would say nothing).
/// </summary>
public static class MiniatureReading
{
    /// <summary>The prediction; gaps are ln ratios of tuned losses, at d times the miniature's batch sizes.</summary>
    /// <param name="miniature">The miniature's comparison.</param>
    /// <param name="scale">d, at least 1.</param>
    /// <param name="first">The pair.</param>
    /// <param name="second">The other.</param>
    /// <param name="group">The comparison's key, "" for the only one.</param>
    /// <returns>Null where no batch size has losses of both optimizers above zero.</returns>
    public static GapPrediction? Of(GroupAnalysis miniature, int scale, string first, string second, string group)
    {
        ArgumentNullException.ThrowIfNull(miniature);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        Read[] curve = [.. miniature.Gaps.OrderBy(g => g.Batch).Select(Of).OfType<Read>()];
        if (curve.Length == 0) return null;
        PredictedGap Predicted(Read at)
        {
            Read[] between = [.. curve.Where(r => r.Octave >= at.Octave - Math.Log2(scale) && r.Octave <= at.Octave + Math.Log2(scale)), Between(curve, at.Octave - Math.Log2(scale)), Between(curve, at.Octave + Math.Log2(scale))];
            return new PredictedGap(scale * Math.Pow(2, at.Octave), at.Gap, Finite(between.Min(r => r.Low)), Finite(between.Max(r => r.High)), at.FirstRate, at.SecondRate);
        }
        PredictedGap[] gaps = [.. curve.Select(Predicted)];
        IsotonicFit? fit = miniature.Isotonic;
        double? crossing = scale * fit?.Batch;
        return new GapPrediction(group, first, second, gaps, crossing, crossing is null ? Interval.None : Ends(fit!, scale), Verdict(fit, gaps), GapPrediction.ByMiniature);
    }

    // Gaps of the miniature in the logarithm of the loss; its percentile interval moved there.
    private sealed record Read(double Octave, double Gap, double Low, double High, double? FirstRate, double? SecondRate);

    private static Read? Of(Gap gap)
    {
        (double first, double second) = (gap.First.Value, gap.Second.Value);
        if (!(first > 0 && second > 0 && double.IsFinite(first) && double.IsFinite(second))) return null;
        double ratio = Math.Log(first / second), size = Math.Sqrt(first * second);
        double low = gap.Percentile.LowOpen ? double.NegativeInfinity : gap.Percentile.Low ?? gap.Value, high = gap.Percentile.HighOpen ? double.PositiveInfinity : gap.Percentile.High ?? gap.Value;
        return new Read(Math.Log2(gap.Batch), ratio, ratio + (low - gap.Value) / size, ratio + (high - gap.Value) / size, gap.First.LearningRate, gap.Second.LearningRate);
    }

    private static double? Finite(double end) => double.IsFinite(end) ? end : null;

    /// <summary>Linear in log₂ B; the curve's end beyond it.</summary>
    private static Read Between(Read[] curve, double octave)
    {
        if (octave <= curve[0].Octave) return curve[0];
        int right = Array.FindIndex(curve, r => r.Octave >= octave);
        if (right < 0) return curve[^1];
        (Read a, Read b) = (curve[right - 1], curve[right]);
        double t = (octave - a.Octave) / (b.Octave - a.Octave);
        double Mix(double x, double y) => x + t * (y - x);
        return new Read(octave, Mix(a.Gap, b.Gap), Mix(a.Low, b.Low), Mix(a.High, b.High), null, null);
    }

    /// <summary>From the reading at equal noise to that at equal steps.</summary>
    private static Interval Ends(IsotonicFit fit, int scale) => new(
        fit.Percentile.LowOpen ? null : fit.Percentile.Low ?? fit.Batch, fit.Percentile.HighOpen ? null : (double)scale * scale * (fit.Percentile.High ?? fit.Batch), fit.Percentile.LowOpen, fit.Percentile.HighOpen);

    private static string Verdict(IsotonicFit? fit, PredictedGap[] gaps) => fit switch
    {
        { Batch: not null } => "crossover",
        { State: IsotonicState.FirstThroughout } => "first-better-throughout",
        { State: IsotonicState.SecondThroughout } => "second-better-throughout",
        _ => gaps[^1].Gap switch { > 0 => "second-better-throughout", < 0 => "first-better-throughout", _ => "tie" },
    };
}
