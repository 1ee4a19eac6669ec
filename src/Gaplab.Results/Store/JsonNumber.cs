// Numbers in JSON that may be NaN or infinite: those are written as the strings "NaN", "Infinity" and "-Infinity".
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gaplab.Results.Store;

/// <summary>Writes and reads doubles in JSON; finite ones in the shortest form that reads back bit for bit.</summary>
internal static class JsonNumber
{
    /// <summary>JSON text of a number.</summary>
    public static string Text(double value) =>
        double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
        : double.IsNaN(value) ? "\"NaN\""
        : value > 0 ? "\"Infinity\""
        : "\"-Infinity\"";

    /// <summary>A JSON node that holds a number, with a string for what JSON has no number for.</summary>
    public static JsonNode Node(double value) =>
        double.IsFinite(value)
            ? JsonValue.Create(value)
            : JsonValue.Create(
                double.IsNaN(value) ? "NaN"
                : value > 0 ? "Infinity"
                : "-Infinity"
            );

    /// <summary>Writes what <see cref="Node"/> gives.</summary>
    public static void Write(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(
                double.IsNaN(value) ? "NaN"
                : value > 0 ? "Infinity"
                : "-Infinity"
            );
    }

    /// <summary>Reads a number or one of the three strings.</summary>
    /// <exception cref="JsonException">Neither.</exception>
    public static double Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.GetDouble();
        if (reader.TokenType == JsonTokenType.String)
        {
            if (reader.ValueTextEquals("NaN"u8))
                return double.NaN;
            if (reader.ValueTextEquals("Infinity"u8))
                return double.PositiveInfinity;
            if (reader.ValueTextEquals("-Infinity"u8))
                return double.NegativeInfinity;
        }
        throw new JsonException("expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    }

    /// <summary>Reads a number or one of the three strings from a parsed document.</summary>
    /// <exception cref="JsonException">Neither.</exception>
    public static double Read(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Number => element.GetDouble(),
            JsonValueKind.String when element.GetString() is "NaN" => double.NaN,
            JsonValueKind.String when element.GetString() is "Infinity" => double.PositiveInfinity,
            JsonValueKind.String when element.GetString() is "-Infinity" => double.NegativeInfinity,
            _ => throw new JsonException("expected a number, \"NaN\", \"Infinity\" or \"-Infinity\""),
        };
}
