// What made the lead change, as far as the runs themselves say: what larger batches cost each optimizer, and what else could have done it.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>Short sentences that stand beside the gap, the weightiest first; what nothing was measured of is not guessed.</summary>
internal static class CrossingCauses
{
    private const int Most = 4;
    private const double Clear = 0.05;

    public static IReadOnlyList<string> Of(GapAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var causes = new List<string>();
        if (analysis.Comparisons is [var only])
        {
            causes.AddRange(Cost(analysis, only));
            causes.AddRange(Confounders(only));
        }
        causes.AddRange(Factors(analysis));
        if (analysis.Explanations is { Ranked.Count: > 0 } explanations)
            causes.Add(explanations.Sentence("settings"));
        return [.. causes.Take(Most)];
    }

    /// <summary>The change of the gap from the smallest to the largest batch size is the difference of what this cost the two.</summary>
    private static IEnumerable<string> Cost(GapAnalysis analysis, ComparisonAnalysis comparison)
    {
        Gap[] gaps = [.. comparison.Gaps.Where(g => double.IsFinite(g.First.Value) && double.IsFinite(g.Second.Value))];
        if (gaps.Length < 2)
            yield break;
        (Gap small, Gap large) = (gaps[0], gaps[^1]);
        int worse = analysis.HigherIsBetter ? -1 : 1;
        double first = worse * (large.First.Value - small.First.Value),
            second = worse * (large.Second.Value - small.Second.Value);
        string range = string.Create(CultureInfo.InvariantCulture, $"from batch size {small.Batch:#,0} to {large.Batch:#,0}");
        string moves =
            Math.Abs(first - second) < 1e-12
                ? "the gap does not move"
                : $"the gap moves towards **{(first > second ? analysis.Second : analysis.First)}** by {Amount(first - second)}";
        yield return $"Going {range} {Change(analysis.First, first)} and {Change(analysis.Second, second)} of {analysis.Metric}: {moves}.";
    }

    private static string Change(string optimizer, double cost) =>
        cost >= 0 ? $"costs {optimizer} {Amount(cost)}" : $"helps {optimizer} by {Amount(cost)}";

    private static string Amount(double value) => Headlines.Number(Math.Abs(value));

    // What could pass for the optimizer's doing, and is not.
    private static IEnumerable<string> Confounders(ComparisonAnalysis comparison)
    {
        foreach (Finding finding in comparison.Findings.Where(f => f.Kind == FindingKinds.ShortMemory).Take(1))
            yield return $"{finding.Where}: **β₂ is short for these data**, so a lead of the other there may be β₂'s doing, not the "
                + "optimizer's.";
        string[] clipped = [.. comparison.Findings.Where(f => f.Kind == FindingKinds.AlwaysClipped).Select(f => f.Where).Distinct()];
        if (clipped.Length > 0)
            yield return $"**The norm clip acted on nearly every step** of {clipped[0]}"
                + (clipped.Length > 1 ? $" and {clipped.Length - 1} more" : "")
                + ": the step no longer grows with the gradient.";
        if (comparison.Findings.FirstOrDefault(f => f.Kind == FindingKinds.Beta2Untuned && f.Severity == Severity.Warning) is not null)
            yield return "**Only one β₂ was tried** over these batch sizes: the memory it gives, in samples, grows with the batch.";
    }

    private static IEnumerable<string> Factors(GapAnalysis analysis)
    {
        FactorEffect[] effects =
        [
            .. (analysis.Factors?.Settings ?? [])
                .SelectMany(s => s.Effects)
                .Where(e => e.Gap.Adjusted < Clear && e.Gap.Value is not null)
                .OrderByDescending(e => Math.Abs(e.Gap.Value!.Value)),
        ];
        foreach (FactorEffect effect in effects)
            yield return $"**{FactorAnalysisText.Title(effect)}** moves the gap by {Amount(effect.Gap.Value!.Value)} towards "
                + $"{(effect.Gap.Value > 0 ? analysis.Second : analysis.First)}.";
        if (effects.Length == 0 && analysis.Factors is not null)
            yield return "No factor is shown to move the gap.";
    }
}
