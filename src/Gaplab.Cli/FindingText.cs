// Findings as lines and as JSON.
using System.Text.Json.Nodes;
using Gaplab.Results.Analysis;

namespace Gaplab.Cli;

internal static class FindingText
{
    public static string Line(Finding finding) =>
        $"{finding.Severity.ToString().ToLowerInvariant(), -10} {(finding.Where.Length > 0 ? finding.Where + ": " : "")}{finding.Message} "
        + $"[{finding.Id}]";

    public static JsonArray Json(IEnumerable<Finding> findings) =>
        new([
            .. findings.Select(f =>
                (JsonNode)
                    new JsonObject
                    {
                        ["id"] = f.Id,
                        ["severity"] = f.Severity.ToString().ToLowerInvariant(),
                        ["where"] = f.Where,
                        ["message"] = f.Message,
                    }
            ),
        ]);
}
