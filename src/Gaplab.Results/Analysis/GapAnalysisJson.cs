// The JSON form of a gap analysis; docs/statistics.md lists every key.
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gaplab.Results.Analysis;

/// <summary>Writes a <see cref="GapAnalysis"/> as JSON. Numbers are finite; what has no finite value is null.</summary>
public static class GapAnalysisJson
{
    /// <summary>The document as text, indented, ending without a newline.</summary>
    public static string ToJson(this GapAnalysis analysis, bool indented = true)
    {
        using var stream = new MemoryStream();
        using (
            var json = new Utf8JsonWriter(
                stream,
                new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
            analysis.Write(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Writes the analysis as one JSON object.</summary>
    public static void Write(this GapAnalysis analysis, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        Strings(json, "pair", [analysis.First, analysis.Second]);
        json.WriteString("metric", analysis.Metric);
        json.WriteBoolean("higherIsBetter", analysis.HigherIsBetter);
        json.WriteNumber("level", 0.95);
        Array(json, "comparisons", analysis.Comparisons, (j, g) => Comparison(j, analysis, g));
        Findings(json, analysis.Findings);
        if (analysis.Factors is { } factors)
            FactorAnalysisJson.Write(json, factors);
        if (analysis.Candidates is { } candidates)
            FactorAnalysisJson.Write(json, candidates);
        analysis.Integrity?.Write(json);
        json.WriteEndObject();
    }

    private static void Comparison(Utf8JsonWriter json, GapAnalysis analysis, ComparisonAnalysis comparison)
    {
        json.WriteStartObject();
        json.WriteStartObject("key");
        foreach (var (name, value) in comparison.Key.Pairs)
            json.WriteString(name, value);
        json.WriteEndObject();
        Array(json, "gaps", comparison.Gaps, Gap);
        Array(
            json,
            "crossovers",
            comparison.Crossovers,
            (j, c) =>
            {
                j.WriteStartObject();
                Number(j, "batch", c.Batch);
                Between(j, c.Between);
                Ends(j, c.Interval);
                j.WriteString("from", c.From);
                j.WriteString("to", c.To);
                j.WriteEndObject();
            }
        );
        json.WriteString("verdict", comparison.Verdict);
        Strings(json, "caveats", Caveats.Of(analysis, comparison));
        json.WriteString("headline", comparison.Headline);
        Strings(json, "needs", comparison.Needs);
        if (comparison.Isotonic is null)
            json.WriteNull("isotonic");
        else
            Isotonic(json, comparison.Isotonic);
        Number(json, "fractionCrossing", comparison.Isotonic?.FractionCrossing);
        Strings(json, "seeds", comparison.Seeds);
        json.WriteNumber("resamples", comparison.Resamples);
        Array(
            json,
            "tuned",
            comparison.Tuned,
            (j, t) =>
            {
                j.WriteStartObject();
                j.WriteString("optimizer", t.Optimizer);
                j.WriteNumber("batch", t.Batch);
                Tuned(j, t);
                j.WriteEndObject();
            }
        );
        Array(
            json,
            "budget",
            comparison.Budgets,
            (j, b) =>
            {
                j.WriteStartObject();
                j.WriteString("optimizer", b.Optimizer);
                j.WriteNumber("batch", b.Batch);
                j.WriteNumber("learningRates", b.LearningRates);
                j.WriteNumber("momenta", b.Momenta);
                j.WriteNumber("seeds", b.Seeds);
                j.WriteNumber("runs", b.Runs);
                j.WriteNumber("diverged", b.Diverged);
                j.WriteNumber("missing", b.Missing);
                j.WriteEndObject();
            }
        );
        Findings(json, comparison.Findings);
        json.WriteEndObject();
    }

    private static void Gap(Utf8JsonWriter json, Gap gap)
    {
        json.WriteStartObject();
        json.WriteNumber("batch", gap.Batch);
        Number(json, "gap", gap.Value);
        Ends(json, gap.Interval);
        if (gap.Bound == GapBound.None)
            json.WriteNull("oneSided");
        else
            json.WriteString(
                "oneSided",
                gap.Bound switch
                {
                    GapBound.AtMost => "at-most",
                    GapBound.AtLeast => "at-least",
                    _ => "both",
                }
            );
        json.WriteString(
            "ahead",
            gap.Decided switch
            {
                > 0 => gap.Second.Optimizer,
                < 0 => gap.First.Optimizer,
                _ => gap.IsLevel ? "level" : "not-decided",
            }
        );
        Number(json, "correctedLow", gap.Corrected.Low);
        Number(json, "correctedHigh", gap.Corrected.High);
        Number(json, "percentileLow", gap.Percentile.Low);
        Number(json, "percentileHigh", gap.Percentile.High);
        Number(json, "interpolated", gap.Interpolated);
        Number(json, "bias", gap.Value - gap.BiasCorrected);
        Number(json, "leaveOneOut", gap.LeaveOneOut);
        foreach (TunedMetric tuned in new[] { gap.First, gap.Second })
        {
            json.WriteStartObject(tuned.Optimizer);
            Tuned(json, tuned);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Tuned(Utf8JsonWriter json, TunedMetric tuned)
    {
        Number(json, "lr", tuned.LearningRate);
        Number(json, "momentum", tuned.Momentum);
        Number(json, "value", tuned.Value);
        json.WriteBoolean("edge", tuned.Edge != GridEdge.None);
        json.WriteString(
            "edgeSide",
            tuned.Edge switch
            {
                GridEdge.Low => "low",
                GridEdge.High => "high",
                GridEdge.Both => "both",
                _ => "none",
            }
        );
        json.WriteBoolean("diverged", tuned.AllDiverged);
        if (tuned.Interpolated is null)
            json.WriteNull("interpolated");
        else
        {
            json.WriteStartObject("interpolated");
            Number(json, "lr", tuned.Interpolated.LearningRate);
            Number(json, "value", tuned.Interpolated.Value);
            json.WriteEndObject();
        }
        Number(json, "bias", tuned.SelectionBias);
        Number(json, "leaveOneOut", tuned.LeaveOneOut);
        Number(json, "clipFraction", tuned.Best.ClipFraction);
        Strings(json, "provenance", tuned.Best.Runs.Where(r => r.Length > 0));
    }

    private static void Isotonic(Utf8JsonWriter json, IsotonicFit fit)
    {
        json.WriteStartObject("isotonic");
        json.WriteString("direction", fit.Increasing ? "increasing" : "decreasing");
        json.WriteStartArray("batches");
        foreach (long batch in fit.Batches)
            json.WriteNumberValue(batch);
        json.WriteEndArray();
        json.WriteStartArray("fit");
        foreach (double value in fit.Fit)
            json.WriteNumberValue(value);
        json.WriteEndArray();
        Number(json, "batch", fit.Batch);
        Between(json, fit.Between);
        Ends(json, fit.Interval);
        Number(json, "percentileLow", fit.Percentile.Low);
        Number(json, "percentileHigh", fit.Percentile.High);
        Number(json, "fractionAgreeing", fit.FractionAgreeing);
        json.WriteEndObject();
    }

    private static void Between(Utf8JsonWriter json, Bracket? between)
    {
        if (between is null)
        {
            json.WriteNull("between");
            return;
        }
        json.WriteStartArray("between");
        json.WriteNumberValue(between.Low);
        json.WriteNumberValue(between.High);
        json.WriteEndArray();
    }

    private static void Ends(Utf8JsonWriter json, Interval interval)
    {
        Number(json, "low", interval.Low);
        Number(json, "high", interval.High);
        json.WriteBoolean("lowOpen", interval.LowOpen);
        json.WriteBoolean("highOpen", interval.HighOpen);
    }

    private static void Findings(Utf8JsonWriter json, IReadOnlyList<Finding> findings) =>
        Array(
            json,
            "findings",
            findings,
            (j, f) =>
            {
                j.WriteStartObject();
                j.WriteString("id", f.Id);
                j.WriteString(
                    "severity",
                    f.Severity switch
                    {
                        Severity.Hint => "hint",
                        Severity.Warning => "warning",
                        _ => "error",
                    }
                );
                j.WriteString("message", f.Message);
                j.WriteString("where", f.Where);
                j.WriteEndObject();
            }
        );

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
            write(json, item);
        json.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values) =>
        Array(json, name, values, (j, v) => j.WriteStringValue(v));

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
