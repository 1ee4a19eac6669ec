// What a verdict must say of itself: how it was come by where something was missing.
namespace Gaplab.Results.Analysis;

/// <summary>Short clauses that stand with the verdict.</summary>
public static class Caveats
{
    /// <summary>Findings of a group that are a change of method, and their clauses.</summary>
    private static readonly (string Id, string Clause)[] s_methods = [("no-common-seed", "unpaired: no seed common to every cell")];

    /// <summary>Of the table, then of the group.</summary>
    public static IReadOnlyList<string> Of(GapAnalysis analysis, GroupAnalysis group)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(group);
        return [.. analysis.Caveats, .. s_methods.Where(m => group.Findings.Any(f => f.Id == m.Id)).Select(m => m.Clause)];
    }

    /// <summary>" (taken as tuned: no learning-rate column; …)"; empty without any.</summary>
    public static string Beside(GapAnalysis analysis, GroupAnalysis group) =>
        Of(analysis, group) is { Count: > 0 } all ? $" ({string.Join("; ", all)})" : "";
}
