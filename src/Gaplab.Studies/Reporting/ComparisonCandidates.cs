// Candidate explanations of the gap that every study of several settings has: sizes, factors, and the traits that its file states.
using System.Globalization;
using Gaplab.Results.Analysis;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reporting;

/// <summary>Gaps beside the candidates' values.</summary>
internal static class ComparisonCandidates
{
    /// <summary>One observation for each comparison and batch size with a finite gap.</summary>
    public static IReadOnlyList<GapObservation> Observations(Plan plan, GapAnalysis analysis)
    {
        IReadOnlyList<Comparison> comparisons = plan.Study.Comparisons;
        var observations = new List<GapObservation>();
        string[][] traits = [.. comparisons.Select(c => c.Traits.ToArray())];
        for (int i = 0; i < comparisons.Count; i++)
        {
            PlannedComparison comparison = plan.Comparisons[i];
            if (analysis.Of(comparison.Key) is not { } measured)
                continue;
            foreach (Gap gap in measured.Gaps.Where(g => double.IsFinite(g.Value) && g.Second.Value != 0))
            {
                var values = new Dictionary<string, double>
                {
                    ["batch size"] = Math.Log2(gap.Batch),
                    ["parameters"] = Math.Log2(comparison.Parameters),
                    ["vocabulary or classes"] = Math.Log2(comparison.Vocabulary),
                    ["steps"] = Math.Log2(comparison.Study.Budget.Steps((int)gap.Batch, comparison.Study.Task.Context)),
                };
                for (int f = 0; f < plan.Study.Factors.Count; f++)
                    if (plan.Study.Factors[f].Levels.Count == 2)
                        values[plan.Study.Factors[f].Name] = plan.Study.Factors[f].Levels[0] == comparisons[i].Levels[f] ? 0 : 1;
                foreach (string trait in traits[i])
                    AddTrait(values, trait, traits);
                observations.Add(new GapObservation(comparisons[i].Setting, gap.Value / Math.Abs(gap.Second.Value), values));
            }
        }
        return observations;
    }

    // A number counts as it is; a word is told from the other words of its trait.
    private static void AddTrait(Dictionary<string, double> values, string trait, string[][] all)
    {
        string name = trait[..trait.IndexOf('=', StringComparison.Ordinal)],
            value = trait[(name.Length + 1)..];
        string[] said =
        [
            .. all.SelectMany(t => t)
                .Where(t => t.StartsWith(name + "=", StringComparison.Ordinal))
                .Select(t => t[(name.Length + 1)..])
                .Distinct(),
        ];
        if (said.All(v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
            values[name] = double.Parse(value, CultureInfo.InvariantCulture);
        else if (said.Length == 2)
            values[$"{name}={said[1]}"] = value == said[1] ? 1 : 0;
        else
            foreach (string word in said)
                values[$"{name}={word}"] = value == word ? 1 : 0;
    }
}
