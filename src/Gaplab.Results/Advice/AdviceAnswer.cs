// The answer of gaplab advise: what to train with at one batch size, for each comparison of a study.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Advice;

/// <summary>Advice by the heading of its comparison; "" is the only one.</summary>
public sealed record AdviceAnswer(IReadOnlyList<(string Comparison, BatchAdvice Advice)> Comparisons) : IAnswer
{
    public IEnumerable<string> Lines() =>
        Comparisons.SelectMany(c => c.Comparison.Length > 0 ? c.Advice.ToLines().Prepend($"[{c.Comparison}]") : c.Advice.ToLines());

    public JsonNode Json() => new JsonObject { ["advice"] = AnswerJson.Each(Comparisons, c => Of(c.Comparison, c.Advice)) };

    private static JsonObject Of(string comparison, BatchAdvice advice)
    {
        JsonObject json = advice.ToJson();
        json["comparison"] = comparison;
        return json;
    }
}
