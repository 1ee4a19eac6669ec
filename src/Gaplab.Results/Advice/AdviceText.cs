// Advice in words and in JSON; in both every number stands beside its origin.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Advice;

/// <summary>The two forms of a <see cref="BatchAdvice"/>.</summary>
internal static class AdviceText
{
    /// <summary>The lines for a terminal.</summary>
    public static IReadOnlyList<string> ToLines(this BatchAdvice advice)
    {
        ArgumentNullException.ThrowIfNull(advice);
        var lines = new List<string> { advice.Arms.Count > 0 ? ArmHeadline(advice) : Headline(advice) };
        if (advice.Arms.Count > 0)
        {
            lines.AddRange(ArmTable(advice));
            if (advice.Arms.Count > 2)
                lines.Add($"  {advice.First.Optimizer} against {advice.Second.Optimizer}:");
        }
        // Of two optimizers the table has the gap.
        if (advice.Arms.Count != 2 && advice.Gap is { } gap)
        {
            string interval = advice is { Low: { } low, High: { } high } ? $", 95% interval {Signed(low)} … {Signed(high)}" : "";
            lines.Add($"  gap             {Signed(gap)} in {advice.Metric}{interval}  ({advice.Origin})");
        }
        // And of any number, what they keep and where they start.
        if (advice.Arms.Count == 0)
        {
            if (advice.Gap is not null)
                lines.Add($"  if wrong        {Wrong(advice)}");
            lines.Add($"  memory          {Memory(advice)}");
            foreach (OptimizerAdvice one in (OptimizerAdvice[])[advice.First, advice.Second])
                lines.Add($"  {one.Optimizer + " start at", -15} {Start(one)}");
        }
        foreach ((string origin, FlipPoint flip) in advice.Flips)
            lines.Add($"  answer flips    {Flip(flip)}  ({origin})");
        foreach (string objection in advice.Objections)
            lines.Add($"  but: {objection}.");
        return lines;
    }

