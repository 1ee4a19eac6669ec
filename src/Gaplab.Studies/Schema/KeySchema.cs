// The JSON schema of one key of a study file, from its row.
using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Schema;

/// <summary>Draft 7 of JSON Schema, in what of it every validator knows: types, ranges, enumerations, patterns, anyOf and not.</summary>
/// <remarks>A key without a value counts as absent, so null is valid unless the key is required.</remarks>
internal static class KeySchema
{
    // What a whole number may be at most, so that it is one in double.
    private const double MostWhole = 1L << 53;

    // Digits in groups, which YAML 1.2 takes for a text and the reader for a number.
    private const string Grouped = "^(?=.*[0-9]_[0-9])[-+.0-9eE_]+$";

    // From here on digits are worth grouping.
    private const double ManyDigits = 1000;

    /// <param name="key">The row.</param>
    /// <param name="defaults">Where the default stands.</param>
    /// <param name="required">Whether null is refused.</param>
    /// <param name="single">Whether a list may hold but one value.</param>
    /// <param name="also">Forms beside one value and a list.</param>
    public static JsonObject Of<T>(
        SpecKey<T> key,
        T defaults,
        bool required = false,
        bool single = false,
        params IReadOnlyList<JsonObject> also
    )
    {
        JsonObject schema = new() { ["description"] = Says(key, defaults) };
        if (Default(key, defaults) is { } value)
            schema["default"] = value;
        List<JsonObject> forms = [Value(key, key.Least, key.Most)];
        if (key.Words.Count > 0 && key.Form != KeyForm.Word)
            forms.Add(Words(key.Words));
        if (key.IsList)
            forms.Add(List(key, single));
        forms.AddRange(also);
        if (!required)
            Nullable(forms);
        if (forms is [var one])
            foreach ((string name, JsonNode? node) in one.ToArray())
                schema[name] = node?.DeepClone();
        else
            schema["anyOf"] = new JsonArray([.. forms]);
        return schema;
    }

    /// <summary>Plain text of what the documents print in Markdown.</summary>
    public static string Plain(string text) => text.Replace("`", "", StringComparison.Ordinal);

    /// <summary>One of several words.</summary>
    public static JsonObject Words(IEnumerable<string> words) => new() { ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w)]) };

    /// <summary>A scalar that is read as a text, however YAML would type it.</summary>
    public static JsonObject Text(string? pattern = null)
    {
        JsonObject text = new() { ["type"] = new JsonArray("string", "number", "boolean"), ["minLength"] = 1 };
        if (pattern is not null)
            text["pattern"] = pattern;
        return text;
    }

    private static string Says<T>(SpecKey<T> key, T defaults)
    {
        string byDefault = key.Required is not null ? "Required" : $"Default: {KeyTable.Default(key, defaults)}";
        return Plain($"{key.Says}. Values: {KeyTable.Values(key)}. {byDefault}.");
    }

    private static JsonObject List<T>(SpecKey<T> key, bool single)
    {
        (double least, double most) = key.InList ?? (key.Least, key.Most);
        JsonObject list = new()
        {
            ["type"] = "array",
            ["items"] = Value(key, least, most),
            ["minItems"] = 1,
            ["uniqueItems"] = true,
        };
        if (single || key.MostValues is not null)
            list["maxItems"] = single ? 1 : key.MostValues;
        return list;
    }

    private static JsonObject Value<T>(SpecKey<T> key, double least, double most) =>
        key.Form switch
        {
            KeyForm.Word => Words(key.Words),
            KeyForm.Flag => new() { ["type"] = "boolean" },
            KeyForm.Text or KeyForm.Path => Text(key.Pattern),
            KeyForm.Arguments => Arguments(),
            KeyForm.Mapping => new() { ["type"] = "object" },
            _ => Number(key, least, most),
        };

    // Arguments are texts, however YAML would type them; a list within the list is a group.
    private static JsonObject Arguments() =>
        new()
        {
            ["type"] = new JsonArray("array", "string"),
            ["minItems"] = 1,
            ["items"] = new JsonObject
            {
                ["type"] = new JsonArray("string", "number", "boolean", "null", "array"),
                ["items"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean", "null") },
            },
        };

    private static JsonObject Number<T>(SpecKey<T> key, double least, double most)
    {
        bool whole = key.Form == KeyForm.Integer;
        JsonObject number = new() { ["type"] = whole ? "integer" : "number" };
        if (whole)
            most = Math.Min(most, MostWhole);
        if (double.IsFinite(least))
            number[key.Open ? "exclusiveMinimum" : "minimum"] = Json(least);
        if (double.IsFinite(most))
            number[key.Open || key.OpenAbove ? "exclusiveMaximum" : "maximum"] = Json(most);
        if (most < ManyDigits)
            return number;
        number["type"] = new JsonArray(whole ? "integer" : "number", "string");
        number["pattern"] = Grouped;
        number["patternErrorMessage"] = $"expected {Plain(KeyTable.Values(key))}";
        return number;
    }

    private static void Nullable(List<JsonObject> forms)
    {
        JsonObject first = forms[0];
        if (first["enum"] is JsonArray words)
            words.Add(null);
        else if (first["type"] is JsonArray types)
            types.Add("null");
        else
            first["type"] = new JsonArray(first["type"]!.DeepClone(), "null");
    }

    private static JsonNode? Default<T>(SpecKey<T> key, T defaults)
    {
        if (key.Required is not null)
            return null;
        if (key.DefaultText is not { } text)
            return Json(key.Value(defaults));
        string plain = Plain(text);
        return key.Words.Contains(plain) ? plain
            : key.Form is KeyForm.Integer or KeyForm.Number
            && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? Json(number)
            : null;
    }

    private static JsonNode? Json(object? value) =>
        value switch
        {
            bool flag => flag,
            string { Length: > 0 } text => text,
            double number => Json(number),
            int or long => Json(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            IEnumerable items and not string => items.Cast<object?>().Select(Json).ToArray() is { Length: > 0 } all
                ? new JsonArray(all)
                : null,
            _ => null,
        };

    // Whole numbers without a point, as people write them.
    private static JsonNode Json(double value) => value == Math.Floor(value) && Math.Abs(value) <= MostWhole ? (long)value : value;
}
