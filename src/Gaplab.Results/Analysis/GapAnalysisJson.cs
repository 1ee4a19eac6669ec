// The JSON form of a gap analysis; docs/statistics.md lists every key.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Analysis;

/// <summary>A <see cref="GapAnalysis"/> as JSON. Numbers are finite; what has no finite value is null.</summary>
public static class GapAnalysisJson
{
    /// <summary>The document.</summary>
    public static JsonObject ToJson(this GapAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var json = new JsonObject
        {
            ["pair"] = AnswerJson.Texts([analysis.First, analysis.Second]),
            ["metric"] = analysis.Metric,
            ["higherIsBetter"] = analysis.HigherIsBetter,
            ["level"] = 0.95,
            ["comparisons"] = AnswerJson.Each(analysis.Comparisons, c => Comparison(analysis, c)),
            ["setAside"] = analysis.SetAside,
            ["findings"] = analysis.Findings.ToJson(),
        };
        if (analysis.MemoryLaws is { Count: > 0 } laws)
            json["memoryLaws"] = AnswerJson.Each(laws, MemoryLawText.Json);
        if (analysis.Factors is { } factors)
            json["factors"] = factors.ToJson();
        if (analysis.Explanations is { } explanations)
            json["explanations"] = explanations.ToJson();
        return json;
    }

    private static JsonObject Comparison(GapAnalysis analysis, ComparisonAnalysis comparison) =>
        new()
        {
            ["key"] = Key(comparison.Key),
            ["gaps"] = AnswerJson.Each(comparison.Gaps, Gap),
            ["crossovers"] = AnswerJson.Each(comparison.Crossovers, Crossover),
            ["verdict"] = comparison.Verdict,
            ["caveats"] = AnswerJson.Texts(Caveats.Of(analysis, comparison)),
            ["headline"] = analysis.Told(comparison),
            ["runs"] = new JsonObject
            {
                ["counted"] = comparison.Runs.Counted,
                ["diverged"] = comparison.Runs.Diverged,
                ["missing"] = comparison.Runs.Missing,
                ["otherSeeds"] = comparison.Runs.OtherSeeds,
                ["otherBatches"] = comparison.Runs.OtherBatches,
            },
            ["needs"] = AnswerJson.Texts(comparison.Needs),
            ["isotonic"] = comparison.Isotonic is { } fit ? Isotonic(fit) : null,
            ["fractionCrossing"] = AnswerJson.Number(comparison.Isotonic?.FractionCrossing),
            ["seeds"] = AnswerJson.Texts(comparison.Seeds),
            ["resamples"] = comparison.Resamples,
            ["tuned"] = AnswerJson.Each(
                comparison.Tuned,
                t => Tuned(new JsonObject { ["optimizer"] = t.Optimizer, ["batch"] = t.Batch }, t)
            ),
            ["budget"] = AnswerJson.Each(
                comparison.Budgets,
                b => new JsonObject
                {
                    ["optimizer"] = b.Optimizer,
                    ["batch"] = b.Batch,
                    ["learningRates"] = b.LearningRates,
                    ["momenta"] = b.Momenta,
                    ["seeds"] = b.Seeds,
                    ["runs"] = b.Runs,
                    ["diverged"] = b.Diverged,
                    ["missing"] = b.Missing,
                }
            ),
            ["memory"] = AnswerJson.Each(comparison.Memory, MemoryLawText.Json),
            ["findings"] = comparison.Findings.ToJson(),
        };

    private static JsonObject Key(ComparisonKey key)
    {
        JsonObject json = [];
        foreach ((string name, string value) in key.Pairs)
            json[name] = value;
        return json;
    }

