// What a kind from outside Gaplab adds to a spec: values by the names of its own keys.
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gaplab.Learning.Specs;

/// <summary>A spec that has room for keys that Gaplab does not know.</summary>
/// <typeparam name="T">The spec.</typeparam>
public interface IOwnKeys<T>
    where T : IOwnKeys<T>
{
    /// <summary>The values that are not at their default; hashed as part of the spec.</summary>
    OwnKeys Own { get; }

    /// <summary>The spec with other values.</summary>
    T WithOwn(OwnKeys own);
}

/// <summary>Numbers, words and flags by name, in the order of the names; equal where they hold the same. <see cref="OwnKey"/> makes the
/// keys that read and write them.</summary>
[JsonConverter(typeof(Json))]
public sealed class OwnKeys : IEquatable<OwnKeys>
{
    private readonly ImmutableSortedDictionary<string, object> _values;

    private OwnKeys(ImmutableSortedDictionary<string, object> values) => _values = values;

    /// <summary>Every key at its default.</summary>
    public static OwnKeys None { get; } = new(ImmutableSortedDictionary.Create<string, object>(StringComparer.Ordinal));

    /// <summary>The values: a double, bool or string each.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>These and one more, in the place of one of its name.</summary>
    /// <exception cref="ArgumentException">The value is no double, bool or string.</exception>
    public OwnKeys With(string name, object value) =>
        value is double or bool or string
            ? new(_values.SetItem(name, value is 0.0 ? 0.0 : value)) // -0 is 0
            : throw new ArgumentException(
                $"'{name}' is a {value?.GetType().Name ?? "null"}; expected a double, bool or string",
                nameof(value)
            );

    /// <summary>These without the one of a name.</summary>
    public OwnKeys Without(string name) => new(_values.Remove(name));

    public bool Equals(OwnKeys? other) => other is not null && _values.SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as OwnKeys);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach ((string name, object value) in _values)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value);
        }
        return hash.ToHashCode();
    }

    public override string ToString() =>
        string.Join(", ", _values.Select(v => $"{v.Key}={Convert.ToString(v.Value, CultureInfo.InvariantCulture)}"));

    /// <summary>As a mapping of a study file in JSON.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, SpecJson.Options)!.AsObject();

    private sealed class Json : JsonConverter<OwnKeys>
    {
        public override OwnKeys Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("a kind's own keys are no mapping");
            OwnKeys own = None;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                string name = reader.GetString()!;
                reader.Read();
                object value = reader.TokenType switch
                {
                    JsonTokenType.Number => reader.GetDouble(),
                    JsonTokenType.True or JsonTokenType.False => reader.GetBoolean(),
                    JsonTokenType.String => reader.GetString()!,
                    _ => throw new JsonException($"a kind's own key '{name}' is no number, word or flag"),
                };
                if (own._values.ContainsKey(name))
                    throw new JsonException($"a kind's own key '{name}' is there twice");
                own = own.With(name, value);
            }
            return own;
        }

        public override void Write(Utf8JsonWriter writer, OwnKeys value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach ((string name, object held) in value._values)
                if (held is double number)
                    writer.WriteNumber(name, number);
                else if (held is bool flag)
                    writer.WriteBoolean(name, flag);
                else
                    writer.WriteString(name, (string)held);
            writer.WriteEndObject();
        }
    }
}
