// The id that a content has: the first digits of its SHA-256.
using System.Text;
using System.Text.Json;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>16 hexadecimal digits over a text; a run's id is that of its spec, as JSON on one line.</summary>
public static class ContentId
{
    /// <summary>Hexadecimal digits of an id.</summary>
    public const int Digits = 16;

    public static string Of(string text) => Sha256.Of(Encoding.UTF8.GetBytes(text))[..Digits];

    /// <summary>Of a JSON document, whatever blanks and line breaks it is written with; null where it is no JSON.</summary>
    public static string? OfJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonSeal.Parse(json);
            return Sha256.Of(JsonSeal.Compact(document.RootElement))[..Digits];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
