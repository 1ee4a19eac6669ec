// The parts of a schema that it refers to by name, each once.
using System.Text.Json.Nodes;

namespace Gaplab.Studies.Schema;

/// <summary>Collects definitions. Equal parts of one name are one; unequal ones are told apart by a number.</summary>
internal sealed class SchemaDefinitions
{
    private readonly List<(string Name, string Text)> _all = [];

    /// <summary>A reference to a part, which is added where it is new.</summary>
    public JsonObject Refer(string name, JsonObject part)
    {
        string text = part.ToJsonString();
        string known = name;
        for (int variant = 2; _all.FirstOrDefault(d => d.Name == known) is { Name: not null } other; variant++)
        {
            if (other.Text == text)
                return Refer(known);
            known = $"{name}-{variant}";
        }
        _all.Add((known, text));
        return Refer(known);
    }

    /// <summary>All, by name.</summary>
    public JsonObject ToJson() =>
        new(_all.OrderBy(d => d.Name, StringComparer.Ordinal).Select(d => KeyValuePair.Create(d.Name, JsonNode.Parse(d.Text))));

    private static JsonObject Refer(string name) => new() { ["$ref"] = $"#/definitions/{name}" };
}
