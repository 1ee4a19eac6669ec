// Advice in words and in JSON; in both every number stands beside its origin.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Advice;

/// <summary>The two forms of a <see cref="BatchAdvice"/>.</summary>
public static class AdviceText
{
    /// <summary>The lines for a terminal.</summary>
    public static IReadOnlyList<string> ToLines(this BatchAdvice advice)
    {
        ArgumentNullException.ThrowIfNull(advice);
        var lines = new List<string> { Headline(advice) };
        if (advice.Gap is { } gap)
        {
            string interval = advice is { Low: { } low, High: { } high } ? $", 95% interval {Signed(low)} … {Signed(high)}" : "";
            lines.Add($"  gap             {Signed(gap)} in {advice.Metric}{interval}  ({advice.Origin})");
            lines.Add($"  if wrong        {Wrong(advice)}");
        }
        lines.Add($"  memory          {Memory(advice)}");
        foreach (OptimizerAdvice one in (OptimizerAdvice[])[advice.First, advice.Second])
            lines.Add($"  {one.Optimizer + " start at",-15} {(one.LearningRate is { } rate ? $"learning rate {rate.ToString("G3", CultureInfo.InvariantCulture)}  ({one.LearningRateOrigin})" : "no source knows a learning rate")}");
        foreach ((string origin, FlipPoint flip) in advice.Flips) lines.Add($"  answer flips    {Flip(flip)}  ({origin})");
        foreach (string objection in advice.Objections) lines.Add($"  but: {objection}.");
        return lines;
    }

    /// <summary>One document; what is not known is null, and each number's origin is in the key beside it.</summary>
    public static JsonObject ToJson(this BatchAdvice advice)
    {
        ArgumentNullException.ThrowIfNull(advice);
        return new JsonObject
        {
            ["batch"] = advice.Batch,
            ["metric"] = advice.Metric,
            ["recommended"] = advice.Recommended,
            ["looksAhead"] = advice.LooksAhead,
            ["confidence"] = Number(advice.Confidence),
            ["gap"] = new JsonObject { ["value"] = Number(advice.Gap), ["low"] = Number(advice.Low), ["high"] = Number(advice.High), ["origin"] = advice.Origin },
            ["costOfBeingWrong"] = new JsonObject
            {
                ["expected"] = Number(advice.ExpectedRegret),
                ["worst95"] = Number(advice.WorstRegret),
                ["choosingTheOther"] = Number(advice.Gap is { } gap ? Math.Abs(gap) : null),
                ["origin"] = advice.Origin,
            },
            ["optimizers"] = new JsonArray(One(advice.First), One(advice.Second)),
            ["flips"] = new JsonArray([.. advice.Flips.Select(f => (JsonNode)new JsonObject
            {
                ["batch"] = Number(f.Flip.Batch),
                ["low"] = Number(f.Flip.Interval.Low),
                ["high"] = Number(f.Flip.Interval.High),
                ["ahead"] = f.Flip.Above,
                ["determined"] = f.Flip.Determined,
                ["origin"] = f.Origin,
            })]),
            ["objections"] = new JsonArray([.. advice.Objections.Select(o => (JsonNode)o)]),
        };

        static JsonNode One(OptimizerAdvice one) => new JsonObject
        {
            ["optimizer"] = one.Optimizer,
            ["stateBytesPerParameter"] = one.StateBytes,
            ["stateBytesOrigin"] = "the optimizer's own state in the study's numeric type",
            ["learningRate"] = Number(one.LearningRate),
            ["learningRateOrigin"] = one.LearningRateOrigin,
        };
    }

    private static string Headline(BatchAdvice advice)
    {
        string at = $"at batch size {BatchAdvice.Text(advice.Batch)}";
        string sure = advice.Confidence is { } c ? $" (confidence {Percent(c)})" : "";
        if (advice.Recommended is { } name) return $"{name} {at}{sure}";
        string lean = advice.LooksAhead is { } ahead ? $"; {ahead} looks ahead{sure}" : "";
        OptimizerAdvice lighter = advice.First.StateBytes <= advice.Second.StateBytes ? advice.First : advice.Second;
        string memory = advice.First.StateBytes == advice.Second.StateBytes ? "" : $"; {lighter.Optimizer} needs less memory";
        return $"not determined {at}{lean}{memory}";
    }

    private static string Wrong(BatchAdvice advice)
    {
        string ahead = advice.LooksAhead ?? advice.First.Optimizer;
        string other = ahead == advice.First.Optimizer ? advice.Second.Optimizer : advice.First.Optimizer;
        string regret = advice.ExpectedRegret is { } mean ? $"{ahead} costs {Cost(mean)} on average for being the wrong choice{(advice.WorstRegret is { } worst and > 0 ? $", at worst {Cost(worst)} (95%)" : "")}; " : "";
        return $"{regret}{other} would cost {Cost(Math.Abs(advice.Gap!.Value))}";
    }

    private static string Memory(BatchAdvice advice) =>
        $"{advice.First.Optimizer} keeps {BatchAdvice.Text(advice.First.StateBytes)} bytes a parameter, {advice.Second.Optimizer} {BatchAdvice.Text(advice.Second.StateBytes)}, besides weights and gradient";

    private static string Flip(FlipPoint flip)
    {
        if (flip.Batch is not { } batch) return $"nowhere in range: {flip.Above} ahead throughout{(flip.Determined ? "" : " by the point estimates, not determined")}";
        string interval = flip.Interval is { Low: null, High: null, LowOpen: false, HighOpen: false } ? ""
            : $", 95% interval {(flip.Interval.Low is { } l ? Headlines.Batch(l) : "below the range")} … {(flip.Interval.High is { } h ? Headlines.Batch(h) : "above the range")}";
        return $"at batch size {Headlines.Batch(batch)}{interval}: {flip.Above} is ahead above it{(flip.Determined ? "" : " (not determined)")}";
    }

    private static string Percent(double share) => share > 0.995 ? "above 99%" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0}%");

    private static string Cost(double value) => value is > 0 and < 0.0005 ? "less than 0.001" : value.ToString("0.000#", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);

    private static JsonNode? Number(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
