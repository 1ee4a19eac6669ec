// The JSON form of a factor analysis and of the explanations' scores; docs/factors.md lists every key.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Analysis;

/// <summary>Both stand in the document of a gap analysis. Numbers are finite or null.</summary>
internal static class FactorAnalysisJson
{
    public static JsonObject ToJson(this FactorAnalysis analysis) =>
        new()
        {
            ["design"] = analysis.Study.Design,
            ["generators"] = AnswerJson.Texts(analysis.Study.Generators),
            ["seeds"] = AnswerJson.Texts(analysis.Seeds),
            ["settings"] = AnswerJson.Each(
                analysis.Settings,
                s => new JsonObject
                {
                    ["setting"] = s.Setting,
                    ["comparisons"] = s.Comparisons,
                    ["crossing"] = s.Crossing,
                    ["effects"] = AnswerJson.Each(s.Effects, Of),
                }
            ),
            ["findings"] = analysis.Findings.ToJson(),
        };

    public static JsonObject ToJson(this ExplanationScores explanations) =>
        new()
        {
            ["headline"] = explanations.Sentence("settings"),
            ["scores"] = AnswerJson.Each(
                explanations.Ranked,
                s => new JsonObject
                {
                    ["name"] = s.Name,
                    ["settings"] = s.Settings,
                    ["observations"] = s.Gaps,
                    ["rankCorrelation"] = AnswerJson.Number(s.Correlation?.Value),
                    ["low"] = AnswerJson.Number(s.Correlation?.Interval.Low),
                    ["high"] = AnswerJson.Number(s.Correlation?.Interval.High),
                    ["p"] = AnswerJson.Number(s.Correlation?.PValue),
                    ["pHolm"] = AnswerJson.Number(s.Correlation?.Adjusted),
                    ["leftOutPrediction"] = AnswerJson.Number(s.Predicted),
                }
            ),
        };

    private static JsonObject Of(FactorEffect effect) =>
        new()
        {
            ["name"] = effect.Name,
            ["factors"] = AnswerJson.Texts(effect.Factors),
            ["from"] = effect.From,
            ["to"] = effect.To,
            ["aliases"] = AnswerJson.Texts(effect.Aliases),
            ["gap"] = Of(effect.Gap),
            ["atBatches"] = AnswerJson.Each(effect.AtBatches, a => new JsonObject { ["batch"] = a.Batch, ["gap"] = Of(a.Effect) }),
            ["log2Batch"] = Of(effect.Log2Batch),
        };

    private static JsonObject Of(Effect effect) =>
        new()
        {
            ["value"] = AnswerJson.Number(effect.Value),
            ["low"] = AnswerJson.Number(effect.Interval.Low),
            ["high"] = AnswerJson.Number(effect.Interval.High),
            ["lowOpen"] = effect.Interval.LowOpen,
            ["highOpen"] = effect.Interval.HighOpen,
            ["p"] = AnswerJson.Number(effect.PValue),
            ["pHolm"] = AnswerJson.Number(effect.Adjusted),
        };
}
