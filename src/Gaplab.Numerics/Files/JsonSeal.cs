// The digest inside a JSON document: what a reader needs to tell damage from content.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gaplab.Numerics.Files;

/// <summary>Whether a document is what was written.</summary>
public enum SealState
{
    /// <summary>It carries no digest: written by an early version, or by hand.</summary>
    None,

    /// <summary>Its digest is that of its content.</summary>
    Intact,

    /// <summary>Its digest is not that of its content: something changed after it was written.</summary>
    Broken,
}

/// <summary>
/// The key <c>digest</c> of an object: SHA-256 of the object without that key, as JSON on one line with the keys in their order.
/// Blanks and line breaks are no content; a changed digit, letter, key or order is.
/// </summary>
public static class JsonSeal
{
    public const string Key = "digest";

    /// <summary>What is said of a document that people may edit, after its name.</summary>
    public const string BrokenDocument =
        "does not match its digest: it has changed since it was written; make it anew, or delete its key 'digest' if you changed it "
        + "on purpose";

    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Puts the digest last in the object, in place of any that it has.</summary>
    public static JsonObject Close(JsonObject root)
    {
        ArgumentNullException.ThrowIfNull(root);
        root.Remove(Key);
        using JsonDocument document = Parse(JsonSerializer.SerializeToUtf8Bytes(root));
        root[Key] = DigestOf(document.RootElement);
        return root;
    }

    /// <summary>Parses a document that holds every key once.</summary>
    /// <exception cref="JsonException">No JSON, or a key twice in one object.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, StrictJson.Options);

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static JsonDocument Parse(string json) => JsonDocument.Parse(json, StrictJson.Options);

    /// <summary>Holds an object against its digest. What is no object has none.</summary>
    public static SealState Check(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Key, out JsonElement digest))
            return SealState.None;
        try
        {
            return digest.ValueKind == JsonValueKind.String && digest.ValueEquals(DigestOf(root)) ? SealState.Intact : SealState.Broken;
        }
        catch (InvalidOperationException)
        {
            return SealState.Broken; // a string that is no text, such as half of a surrogate pair
        }
    }

    /// <summary>A JSON document on one line, as it is hashed.</summary>
    public static byte[] Compact(JsonElement root) => Compact(root, null);

    private static string DigestOf(JsonElement root) => Sha256.Of(Compact(root, Key));

    private static byte[] Compact(JsonElement root, string? without)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_compact))
        {
            if (without is null)
            {
                root.WriteTo(json);
            }
            else
            {
                json.WriteStartObject();
                foreach (JsonProperty property in root.EnumerateObject())
                    if (!property.NameEquals(without))
                        property.WriteTo(json);
                json.WriteEndObject();
            }
        }
        return buffer.ToArray();
    }
}