    private static JsonObject Gap(Gap gap)
    {
        var json = new JsonObject { ["batch"] = gap.Batch, ["gap"] = AnswerJson.Number(gap.Value) };
        Ends(json, gap.Interval);
        json["oneSided"] = gap.Bound switch
        {
            GapBound.None => null,
            GapBound.AtMost => "at-most",
            GapBound.AtLeast => "at-least",
            _ => "both",
        };
        json["ahead"] = gap.Decided switch
        {
            > 0 => gap.Second.Optimizer,
            < 0 => gap.First.Optimizer,
            _ => gap.IsLevel ? "level" : "not-decided",
        };
        json["relevant"] = gap.IsRelevant;
        json["correctedLow"] = AnswerJson.Number(gap.Corrected.Low);
        json["correctedHigh"] = AnswerJson.Number(gap.Corrected.High);
        json["percentileLow"] = AnswerJson.Number(gap.Percentile.Low);
        json["percentileHigh"] = AnswerJson.Number(gap.Percentile.High);
        json["interpolated"] = AnswerJson.Number(gap.Interpolated);
        json["bias"] = AnswerJson.Number(gap.Value - gap.BiasCorrected);
        json["leaveOneOut"] = AnswerJson.Number(gap.LeaveOneOut);
        foreach (TunedMetric tuned in new[] { gap.First, gap.Second })
            json[tuned.Optimizer] = Tuned([], tuned);
        return json;
    }

    private static JsonObject Crossover(Crossover crossover)
    {
        var json = new JsonObject { ["batch"] = AnswerJson.Number(crossover.Batch), ["between"] = Between(crossover.Between) };
        Ends(json, crossover.Interval);
        json["from"] = crossover.From;
        json["to"] = crossover.To;
        return json;
    }

    private static JsonObject Tuned(JsonObject json, TunedMetric tuned)
    {
        json["lr"] = AnswerJson.Number(tuned.LearningRate);
        json["momentum"] = AnswerJson.Number(tuned.Moments.First);
        json["beta2"] = AnswerJson.Number(tuned.Moments.Second);
        json["value"] = AnswerJson.Number(tuned.Value);
        json["edge"] = tuned.Edge != GridEdge.None;
        json["edgeSide"] = tuned.Edge switch
        {
            GridEdge.Low => "low",
            GridEdge.High => "high",
            GridEdge.Both => "both",
            _ => "none",
        };
        json["diverged"] = tuned.AllDiverged;
        json["interpolated"] = tuned.Interpolated is { } between
            ? new JsonObject { ["lr"] = AnswerJson.Number(between.LearningRate), ["value"] = AnswerJson.Number(between.Value) }
            : null;
        json["bias"] = AnswerJson.Number(tuned.SelectionBias);
        json["leaveOneOut"] = AnswerJson.Number(tuned.LeaveOneOut);
        json["clipFraction"] = AnswerJson.Number(tuned.Best.ClipFraction);
        json["provenance"] = AnswerJson.Texts(tuned.Best.Runs.Where(r => r.Length > 0));
        return json;
    }

    private static JsonObject Isotonic(IsotonicFit fit)
    {
        var json = new JsonObject
        {
            ["direction"] = fit.Increasing ? "increasing" : "decreasing",
            ["batches"] = AnswerJson.Each(fit.Batches, b => b),
            ["fit"] = AnswerJson.Each(fit.Fit, f => f),
            ["batch"] = AnswerJson.Number(fit.Batch),
            ["between"] = Between(fit.Between),
        };
        Ends(json, fit.Interval);
        json["percentileLow"] = AnswerJson.Number(fit.Percentile.Low);
        json["percentileHigh"] = AnswerJson.Number(fit.Percentile.High);
        json["fractionAgreeing"] = AnswerJson.Number(fit.FractionAgreeing);
        return json;
    }

    private static JsonArray? Between(Bracket? between) => between is null ? null : new(between.Low, between.High);

    private static void Ends(JsonObject json, Interval interval)
    {
        json["low"] = AnswerJson.Number(interval.Low);
        json["high"] = AnswerJson.Number(interval.High);
        json["lowOpen"] = interval.LowOpen;
        json["highOpen"] = interval.HighOpen;
    }
}
