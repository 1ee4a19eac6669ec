// Comparison of a computed value with a reference value, structure by structure.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gaplab.Reference;

/// <summary>Reference values are numbers, strings, null, and lists or dictionaries of them; numbers agree within the tolerance, all else
/// exactly.</summary>
internal static class ReferenceValue
{
    /// <summary>Null when the two agree, else where and how they differ.</summary>
    /// <param name="expected">From the file; null, "inf" and "-inf" stand for what JSON cannot write.</param>
    /// <param name="got">Computed; numbers may be infinite.</param>
    /// <param name="tolerance">One number for all, or a list of the shape of the value; null = equal.</param>
    /// <param name="kind">abs, rel or exact.</param>
    public static string? Difference(JsonElement expected, JsonNode? got, JsonElement tolerance, string kind, string at = "")
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Array:
                if (got is not JsonArray list)
                    return $"{at}: expected a list, got {Text(got)}";
                if (list.Count != expected.GetArrayLength())
                    return $"{at}: expected {expected.GetArrayLength()} elements, got {list.Count}";
                for (int i = 0; i < list.Count; i++)
                {
                    JsonElement each =
                        tolerance.ValueKind == JsonValueKind.Array && tolerance.GetArrayLength() == list.Count ? tolerance[i] : tolerance;
                    if (Difference(expected[i], list[i], each, kind, $"{at}[{i}]") is { } difference)
                        return difference;
                }
                return null;
            case JsonValueKind.Object:
                if (got is not JsonObject map)
                    return $"{at}: expected a dictionary, got {Text(got)}";
                if (expected.EnumerateObject().Count() != map.Count)
                    return $"{at}: expected {expected.EnumerateObject().Count()} keys, got {map.Count}";
                foreach (JsonProperty property in expected.EnumerateObject())
                {
                    if (!map.ContainsKey(property.Name))
                        return $"{at}: no key '{property.Name}'";
                    if (Difference(property.Value, map[property.Name], tolerance, kind, $"{at}.{property.Name}") is { } difference)
                        return difference;
                }
                return null;
            case JsonValueKind.Number:
                double value = expected.GetDouble();
                if (Number(got) is not { } number)
                    return $"{at}: expected {Text(value)}, got {Text(got)}";
                double allowed =
                    kind == "exact" || tolerance.ValueKind != JsonValueKind.Number
                        ? 0
                        : tolerance.GetDouble() * (kind == "rel" ? Math.Abs(value) : 1);
                return Math.Abs(number - value) <= allowed ? null : $"{at}: expected {Text(value)} ± {Text(allowed)}, got {Text(number)}";
            case JsonValueKind.Null:
                return got is null || Number(got) is { } n && !double.IsFinite(n) ? null : $"{at}: expected null, got {Text(got)}";
            case JsonValueKind.String:
                string text = expected.GetString()!;
                if (Number(got) is { } infinite && !double.IsFinite(infinite) && Infinity(text) is { } want)
                    return infinite.Equals(want) ? null : $"{at}: expected {text}, got {Text(got)}";
                return got is JsonValue v && v.TryGetValue(out string? s) && s == text ? null : $"{at}: expected '{text}', got {Text(got)}";
            default:
                return got is JsonValue flag && flag.TryGetValue(out bool b) && b == (expected.ValueKind == JsonValueKind.True)
                    ? null
                    : $"{at}: expected {expected}, got {Text(got)}";
        }
    }

    private static double? Infinity(string text) =>
        text.ToLowerInvariant() switch
        {
            "inf" or "+inf" or "infinity" => double.PositiveInfinity,
            "-inf" or "-infinity" => double.NegativeInfinity,
            "nan" => double.NaN,
            _ => null,
        };

    private static double? Number(JsonNode? node) =>
        node is not JsonValue value ? null
        : value.TryGetValue(out double d) ? d
        : value.TryGetValue(out long l) ? l
        : value.TryGetValue(out int i) ? i
        : null;

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(JsonNode? node) =>
        node is null ? "null"
        : Number(node) is { } n ? Text(n)
        : node.ToJsonString();
}
