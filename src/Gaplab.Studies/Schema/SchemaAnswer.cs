// The answer of gaplab study schema.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Schema;

/// <summary>The schema of study files; its lines are the document.</summary>
public sealed record SchemaAnswer : IAnswer
{
    public IEnumerable<string> Lines() => StudySchema.Text().TrimEnd('\n').Split('\n');

    public JsonNode Json() => StudySchema.Json();
}
