// The JSON form of a factor analysis and of the candidates' scores; docs/factors.md lists every key.
using System.Text.Json;

namespace Gaplab.Results.Analysis;

/// <summary>Writes them into the document of a gap analysis. Numbers are finite or null.</summary>
internal static class FactorAnalysisJson
{
    public static void Write(Utf8JsonWriter json, FactorAnalysis analysis)
    {
        json.WriteStartObject("factors");
        json.WriteString("design", analysis.Study.Design);
        Strings(json, "generators", analysis.Study.Generators);
        Strings(json, "seeds", analysis.Seeds);
        json.WriteStartArray("settings");
        foreach (SettingEffects setting in analysis.Settings)
        {
            json.WriteStartObject();
            json.WriteString("setting", setting.Setting);
            json.WriteNumber("comparisons", setting.Comparisons);
            json.WriteNumber("crossing", setting.Crossing);
            json.WriteStartArray("effects");
            foreach (FactorEffect effect in setting.Effects)
            {
                json.WriteStartObject();
                json.WriteString("name", effect.Name);
                Strings(json, "factors", effect.Factors);
                json.WriteString("from", effect.From);
                json.WriteString("to", effect.To);
                Strings(json, "aliases", effect.Aliases);
                Of(json, "gap", effect.Gap);
                json.WriteStartArray("atBatches");
                foreach (EffectAt at in effect.AtBatches)
                {
                    json.WriteStartObject();
                    json.WriteNumber("batch", at.Batch);
                    Of(json, "gap", at.Effect);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                Of(json, "log2Batch", effect.Log2Batch);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (Finding finding in analysis.Findings)
        {
            json.WriteStartObject();
            json.WriteString("id", finding.Id);
            json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
            json.WriteString("message", finding.Message);
            json.WriteString("where", finding.Where);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CandidateScores candidates)
    {
        json.WriteStartObject("candidates");
        json.WriteString("headline", candidates.Sentence());
        json.WriteStartArray("scores");
        foreach (CandidateScore score in candidates.Scores)
        {
            json.WriteStartObject();
            json.WriteString("name", score.Name);
            json.WriteNumber("settings", score.Correlation.Settings);
            json.WriteNumber("observations", score.Correlation.Gaps);
            Number(json, "rankCorrelation", score.Correlation.Value);
            Number(json, "low", score.Correlation.Interval.Low);
            Number(json, "high", score.Correlation.Interval.High);
            Number(json, "p", score.Correlation.PValue);
            Number(json, "pHolm", score.Correlation.Adjusted);
            Number(json, "leftOutPrediction", score.Predicted);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Of(Utf8JsonWriter json, string name, Effect effect)
    {
        json.WriteStartObject(name);
        Number(json, "value", effect.Value);
        Number(json, "low", effect.Interval.Low);
        Number(json, "high", effect.Interval.High);
        json.WriteBoolean("lowOpen", effect.Interval.LowOpen);
        json.WriteBoolean("highOpen", effect.Interval.HighOpen);
        Number(json, "p", effect.PValue);
        Number(json, "pHolm", effect.Adjusted);
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
