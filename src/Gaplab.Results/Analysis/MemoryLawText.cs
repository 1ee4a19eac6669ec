// How the crossover moves with β₂, as lines and as JSON.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Analysis;

/// <summary>The two forms of a <see cref="MemoryLaw"/> outside a page.</summary>
internal static class MemoryLawText
{
    public static IEnumerable<string> Lines(MemoryLaw law)
    {
        yield return $"{law.Optimizer} by its beta2{(law.Other is { } other ? $", each against the same {other}" : "")}:";
        foreach (MemoryArm arm in law.Arms)
            yield return $"  beta2 {Moments.Number(arm.Beta2)}: {Place(arm, law.Other is not null)}";
        foreach (LawSlope slope in law.Slopes)
            yield return "  " + Sentence(slope);
    }

    /// <summary>"B* = 21 (between 16 and 23; 95% interval 11 … 45)".</summary>
    private static string Place(MemoryArm arm, bool paired)
    {
        string at = string.Join(", ", arm.Curve.Select(c => $"{Headlines.Number(c.Value)} at {c.Batch}"));
        if (arm.Between is not { } between)
            return $"{(paired ? "no crossing in range" : at)}";
        return $"B* = {Headlines.Batch(arm.Interpolated!.Value)} (between {between.Low} and {between.High}"
            + (
                arm.Interval == Interval.None
                    ? ")"
                    : $"; 95% interval {End(arm.Interval.Low, "below", arm.Curve[0].Batch)} … "
                        + $"{End(arm.Interval.High, "above", arm.Curve[^1].Batch)})"
            );
    }

    private static string End(double? end, string open, long last) => end is { } size ? Headlines.Batch(size) : $"{open} {last}";

    /// <summary>"log B* on log(1 − β₂) has slope 0.84 (95% interval 0.55 … 1.20) over 3 values: undecided".</summary>
    public static string Sentence(LawSlope slope) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"log B* on log({slope.Variable}) has slope {slope.Slope:0.00} ({Interval95(slope.Interval)}) over {slope.Arms} values of β₂: "
                + $"B* ∝ {slope.Variable} is {Word(slope.Verdict)}"
        );

    /// <summary>"adam, 5 comparisons with 14 crossings: log B* on log(1 − β₂) has the common slope 0.92 (95% interval 0.80 … 1.04): B* ∝
    /// 1 − β₂ is undecided".</summary>
    public static string Sentence(JointLaw law) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{law.Optimizer}, {law.Comparisons} comparisons with {law.Crossings} crossings: log B* on log({law.Variable}) has the common "
                + $"slope {law.Slope:0.00} ({Interval95(law.Interval)}): B* ∝ {law.Variable} is {Word(law.Verdict)}"
        );

    private static string Interval95(Interval interval) =>
        interval == Interval.None
            ? "no interval"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"95% interval {(interval.Low is { } low ? low.ToString("0.00", CultureInfo.InvariantCulture) : "open")} … "
                    + $"{(interval.High is { } high ? high.ToString("0.00", CultureInfo.InvariantCulture) : "open")}"
            );

    /// <summary>"confirmed", "refuted" or "undecided".</summary>
    public static string Word(LawVerdict verdict) => verdict.ToString().ToLowerInvariant();

    public static JsonObject Json(JointLaw law) =>
        new()
        {
            ["optimizer"] = law.Optimizer,
            ["variable"] = law.Variable,
            ["comparisons"] = law.Comparisons,
            ["crossings"] = law.Crossings,
            ["slope"] = law.Slope,
            ["low"] = AnswerJson.Number(law.Interval.Low),
            ["high"] = AnswerJson.Number(law.Interval.High),
            ["verdict"] = Word(law.Verdict),
        };

    public static JsonObject Json(MemoryLaw law) =>
        new()
        {
            ["optimizer"] = law.Optimizer,
            ["other"] = law.Other,
            ["arms"] = AnswerJson.Each(
                law.Arms,
                a => new JsonObject
                {
                    ["beta2"] = a.Beta2,
                    ["kappa"] = AnswerJson.Number(a.Kappa),
                    ["batch"] = AnswerJson.Number(a.Interpolated),
                    ["between"] = a.Between is { } between ? new JsonArray(between.Low, between.High) : null,
                    ["low"] = AnswerJson.Number(a.Interval.Low),
                    ["high"] = AnswerJson.Number(a.Interval.High),
                    ["lowOpen"] = a.Interval.LowOpen,
                    ["highOpen"] = a.Interval.HighOpen,
                    ["excessExponent"] = AnswerJson.Number(a.ExcessExponent),
                    ["curve"] = AnswerJson.Each(a.Curve, c => new JsonArray(c.Batch, c.Value)),
                }
            ),
            ["slopes"] = AnswerJson.Each(
                law.Slopes,
                s => new JsonObject
                {
                    ["variable"] = s.Variable,
                    ["slope"] = s.Slope,
                    ["low"] = AnswerJson.Number(s.Interval.Low),
                    ["high"] = AnswerJson.Number(s.Interval.High),
                    ["verdict"] = Word(s.Verdict),
                }
            ),
        };
}
