// What a pilot will run and cost, before anything starts.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Piloting;

/// <summary>Cells of one length that a pilot is sure to run.</summary>
/// <param name="Length">"N/4".</param>
/// <param name="RunSamples">Training samples of a run.</param>
/// <param name="Batches">Ascending.</param>
/// <param name="Seeds">None of the sweep's.</param>
/// <param name="Runs">At their first learning rates.</param>
/// <param name="Samples">Of all of these runs.</param>
public sealed record PlannedCells(
    string Length,
    long RunSamples,
    IReadOnlyList<int> Batches,
    IReadOnlyList<long> Seeds,
    int Runs,
    long Samples
);

/// <summary>The plan of one comparison.</summary>
/// <param name="Comparison">Its key; "" is the only one.</param>
/// <param name="Pairs">What is predicted, "sgd against adam".</param>
/// <param name="Optimizers">Those that are run.</param>
/// <param name="Anchors">Cells of the whole length that may follow, each of one pair.</param>
/// <param name="LeftOut">Batch sizes with too few steps at a quarter of the length.</param>
/// <param name="Allowance">Training samples that it may cost.</param>
/// <param name="Sweep">Those of the sweep's first round.</param>
public sealed record PilotPlanPart(
    string Comparison,
    IReadOnlyList<string> Pairs,
    IReadOnlyList<string> Optimizers,
    IReadOnlyList<PlannedCells> Cells,
    int Anchors,
    IReadOnlyList<int> LeftOut,
    double Allowance,
    long Sweep
)
{
    /// <summary>Training samples that are sure to be spent.</summary>
    public long Samples => Cells.Sum(c => c.Samples);

    internal static PilotPlanPart Of(PilotedComparison piloted)
    {
        PilotDesign design = piloted.Design;
        return new(
            piloted.Key.Heading,
            [.. piloted.Pairs.Select(p => $"{p.First.Name} against {p.Second.Name}")],
            design.Optimizers,
            [
                .. design
                    .Cells.GroupBy(c => c.Length)
                    .Select(g => new PlannedCells(
                        g.Key.Text,
                        g.Key.Samples(design.Study, g.First().Batch),
                        [.. g.Select(c => c.Batch)],
                        g.First().Seeds,
                        g.Sum(c => c.Seeds.Count) * PilotDesign.Rates * design.Sides.Count,
                        g.Sum(c => c.Seeds.Count * design.Cost(c.Length, c.Batch, design.Optimizers))
                    )),
            ],
            design.AnchorsAtMost,
            design.LeftOut,
            design.Allowance,
            design.Sweep
        );
    }
}

/// <param name="Tier">The price.</param>
/// <param name="Parts">At least one.</param>
/// <param name="LeftOut">Comparisons that cannot be piloted, each with its reason.</param>
/// <param name="Name">Of the pilot, as a study.</param>
public sealed record PilotPlanAnswer(PilotTier Tier, IReadOnlyList<PilotPlanPart> Parts, IReadOnlyList<string> LeftOut, string Name)
    : IAnswer
{
    public IEnumerable<string> Lines()
    {
        foreach (string left in LeftOut)
            yield return $"left out   {left}";
        foreach (PilotPlanPart part in Parts)
        {
            if (part.Comparison.Length > 0)
                yield return $"[{part.Comparison}]";
            yield return $"pilot      {string.Join("; ", part.Pairs)}";
            foreach (PlannedCells c in part.Cells)
                yield return $"runs       {N(c.Runs)} of {c.Length}, {N(c.RunSamples)} samples each: batch {Plural("size", c.Batches)}, "
                    + $"{PilotDesign.Rates} learning rates, {Plural("seed", c.Seeds)}";
            if (part.Anchors > 0)
                yield return $"           up to {part.Anchors} of a pair at the whole length, where they tell most about the crossover";
            if (part.LeftOut.Count > 0)
                yield return $"           none at batch {Plural("size", part.LeftOut)}: fewer than {PilotLength.FewestSteps} steps at a "
                    + "quarter of the length";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"cost       {N(part.Samples)} training samples at first, {100.0 * part.Samples / part.Sweep:0.0#}% of the "
                    + $"{N(part.Sweep)} of the sweep's first round; at most {Tier.Name}, but for learning rates beyond an edge"
            );
        }
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = Name,
            ["cost"] = Tier.Name,
            ["comparisons"] = AnswerJson.Each(
                Parts,
                p => new JsonObject
                {
                    ["comparison"] = p.Comparison,
                    ["pairs"] = AnswerJson.Texts(p.Pairs),
                    ["cells"] = AnswerJson.Of(p.Cells),
                    ["anchors"] = p.Anchors,
                    ["leftOut"] = AnswerJson.Each(p.LeftOut, b => b),
                    ["samples"] = p.Samples,
                    ["allowance"] = p.Allowance,
                    ["sweepSamples"] = p.Sweep,
                }
            ),
            ["leftOut"] = AnswerJson.Texts(LeftOut),
        };

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Plural<T>(string word, IReadOnlyList<T> all) =>
        $"{word}{(all.Count > 1 ? "s" : "")} {string.Join(", ", all.Select(a => Convert.ToString(a, CultureInfo.InvariantCulture)))}";
}
