// Forms of JSON schema that study files need again and again.
using System.Text.Json.Nodes;

namespace Gaplab.Studies.Schema;

internal static class SchemaForms
{
    /// <summary>A mapping with these keys and no others.</summary>
    public static JsonObject Mapping(
        string says,
        IEnumerable<(string Name, JsonObject Schema)> keys,
        IReadOnlyList<string> required,
        bool nullable
    )
    {
        JsonObject mapping = new()
        {
            ["description"] = KeySchema.Plain(says),
            ["type"] = nullable ? new JsonArray("object", "null") : "object",
            ["properties"] = Properties(keys),
            ["additionalProperties"] = false,
        };
        if (required.Count > 0)
            mapping["required"] = Texts(required);
        return mapping;
    }

    /// <summary>A mapping of names of the user's own.</summary>
    public static JsonObject Named(string says, IReadOnlyList<(string Pattern, JsonObject Schema)> values, int least, int? most) =>
        With(
            new()
            {
                ["description"] = says,
                ["type"] = "object",
                ["patternProperties"] = Properties(values),
                ["additionalProperties"] = false,
                ["minProperties"] = least,
            },
            "maxProperties",
            most
        );

    public static JsonObject Properties(IEnumerable<(string Name, JsonObject Schema)> keys) =>
        new(keys.Select(k => KeyValuePair.Create(k.Name, (JsonNode?)k.Schema)));

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    public static JsonObject AnyOf(params IEnumerable<JsonObject> schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    public static JsonObject AllOf(params IEnumerable<JsonObject> schemas) => new() { ["allOf"] = new JsonArray([.. schemas]) };

    /// <param name="schema">What must not hold.</param>
    /// <param name="message">What an editor says where it does.</param>
    public static JsonObject Not(JsonObject schema, string? message = null) => With(new() { ["not"] = schema }, "errorMessage", message);

    /// <param name="message">What an editor says of another value.</param>
    public static JsonObject Null(string? message = null) => With(new() { ["type"] = "null" }, "errorMessage", message);

    /// <summary>The key is there and has a value.</summary>
    public static JsonObject Has(string key) => new() { ["required"] = Texts([key]), ["properties"] = Properties([(key, Not(Null()))]) };

    /// <summary>If the one holds then the other does. Editors, which explain the alternative that fits best, then explain the right
    /// one.</summary>
    public static JsonObject Implies(Func<JsonObject> condition, params IEnumerable<JsonObject> then) =>
        AnyOf(Not(condition()), AllOf([condition(), .. then]));

    /// <summary>Exactly one of these keys has a value.</summary>
    public static JsonObject ExactlyOne(IReadOnlyList<string> keys) =>
        AnyOf(
            keys.Select(key =>
            {
                JsonObject one = Has(key);
                foreach (string other in keys.Where(k => k != key))
                    one["properties"]![other] = Null($"{key} is given already; expected one of {string.Join(", ", keys)}");
                return one;
            })
        );

    /// <summary>No two of these keys have values.</summary>
    public static JsonObject AtMostOne(IReadOnlyList<string> keys) =>
        AllOf(
            keys.SelectMany((key, i) => keys.Skip(i + 1).Select(other => (key, other)))
                .Select(pair =>
                    Not(AllOf(Has(pair.key), Has(pair.other)), $"{pair.key} and {pair.other} are both given; expected one of them")
                )
        );

    private static JsonObject With(JsonObject schema, string name, JsonNode? value)
    {
        if (value is not null)
            schema[name] = value;
        return schema;
    }
}
