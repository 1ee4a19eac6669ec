// What a verdict must say of itself: how it was come by where something was missing.
namespace Gaplab.Results.Analysis;

/// <summary>Short clauses that stand with the verdict.</summary>
internal static class Caveats
{
    /// <summary>Findings of a comparison that are a change of method, and their clauses.</summary>
    private static readonly (string Id, string Clause)[] s_methods = [("no-common-seed", "unpaired: no seed common to every trial")];

    /// <summary>Of the table, then of the comparison.</summary>
    public static IReadOnlyList<string> Of(GapAnalysis analysis, ComparisonAnalysis comparison)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(comparison);
        return [.. analysis.Caveats, .. s_methods.Where(m => comparison.Findings.Any(f => f.Id == m.Id)).Select(m => m.Clause)];
    }

    /// <summary>" (taken as tuned: no learning-rate column; …)"; empty without any.</summary>
    public static string Beside(GapAnalysis analysis, ComparisonAnalysis comparison) =>
        Of(analysis, comparison) is { Count: > 0 } all ? $" ({string.Join("; ", all)})" : "";
}
