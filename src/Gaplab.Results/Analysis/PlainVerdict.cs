// The verdict as a person would say it: no interval, no test, no symbol; the exact sentence stands beside it.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>One sentence without jargon for the first thing a reader sees. What it claims is what <see cref="ComparisonAnalysis.Verdict"/>
/// claims; what that leaves open is said to be open.</summary>
internal static class PlainVerdict
{
    /// <summary>Whether a verdict settles who is ahead: of any other, the picture is grey.</summary>
    public static bool IsSettled(string verdict) =>
        verdict is not (Verdict.NotDetermined or Verdict.EdgeLimited or Verdict.OneBatchSize or Verdict.NothingToCompare);

    /// <summary>Of all comparisons of an analysis.</summary>
    public static string Of(GapAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        if (analysis.Comparisons is [var only])
            return Of(analysis, only);
        int all = analysis.Comparisons.Count;
        string[] parts =
        [
            .. Part(v => v is Verdict.Crossover or Verdict.SeveralCrossovers, "the lead changes hands"),
            .. Part(v => v == Verdict.FirstBetterThroughout, $"{analysis.First} does better throughout"),
            .. Part(v => v == Verdict.SecondBetterThroughout, $"{analysis.Second} does better throughout"),
            .. Part(v => v == Verdict.FirstBetterInPart, $"{analysis.First} does better at some batch sizes"),
            .. Part(v => v == Verdict.SecondBetterInPart, $"{analysis.Second} does better at some batch sizes"),
            .. Part(v => v == Verdict.Tie, "both do equally well"),
            .. Part(v => !IsSettled(v), "these runs cannot tell"),
        ];
        return $"Of {Whole(all)} comparisons of {analysis.First} with {analysis.Second}, {Listed(parts)}.";

        IEnumerable<string> Part(Func<string, bool> match, string claim)
        {
            int count = analysis.Comparisons.Count(c => match(c.Verdict));
            return count == 0 ? [] : [$"{claim} in {(count == all ? "all" : Whole(count))}"];
        }
    }

    /// <summary>Of one comparison.</summary>
    public static string Of(GapAnalysis analysis, ComparisonAnalysis comparison)
    {
        (string first, string second) = (analysis.First, analysis.Second);
        IReadOnlyList<Gap> gaps = comparison.Gaps;
        if (gaps.Count == 0)
            return $"Nothing to compare yet: no batch size has runs of both {first} and {second}.";
        string range = $"from {Size(gaps[0].Batch)} to {Size(gaps[^1].Batch)}";
        BatchSides decided = BatchSides.Decided(gaps);
        return comparison.Verdict switch
        {
            Verdict.OneBatchSize => decided.First.Count + decided.Second.Count > 0
                ? $"{Leader(decided.Second.Count > 0)} does better at the one batch size tried, {Size(gaps[0].Batch)}."
                : $"At the one batch size tried, {Size(gaps[0].Batch)}, these runs cannot tell {first} from {second}.",
            Verdict.Tie => $"{first} and {second} do equally well at every batch size tried, {range}.",
            Verdict.Crossover => $"{Crossing(comparison.Isotonic!)}.",
            Verdict.SeveralCrossovers => $"Between batch sizes {Size(gaps[0].Batch)} and {Size(gaps[^1].Batch)} the lead changes hands "
                + $"{Whole(comparison.Crossovers.Count)} times: {string.Join(", ", comparison.Crossovers.Select(To))}.",
            Verdict.FirstBetterThroughout or Verdict.SecondBetterThroughout =>
                $"{Leader(comparison.Verdict == Verdict.SecondBetterThroughout)} does better than "
                    + $"{Leader(comparison.Verdict == Verdict.FirstBetterThroughout)} at every batch size tried, {range}.",
            Verdict.FirstBetterInPart or Verdict.SecondBetterInPart => Part(decided, comparison.Verdict == Verdict.SecondBetterInPart),
            Verdict.EdgeLimited => $"Too early to say: the best learning rate was the last one tried. {Looks()}",
            Verdict.NothingToCompare => $"Nothing to compare yet: {first} and {second} diverged, or have no runs in common.",
            _ => $"These runs cannot tell yet which does better. {Looks()}",
        };

        static string To(Crossover crossing) => $"to {crossing.To} {Near(crossing.Between, crossing.Batch)}";

        string Leader(bool isSecond) => isSecond ? second : first;

        string Part(BatchSides sides, bool isSecond)
        {
            IReadOnlyList<long> ahead = isSecond ? sides.Second : sides.First;
            string claim = ahead.Count == 0 ? $"{Leader(isSecond)} does better" : $"{Leader(isSecond)} does better at batch {Sizes(ahead)}";
            return sides.Open.Count == 0
                ? $"{claim}; at all of them together it is not certain."
                : $"{claim}; at {ListOf(sides.Open)} these runs cannot tell.";
        }

        // "Below a batch size of about 57 sgd does better, above it adam does"
        string Crossing(IsotonicFit fit)
        {
            bool toSecond = fit.State == IsotonicState.FirstToSecond;
            (string below, string above) = (Leader(!toSecond), Leader(toSecond));
            return fit.Batch is { } batch
                ? $"Below a batch size of about {About(batch)} {below} does better, above it {above} does"
                : $"Up to batch size {Size(fit.Between!.Low)} {below} does better, from {Size(fit.Between.High)} on {above} does";
        }

        string Looks() =>
            comparison.Isotonic switch
            {
                { State: IsotonicState.FirstToSecond or IsotonicState.SecondToFirst, Between: not null } fit =>
                    $"It looks as if {LowerFirst(Crossing(fit))}.",
                { State: IsotonicState.FirstThroughout } => $"It looks as if {first} does better {range}.",
                { State: IsotonicState.SecondThroughout } => $"It looks as if {second} does better {range}.",
                _ => "Nothing points either way.",
            };
    }

    private static string Near(Bracket between, double? batch) =>
        batch is { } b ? $"near {About(b)}" : $"between {Size(between.Low)} and {Size(between.High)}";

    private static string Sizes(IReadOnlyList<long> batches) => $"{(batches.Count == 1 ? "size" : "sizes")} {ListOf(batches)}";

    private static string ListOf(IReadOnlyList<long> batches) => Listed([.. batches.Select(b => Size(b))]);

    private static string Listed(IReadOnlyList<string> parts) =>
        parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts.SkipLast(1))} and {parts[^1]}";

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    // Two digits are what is known of a crossing.
    private static string About(double batch)
    {
        double unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(batch)) - 1));
        return batch < 10 ? batch.ToString("0.#", CultureInfo.InvariantCulture) : Size((long)(Math.Round(batch / unit) * unit));
    }

    private static string Size(long batch) => batch.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Whole(int count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
