// The sentences in which verdicts and gaps are told.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>The sentences of the verdicts.</summary>
internal static class Headlines
{
    public static string Number(double value) => value.ToString(Math.Abs(value) is >= 1e-4 and < 1e6 or 0 ? "0.####" : "G4", CultureInfo.InvariantCulture);

    /// <summary>A batch size: three significant digits are all that is ever known.</summary>
    public static string Batch(double value) => value >= 100 ? Math.Round(value).ToString(CultureInfo.InvariantCulture) : value.ToString("G3", CultureInfo.InvariantCulture);

    /// <summary>"adam is ahead by 0.08 (95% interval 0.06 … 0.10)".</summary>
    public static string Lead(AnalysisOptions pair, Gap gap)
    {
        if (double.IsNaN(gap.Value)) return $"both {pair.First} and {pair.Second} diverged at every setting";
        if (double.IsInfinity(gap.Value))
            return gap.Value > 0 ? $"{pair.First} diverged at every setting, {pair.Second} did not" : $"{pair.Second} diverged at every setting, {pair.First} did not";
        if (Math.Abs(gap.Value) <= GapCrossings.Zero) return $"{pair.First} and {pair.Second} are equal";
        string most = gap.Bound switch { GapBound.AtMost => gap.Value > 0 ? "at most " : "at least ", GapBound.AtLeast => gap.Value > 0 ? "at least " : "at most ", _ => "" };
        string interval = gap.Interval is { Low: { } low, High: { } high }
            ? gap.Value > 0 ? $" (95% interval {Number(low)} … {Number(high)})" : $" (95% interval {Number(-high)} … {Number(-low)})"
            : " (no interval)";
        string edges = gap.Bound == GapBound.Unbounded ? ", both at the edge of their learning-rate grids" : "";
        return $"{(gap.Value > 0 ? pair.Second : pair.First)} is ahead by {most}{Number(Math.Abs(gap.Value))}{interval}{edges}";
    }

    public static string Of(string verdict, string statistical, AnalysisOptions pair, IReadOnlyList<Gap> gaps, IReadOnlyList<Crossover> crossovers, IsotonicFit? isotonic, int seeds)
    {
        string range = $"from {gaps[0].Batch} to {gaps[^1].Batch}";
        string point = isotonic switch
        {
            { Batch: { } batch, State: IsotonicState.FirstToSecond } => $"{pair.Second} overtakes {pair.First} at batch size {Batch(batch)}{IntervalOf(isotonic)}",
            { Batch: { } batch } => $"{pair.First} overtakes {pair.Second} at batch size {Batch(batch)}{IntervalOf(isotonic)}",
            { State: IsotonicState.SecondThroughout } => $"{pair.Second} is ahead at every batch size {range}",
            { State: IsotonicState.FirstThroughout } => $"{pair.First} is ahead at every batch size {range}",
            _ => "the trend has no sign",
        };
        string list = string.Join(", ", crossovers.Select(c => $"{c.From} to {c.To} at {Batch(c.Batch)}"));
        return verdict switch
        {
            Verdict.Crossover => Stop(point + (crossovers.Count > 1 ? $" by the monotone fit; the point estimates change sign {crossovers.Count} times ({list})" : "")),
            Verdict.SeveralCrossovers => Stop($"The gap changes sign more than once: {list}"),
            Verdict.SecondBetterThroughout => Stop($"{pair.Second} is ahead at every batch size {range}: no crossover in range"),
            Verdict.FirstBetterThroughout => Stop($"{pair.First} is ahead at every batch size {range}: no crossover in range"),
            Verdict.EdgeLimited => Stop($"{(statistical == Verdict.SeveralCrossovers ? $"The gap changes sign more than once ({list})" : point)}, but this rests on an optimizer at the edge of its learning-rate grid; widen the grid before believing it"),
            _ => Stop($"Not determined{Why(isotonic, seeds)}; the point estimates say: {(crossovers.Count > 1 ? $"{crossovers.Count} sign changes ({list})" : point)}"),
        };

        // A sentence may begin with an optimizer's name, which keeps its own spelling.
        static string Stop(string text) => text + ".";
    }

    private static string Why(IsotonicFit? isotonic, int seeds) => seeds < 2 ? " (one seed)"
        : isotonic?.FractionAgreeing is { } agreeing && agreeing < VerdictRule.Agreement ? string.Create(CultureInfo.InvariantCulture, $" ({100 * agreeing:0}% of the resamples agree)")
        : " (the gaps are within their intervals of zero, or an optimizer diverges)";

    private static string IntervalOf(IsotonicFit fit) => fit.Interval is { Low: null, High: null, LowOpen: false, HighOpen: false }
        ? ""
        : $" (95% interval {(fit.Interval.Low is { } low ? Batch(low) : "below the range")} … {(fit.Interval.High is { } high ? Batch(high) : "above the range")})";
}
