// A measured gap with what was measured beside it and may explain it.
namespace Gaplab.Results.Analysis;

/// <summary>What may explain one comparison's gap at one batch size.</summary>
/// <param name="Setting">What is left out together.</param>
/// <param name="Batch">Batch size, in samples.</param>
/// <param name="Gap">The gap as a fraction of the second optimizer's tuned metric, so that settings of different units compare.</param>
/// <param name="Values">By explanation; one that does not apply or was not measured is absent or NaN.</param>
public sealed record GapObservation(string Setting, double Batch, double Gap, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Those gaps of a comparison that are known and may be divided by.</summary>
    public static IEnumerable<Gap> Of(ComparisonAnalysis comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return comparison.Gaps.Where(g => double.IsFinite(g.Value) && g.Second.Value != 0);
    }

    /// <summary>Of one of them.</summary>
    public static GapObservation Of(string setting, Gap gap, IReadOnlyDictionary<string, double> values)
    {
        ArgumentNullException.ThrowIfNull(gap);
        return new GapObservation(setting, gap.Batch, gap.Value / Math.Abs(gap.Second.Value), values);
    }

    /// <summary>An explanation's value; NaN where there is none.</summary>
    public double Of(string explanation) => Values.GetValueOrDefault(explanation, double.NaN);
}
