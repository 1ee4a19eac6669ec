// The answer of gaplab check-reference: what was recomputed, and what lies outside its tolerance.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Reference;

public sealed record ReferenceAnswer(ReferenceReport Report) : IAnswer
{
    public IEnumerable<string> Lines()
    {
        foreach (ReferenceMismatch row in Report.Outside)
            yield return $"outside tolerance: {row.Id} {row.Name} {row.Parameters}: {row.Difference}";
        yield return $"{Report.Checked} rows checked, {Report.Outside.Count} outside tolerance, {Report.Unknown} not known, {Report.Read} "
            + $"input rows read{(Report.NotSimulated > 0 ? $", {Report.NotSimulated} to simulate with --all" : "")}";
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["checked"] = Report.Checked,
            ["read"] = Report.Read,
            ["not-simulated"] = Report.NotSimulated,
            ["unknown"] = Report.Unknown,
            ["unknown-names"] = AnswerJson.Texts(Report.UnknownNames),
            ["outside"] = AnswerJson.Each(
                Report.Outside,
                o => new JsonObject
                {
                    ["id"] = o.Id,
                    ["name"] = o.Name,
                    ["parameters"] = o.Parameters,
                    ["difference"] = o.Difference,
                }
            ),
        };
}
