// The answer of gaplab study schema.
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Schema;

/// <summary>The schema of study files; its lines are the document.</summary>
/// <param name="Catalogues">What a study can name.</param>
public sealed record SchemaAnswer(Catalogues Catalogues) : IAnswer
{
    public IEnumerable<string> Lines() => StudySchema.Text(Catalogues).TrimEnd('\n').Split('\n');

    public JsonNode Json() => StudySchema.Json(Catalogues);
}
