// The sentences in which verdicts and gaps are told.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>The sentences of the verdicts.</summary>
internal static class Headlines
{
    public static string Number(double value) =>
        value.ToString(Math.Abs(value) is >= 1e-4 and < 1e6 or 0 ? "0.####" : "G4", CultureInfo.InvariantCulture);

    /// <summary>A batch size: three significant digits are all that is ever known.</summary>
    public static string Batch(double value) =>
        value >= 100 ? Math.Round(value).ToString(CultureInfo.InvariantCulture) : value.ToString("G3", CultureInfo.InvariantCulture);

    /// <summary>"adam is ahead by 0.08 (95% interval 0.06 … 0.10)"; where the interval holds zero, or there is none, the sentence says that
    /// this is an estimate.</summary>
    public static string Lead(AnalysisOptions pair, Gap gap)
    {
        if (double.IsNaN(gap.Value))
            return $"both {pair.First} and {pair.Second} diverged at every setting";
        if (double.IsInfinity(gap.Value))
            return gap.Value > 0
                ? $"{pair.First} diverged at every setting, {pair.Second} did not"
                : $"{pair.Second} diverged at every setting, {pair.First} did not";
        if (GapCrossings.Sign(gap.Value) == 0)
            return $"{pair.First} and {pair.Second} are level";
        string most = gap.Bound switch
        {
            GapBound.AtMost => gap.Value > 0 ? "at most " : "at least ",
            GapBound.AtLeast => gap.Value > 0 ? "at least " : "at most ",
            _ => "",
        };
        string interval = gap.Interval is { Low: { } low, High: { } high }
            ? gap.Value > 0
                ? $" (95% interval {Number(low)} … {Number(high)})"
                : $" (95% interval {Number(-high)} … {Number(-low)})"
            : " (no interval)";
        string edges = gap.Bound == GapBound.Unbounded ? ", both at the edge of their learning-rate grids" : "";
        string lead = $"{(gap.Value > 0 ? pair.Second : pair.First)} is ahead by {most}{Number(Math.Abs(gap.Value))}{interval}{edges}";
        return gap.Decided != 0 ? lead : $"not decided; the point estimates say: {lead}";
    }

    /// <param name="statistical">The verdict before the edges of learning-rate grids were asked.</param>
    public static string Of(
        string verdict,
        string statistical,
        AnalysisOptions pair,
        IReadOnlyList<Gap> gaps,
        IReadOnlyList<Crossover> crossovers,
        IsotonicFit? isotonic,
        int seeds
    )
    {
        string range = $"from {gaps[0].Batch} to {gaps[^1].Batch}";
        string list = string.Join(", ", crossovers.Select(c => $"{c.From} to {c.To} {Place(c.Between, c.Batch)}"));
        string changes = crossovers.Count > 1 ? $"the point estimates change sign {crossovers.Count} times ({list})" : "";
        string under = Under(gaps);
        BatchSides decided = BatchSides.Decided(gaps),
            estimated = BatchSides.Estimated(gaps);
        string claim = statistical switch
        {
            Verdict.Crossover => Overtakes(pair, isotonic!) + under + (changes.Length > 0 ? $" by the monotone fit; {changes}" : ""),
            Verdict.SeveralCrossovers => $"The gap changes sign more than once: {list}{under}",
            Verdict.Tie => $"{pair.First} and {pair.Second} are level at every batch size {range}",
            Verdict.SecondBetterThroughout or Verdict.FirstBetterThroughout => $"{decided.Text(pair)}: no crossover in range",
            Verdict.SecondBetterInPart or Verdict.FirstBetterInPart => decided.Open.Count + decided.Level.Count > 0
                ? $"{decided.Text(pair)}; no crossing seen"
                : $"{(decided.Second.Count > 0 ? pair.Second : pair.First)} is ahead at each batch size {range} by its own interval, but "
                    + $"not at all of them at once (corrected for {gaps.Count} intervals); no crossing seen",
            _ => $"Not determined{Why(isotonic, seeds)}; "
                + $"{(seeds > 2 && decided.First.Count + decided.Second.Count > 0 ? decided.Text(pair) + "; " : "")}the point "
                + $"estimates say: {Estimates()}",
        };
        if (verdict == Verdict.EdgeLimited)
            claim += ", but this rests on an optimizer at the edge of its learning-rate grid; widen the grid before believing it";
        // A sentence may begin with an optimizer's name, which keeps its own spelling.
        return claim + ".";

        string Estimates() =>
            changes.Length > 0 ? changes + under
            : isotonic is { Between: not null } ? Overtakes(pair, isotonic) + under
            : estimated.Text(pair);
    }

    /// <summary>", under β₂ = 0.95 alone" where that is the only one that was tried.</summary>
    private static string Under(IReadOnlyList<Gap> gaps) =>
        gaps.SelectMany(g => g.First.Trials.Concat(g.Second.Trials)).Select(c => c.Moments.Second).OfType<double>().Distinct().ToArray()
            is [var only]
            ? $", under β₂ = {Moments.Number(only)} alone"
            : "";

    private static string Why(IsotonicFit? isotonic, int seeds) =>
        seeds switch
        {
            < 2 => " (one seed)",
            < VerdictRule.FewestSeeds => $" ({seeds} seeds; a verdict takes {VerdictRule.FewestSeeds})",
            _ => isotonic?.FractionAgreeing is { } agreeing && agreeing < VerdictRule.Agreement
                ? string.Create(CultureInfo.InvariantCulture, $" ({100 * agreeing:0}% of the resamples agree)")
                : " (the gaps are within their intervals of zero, or an optimizer diverges)",
        };

    /// <summary>"adam overtakes sgd at batch size 57 (95% interval 32 … 128)"; between two batch sizes where they are far apart.</summary>
    private static string Overtakes(AnalysisOptions pair, IsotonicFit fit)
    {
        bool second = fit.State == IsotonicState.FirstToSecond;
        return $"{(second ? pair.Second : pair.First)} overtakes {(second ? pair.First : pair.Second)} "
            + $"{Place(fit.Between!, fit.Batch)}{IntervalOf(fit)}";
    }

    private static string Place(Bracket between, double? batch) =>
        batch is { } b ? $"at batch size {Batch(b)}" : $"between batch sizes {between.Low} and {between.High}";

    private static string IntervalOf(IsotonicFit fit) =>
        fit.Interval is { Low: null, High: null, LowOpen: false, HighOpen: false }
            ? ""
            : $" (95% interval {(fit.Interval.Low is { } low ? Batch(low) : $"below {fit.Batches[0]}")} … "
                + $"{(fit.Interval.High is { } high ? Batch(high) : $"above {fit.Batches[^1]}")})";
}
