// A study file as an editor sees it: YAML 1.2's core schema makes JSON of it, which a validator that is not ours holds against the schema.
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaplab.Studies;
using Gaplab.Studies.Schema;
using NJsonSchema;
using NJsonSchema.Validation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Training.Tests.Schema;

internal static partial class EditorCheck
{
    private static readonly Lazy<JsonSchema> s_schema = new(() => Of(Catalogues.BuiltIn));

    /// <summary>What the schema has against a file; empty where it has nothing.</summary>
    /// <param name="yaml">The file.</param>
    /// <param name="catalogues">What the schema's program knows; null: what Gaplab does.</param>
    public static string Objections(string yaml, Catalogues? catalogues = null)
    {
        JsonSchema schema = catalogues is null ? s_schema.Value : Of(catalogues);
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        string json = (Json(stream.Documents[0].RootNode) ?? JsonValue.Create("")).ToJsonString();
        return string.Join("; ", schema.Validate(json).Select(Text));
    }

    private static JsonSchema Of(Catalogues catalogues) => JsonSchema.FromJsonAsync(StudySchema.Text(catalogues)).GetAwaiter().GetResult();

    private static string Text(ValidationError error) => error.ToString().ReplaceLineEndings(" ");

    // What the JavaScript parsers of editors make of a scalar, by the regular expressions of the specification (10.3.2).
    private static JsonNode? Json(YamlNode node) =>
        node switch
        {
            YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
            YamlMappingNode mapping => new JsonObject(
                mapping.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))
            ),
            YamlScalarNode { Style: ScalarStyle.Plain, Value: var text } => Plain(text ?? ""),
            YamlScalarNode quoted => quoted.Value,
            _ => throw new InvalidOperationException($"{node} is no value"),
        };

    private static JsonNode? Plain(string text) =>
        text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ when Whole().IsMatch(text)
                    && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
            _ when text.StartsWith("0x", StringComparison.Ordinal) => Convert.ToInt64(text[2..], 16),
            _ when text.StartsWith("0o", StringComparison.Ordinal) => Convert.ToInt64(text[2..], 8),
            _ when Number().IsMatch(text) => Double(double.Parse(text, CultureInfo.InvariantCulture)),
            _ => text,
        };

    // JSON has no word for infinity; a whole number is one, however it was written.
    private static JsonNode Double(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e18 ? (long)value : value;

    [GeneratedRegex(@"^[-+]?[0-9]+$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();
}