    private static string Start(OptimizerAdvice one) =>
        one.LearningRate is { } rate
            ? $"learning rate {rate.ToString("G3", CultureInfo.InvariantCulture)}  ({one.LearningRateOrigin})"
            : "no source knows a learning rate";

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
            ["relevance"] = new JsonObject
            {
                ["share"] = Number(advice.Band?.Share),
                ["floor"] = Number(advice.Band?.Floor),
                ["halfWidth"] = advice.Arms.Count > 0 ? advice.Relevance : null,
            },
            ["levelWithBest"] = new JsonArray([.. advice.LevelWithBest.Select(o => (JsonNode)o)]),
            ["arms"] = new JsonArray([.. advice.Arms.Select(Standing)]),
            ["pair"] = new JsonArray(advice.First.Optimizer, advice.Second.Optimizer),
            ["gap"] = new JsonObject
            {
                ["value"] = Number(advice.Gap),
                ["low"] = Number(advice.Low),
                ["high"] = Number(advice.High),
                ["origin"] = advice.Origin,
            },
            ["costOfBeingWrong"] = new JsonObject
            {
                ["expected"] = Number(advice.ExpectedRegret),
                ["worst95"] = Number(advice.WorstRegret),
                ["choosingTheOther"] = Number(advice.Gap is { } gap ? Math.Abs(gap) : null),
                ["origin"] = advice.Origin,
            },
            ["optimizers"] = new JsonArray(One(advice.First), One(advice.Second)),
            ["flips"] = new JsonArray([
                .. advice.Flips.Select(f =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["batch"] = Number(f.Flip.Batch),
                            ["low"] = Number(f.Flip.Interval.Low),
                            ["high"] = Number(f.Flip.Interval.High),
                            ["ahead"] = f.Flip.Above,
                            ["determined"] = f.Flip.Determined,
                            ["sentence"] = f.Flip.Sentence,
                            ["origin"] = f.Origin,
                        }
                ),
            ]),
            ["objections"] = new JsonArray([.. advice.Objections.Select(o => (JsonNode)o)]),
        };

        static JsonNode Standing(ArmAdvice arm) =>
            new JsonObject
            {
                ["optimizer"] = arm.Standing.Optimizer,
                ["value"] = Number(arm.Standing.Value),
                ["learningRate"] = Number(arm.Standing.LearningRate),
                ["momentum"] = Number(arm.Standing.Moments.First),
                ["beta2"] = Number(arm.Standing.Moments.Second),
                ["expectedRegret"] = Number(arm.Standing.ExpectedRegret),
                ["behind"] = Number(arm.Standing.Behind),
                ["low"] = Number(arm.Standing.Interval.Low),
                ["high"] = Number(arm.Standing.Interval.High),
                ["probabilityBest"] = Number(arm.Standing.ProbabilityBest),
                ["atEdge"] = arm.Standing.AtEdge,
                ["place"] = Place(arm.Standing.Place),
                ["stateBytesPerParameter"] = arm.StateBytes,
            };

        static JsonNode One(OptimizerAdvice one) =>
            new JsonObject
            {
                ["optimizer"] = one.Optimizer,
                ["stateBytesPerParameter"] = one.StateBytes,
                ["stateBytesOrigin"] = "the optimizer's own state in the study's numeric type",
                ["learningRate"] = Number(one.LearningRate),
                ["learningRateOrigin"] = one.LearningRateOrigin,
            };
    }

    private static string Place(ArmPlace place) => place.ToString().ToLowerInvariant();

    /// <summary>"sgd or adam-long at batch size 4: level; sgd needs less memory; adam is behind".</summary>
    private static string ArmHeadline(BatchAdvice advice)
    {
        string at = $"at batch size {BatchAdvice.Text(advice.Batch)}",
            best = advice.Arms[0].Standing.Optimizer;
        string[] behind = [.. advice.Arms.Where(a => a.Standing.Place == ArmPlace.Behind).Select(a => a.Standing.Optimizer)];
        string rest = behind.Length > 0 ? $"; {Names(behind, "and")} {(behind.Length == 1 ? "is" : "are")} behind" : "";
        string sure = advice.Confidence is { } c ? $", confidence {Percent(c)}" : "";
        if (advice.Recommended is { } name)
        {
            string[] others =
            [
                .. advice
                    .Arms.Where(a => a.Standing.Place is ArmPlace.Level or ArmPlace.Best && a.Standing.Optimizer != name)
                    .Select(a => a.Standing.Optimizer),
            ];
            return others.Length == 0 ? $"{name} {at} (best of {advice.Arms.Count} tuned optimizers{sure}){rest}"
                : advice.Arms.Where(a => others.Contains(a.Standing.Optimizer)).All(a => a.StateBytes > advice.Chosen!.StateBytes)
                    ? $"{name} {at}: level with {Names(others, "and")}, and needs the least memory{rest}"
                : $"{name} {at}: level with {Names(others, "and")}, which {(others.Length == 1 ? "needs" : "need")} no less memory{rest}";
        }
        ArmAdvice[] level = [.. advice.Arms.Where(a => a.Standing.Place != ArmPlace.Behind)];
        if (level.Length == 1)
            return $"not determined {at}; {best} looks best of {advice.Arms.Count} tuned optimizers{rest}";
        double least = level.Min(a => a.StateBytes);
        string[] light = [.. level.Where(a => a.StateBytes == least).Select(a => a.Standing.Optimizer)];
        string memory =
            light.Length < level.Length ? $"; {Names(light, "and")} {(light.Length == 1 ? "needs" : "need")} the least memory" : "";
        return $"{Names([.. level.Select(a => a.Standing.Optimizer)], "or")} {at}: the runs do not part "
            + $"{(level.Length == 2 ? "the two" : "them")} ({best} looks best{sure}){memory}{rest}";
    }

    private static string Names(string[] names, string conjunction) =>
        names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} {conjunction} {names[^1]}";

    private static IEnumerable<string> ArmTable(BatchAdvice advice)
    {
        var rows = new List<string[]>
        {
            new[] { "optimizer", advice.Metric, "behind by", "95% interval", "best in", "regret", "bytes", "learning rate", "beta2", "" },
        };
        foreach ((ArmStanding arm, double bytes) in advice.Arms)
            rows.Add([
                arm.Optimizer,
                double.IsFinite(arm.Value) ? arm.Value.ToString("G5", CultureInfo.InvariantCulture) : "diverged",
                arm.Place == ArmPlace.Best ? ""
                : double.IsFinite(arm.Behind) ? arm.Behind.ToString("0.0000", CultureInfo.InvariantCulture)
                : "",
                arm.Place != ArmPlace.Best && arm.Interval is { Low: { } low, High: { } high } ? $"{Signed(low)} … {Signed(high)}" : "",
                arm.ProbabilityBest is { } p ? string.Create(CultureInfo.InvariantCulture, $"{100 * p:0}%") : "",
                arm.ExpectedRegret is { } mean ? Cost(mean) : "",
                BatchAdvice.Text(bytes),
                arm.LearningRate is { } rate ? rate.ToString("G3", CultureInfo.InvariantCulture) : "",
                arm.Moments.Second is { } beta2 ? Moments.Number(beta2) : "",
                (arm.Place is ArmPlace.Best ? "" : Place(arm.Place))
                    + (arm.AtEdge ? (arm.Place is ArmPlace.Best ? "" : ", ") + "at the edge of its learning-rate grid" : ""),
            ]);
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        foreach (string[] row in rows)
            yield return "  " + string.Join("  ", row.Select((comparison, c) => comparison.PadRight(widths[c]))).TrimEnd();
        if (advice.Chosen is { } chosen)
        {
            string moments = chosen.Standing.Moments.Text(momentum: true, beta2: true);
            yield return $"  train with      {chosen.Standing.Optimizer}"
                + (chosen.Standing.LearningRate is { } rate ? $", learning rate {rate.ToString("G3", CultureInfo.InvariantCulture)}" : "")
                + (moments.Length > 0 ? $", {moments}" : "");
        }
        ArmAdvice taken = advice.Chosen ?? advice.Arms[0];
        double saved =
            advice.Arms.Where(a => a.Standing.Place is ArmPlace.Best or ArmPlace.Level).Max(a => a.StateBytes) - taken.StateBytes;
        if (taken.Standing.ExpectedRegret is { } regret)
            yield return $"  if wrong        {taken.Standing.Optimizer} costs {Cost(regret)} on average for not being the best"
                + (saved > 0 ? $", and saves {BatchAdvice.Text(saved)} bytes a parameter" : "");
        if (advice.Band is { } band)
            yield return $"  level means     behind by no more than {band.Says}: "
                + advice.Relevance.ToString("G3", CultureInfo.InvariantCulture);
    }

    private static string Headline(BatchAdvice advice)
    {
        string at = $"at batch size {BatchAdvice.Text(advice.Batch)}";
        string sure = advice.Confidence is { } c ? $" (confidence {Percent(c)})" : "";
        if (advice.Recommended is { } name)
            return $"{name} {at}{sure}";
        string lean = advice.LooksAhead is { } ahead ? $"; {ahead} looks ahead{sure}" : "";
        OptimizerAdvice lighter = advice.First.StateBytes <= advice.Second.StateBytes ? advice.First : advice.Second;
        string memory = advice.First.StateBytes == advice.Second.StateBytes ? "" : $"; {lighter.Optimizer} needs less memory";
        return $"not determined {at}{lean}{memory}";
    }

    private static string Wrong(BatchAdvice advice)
    {
        string ahead = advice.Gap > 0 ? advice.Second.Optimizer : advice.First.Optimizer;
        string other = ahead == advice.First.Optimizer ? advice.Second.Optimizer : advice.First.Optimizer;
        string regret = advice.ExpectedRegret is { } mean
            ? $"{ahead} costs {Cost(mean)} on average for being the wrong "
                + $"choice{(advice.WorstRegret is { } worst and > 0 ? $", at worst {Cost(worst)} (95%)" : "")}; "
            : "";
        return $"{regret}{other} would cost {Cost(Math.Abs(advice.Gap!.Value))}";
    }

    private static string Memory(BatchAdvice advice) =>
        $"{advice.First.Optimizer} keeps {BatchAdvice.Text(advice.First.StateBytes)} bytes per parameter, {advice.Second.Optimizer} "
        + $"{BatchAdvice.Text(advice.Second.StateBytes)}, besides weights and gradient";

    private static string Flip(FlipPoint flip)
    {
        if (flip.Sentence is { } sentence)
            return sentence.TrimEnd('.');
        if (flip.Batch is not { } batch)
            return $"nowhere in range: {flip.Above} ahead throughout{(flip.Determined ? "" : " by the point estimates, not determined")}";
        string interval = flip.Interval is { Low: null, High: null, LowOpen: false, HighOpen: false }
            ? ""
            : $", 95% interval {(flip.Interval.Low is { } l ? Headlines.Batch(l) : "below the range")} … "
                + $"{(flip.Interval.High is { } h ? Headlines.Batch(h) : "above the range")}";
        return $"at batch size {Headlines.Batch(batch)}{interval}: {flip.Above} is ahead above "
            + $"it{(flip.Determined ? "" : " (not determined)")}";
    }

    private static string Percent(double share) =>
        share > 0.995 ? "above 99%" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0}%");

    private static string Cost(double value) => value < 0.0005 ? "less than 0.001" : value.ToString("0.000#", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);

    private static JsonNode? Number(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
