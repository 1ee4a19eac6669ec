// The JSON that Weights & Biases writes into its records and files.
using System.Text.Json;
using Gaplab.Numerics.Files;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>Values as a table writes them; objects in objects become dotted names, and NaN and the infinities may stand bare.</summary>
internal static class WandbJson
{
    /// <summary>Longer texts are no settings.</summary>
    public const int LongestValue = 10_000;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = StrictJson.MostLevels };

    /// <summary>Hands out every value of a text below a name.</summary>
    /// <returns>False when it is no JSON.</returns>
    public static bool Flatten(string name, string json, Action<string, string> value)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonLines.QuoteNotFinite(json), s_options);
            Flatten(name, document.RootElement, value);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is of half a surrogate pair.
            return false;
        }
    }

    /// <summary>The texts of a list below a key of an object; none where they are not there.</summary>
    public static IReadOnlyList<string> Texts(string json, string key)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonLines.QuoteNotFinite(json), s_options);
            return
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(key, out JsonElement list)
                && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)]
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    private static void Flatten(string name, JsonElement element, Action<string, string> value)
    {
        switch (element.ValueKind)
        {
            // A picture, a table, a histogram: what has a type is no number and no setting.
            case JsonValueKind.Object when element.TryGetProperty("_type", out _):
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                    Flatten(name.Length == 0 ? property.Name : $"{name}.{property.Name}", property.Value, value);
                break;
            case JsonValueKind.Null:
                break;
            default:
                string text = Text(element);
                if (text.Length <= LongestValue && name.Length is > 0 and <= TableHeader.LongestName)
                    value(name, text);
                break;
        }
    }

    private static string Text(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => element.GetString()!.Trim(),
            JsonValueKind.Array => $"[{string.Join(", ", element.EnumerateArray().Select(Text))}]",
            _ => element.GetRawText(),
        };
}
