// The answer of gaplab power: how many seeds find a gap of one size, at every batch size of a pilot.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Analysis;

/// <summary>Of a pilot.</summary>
/// <param name="Pilot">The analysis of its runs.</param>
/// <param name="Rows">Of <see cref="SeedPower"/>, one for each batch size; at least one.</param>
/// <param name="Difference">The size of the gap to be found, in the metric's units.</param>
/// <param name="Power">The probability of finding it.</param>
public sealed record PowerAnswer(GapAnalysis Pilot, IReadOnlyList<SeedPower> Rows, double Difference, double Power) : IAnswer
{
    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"seeds that find a gap of {Difference} in {Pilot.Metric} between {Pilot.First} and {Pilot.Second} with a "
                + $"probability of {Power:p0} (two-sided, "
                + $"5%){(Pilot.Caveats.Count > 0 ? $" ({string.Join("; ", Pilot.Caveats)})" : "")}"
        );
        foreach (SeedPower row in Rows)
        {
            string where = $"{row.Comparison.Prefix}B={row.Batch}";
            yield return row.Deviation is not { } deviation
                ? $"  {where}: unknown, {Why(row)}"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {where}: {Count(row.Needed)} seeds ({Count(row.NeededLow)} to {Count(row.NeededHigh)} by the uncertainty of the "
                        + $"spread from {row.Seeds} seeds); spread between seeds {deviation:g3}, power of {row.Seeds} seeds "
                        + $"{row.PowerNow:p0}"
                );
        }
        if (
            Rows.Select(r => r.Needed).OfType<int>().DefaultIfEmpty().Max() is > 0 and var most
            && Rows.All(r => r.Needed is not null || r.Deviation is null)
        )
            yield return $"at every batch size: {most} seeds";
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["pair"] = AnswerJson.Texts([Pilot.First, Pilot.Second]),
            ["metric"] = Pilot.Metric,
            ["gap"] = Difference,
            ["power"] = Power,
            ["level"] = 0.05,
            ["caveats"] = AnswerJson.Texts(Pilot.Caveats),
            ["rows"] = AnswerJson.Each(
                Rows,
                r => new JsonObject
                {
                    ["comparison"] = r.Comparison.Heading,
                    ["batch"] = r.Batch,
                    ["pilotGap"] = AnswerJson.Number(r.Gap),
                    ["pilotSeeds"] = r.Seeds,
                    ["deviation"] = r.Deviation,
                    ["seeds"] = r.Needed,
                    ["seedsLow"] = r.NeededLow,
                    ["seedsHigh"] = r.NeededHigh,
                    ["pilotPower"] = r.PowerNow,
                }
            ),
        };

    // Which of the two is at fault, and at which end of its learning rates.
    private string Why(SeedPower row)
    {
        if (row.Seeds < 2)
            return "the pilot has one seed; run at least 3";
        Gap gap = Pilot.Of(row.Comparison)!.Gaps.First(g => g.Batch == row.Batch);
        string[] diverged = [.. ((TunedMetric[])[gap.First, gap.Second]).Where(t => t.AllDiverged).Select(t => t.Optimizer)];
        return diverged.Length == 0
            ? "the seeds show no spread"
            : $"{string.Join(" and ", diverged)} diverged at every learning rate there; try smaller ones";
    }

    private static string Count(int? seeds) => seeds?.ToString(CultureInfo.InvariantCulture) ?? "more than 10000";
}
