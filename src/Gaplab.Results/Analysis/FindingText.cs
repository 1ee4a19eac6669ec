// Findings as lines and as JSON.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Results.Analysis;

/// <summary>The two forms of a <see cref="Finding"/> outside a page.</summary>
public static class FindingText
{
    public static string Line(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return $"{Word(finding.Severity), -10} {(finding.Where.Length > 0 ? finding.Where + ": " : "")}{finding.Message} [{finding.Id}]";
    }

    public static JsonArray ToJson(this IEnumerable<Finding> findings) =>
        AnswerJson.Each(
            findings,
            f => new JsonObject
            {
                ["id"] = f.Id,
                ["severity"] = Word(f.Severity),
                ["message"] = f.Message,
                ["where"] = f.Where,
            }
        );

    /// <summary>"hint", "warning" or "error".</summary>
    public static string Word(Severity severity) => severity.ToString().ToLowerInvariant();
}
