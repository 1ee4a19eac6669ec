// Explanations of the gap that every study has: sizes, factors, and the traits that its file states.
using System.Globalization;
using Gaplab.Results.Analysis;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reporting;

/// <summary>Gaps beside what a study says of their comparisons.</summary>
internal static class StatedExplanations
{
    /// <summary>Log₂ of each, of a comparison at the batch size of a gap.</summary>
    public static IReadOnlyList<(string Name, Func<PlannedComparison, Gap, double> Log2)> Sizes { get; } =
    [
        ("batch size", (_, gap) => Math.Log2(gap.Batch)),
        ("steps", (c, gap) => Math.Log2(c.Study.Budget.Steps((int)gap.Batch, c.Study.Task.Context))),
        ("parameters", (c, _) => Math.Log2(c.Parameters)),
        ("vocabulary or classes", (c, _) => Math.Log2(c.Vocabulary)),
    ];

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
            foreach (Gap gap in GapObservation.Of(measured))
            {
                // Of a command neither parameters nor classes are known.
                var values = Sizes
                    .Select(s => (s.Name, Value: s.Log2(comparison, gap)))
                    .Where(s => double.IsFinite(s.Value))
                    .ToDictionary(s => s.Name, s => s.Value);
                for (int f = 0; f < plan.Study.Factors.Count; f++)
                    if (plan.Study.Factors[f].Levels.Count == 2)
                        values[plan.Study.Factors[f].Name] = plan.Study.Factors[f].Levels[0] == comparisons[i].Levels[f] ? 0 : 1;
                foreach (string trait in traits[i])
                    AddTrait(values, trait, traits);
                observations.Add(GapObservation.Of(comparisons[i].Setting, gap, values));
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
