// How answers are written as JSON: one format, nodes made by hand or from the records that are the document.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gaplab.Results.Answers;

/// <summary>The parts of a document, and its text.</summary>
public static class AnswerJson
{
    // Indented, the same on every system; numbers that are not finite and choices by their names.
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>A record, or a list of them, whose properties are the document's keys.</summary>
    public static JsonNode Of<T>(T record) => JsonSerializer.SerializeToNode(record, s_format)!;

    /// <summary>An array with a node for each item.</summary>
    public static JsonArray Each<T>(IEnumerable<T> items, Func<T, JsonNode?> node)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new([.. items.Select(node)]);
    }

    /// <summary>An array of texts.</summary>
    public static JsonArray Texts(IEnumerable<string> items) => Each(items, item => (JsonNode?)item);

    /// <summary>A number, or null where it is missing or not finite.</summary>
    public static JsonNode? Number(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    /// <summary>The document as text, indented, ending without a newline.</summary>
    public static string Text(JsonNode document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.ToJsonString(s_format);
    }
}
