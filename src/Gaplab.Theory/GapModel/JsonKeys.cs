// The keys of a JSON object: typed reading, and errors that name the key and the nearest valid one.
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>Reads the keys of one object; <see cref="Finish"/> refuses those that nobody asked for.</summary>
internal sealed class JsonKeys
{
    private readonly Dictionary<string, JsonElement> _values = [];
    private readonly HashSet<string> _known = [];

    public JsonKeys(JsonElement element, string name)
    {
        Name = name;
        if (element.ValueKind != JsonValueKind.Object)
            throw new InputException($"{(name.Length == 0 ? "the document" : $"'{name}'")} is no object; expected keys with values");
        foreach (JsonProperty property in element.EnumerateObject())
            _values[property.Name] = property.Value;
    }

    public string Name { get; }

    public string Path(string key) => Name.Length == 0 ? key : $"{Name}.{key}";

    public bool Has(string key) => Find(key) is not null;

    public string Text(string key, string byDefault) =>
        Find(key) is not { } e ? byDefault
        : e.ValueKind == JsonValueKind.String ? e.GetString()!
        : throw Wrong(key, e, "a text");

    public string Choice(string key, string byDefault, params string[] valid)
    {
        string value = Text(key, byDefault);
        return valid.Contains(value)
            ? value
            : throw new InputException($"'{Path(key)}' is '{value}'; expected {string.Join(", ", valid)}{NearestName.Hint(value, valid)}");
    }

    public JsonKeys Inside(string key) => new(Find(key)!.Value, Path(key));

    public double? Number(string key) => Find(key) is { } e ? Number(key, e) : null;

    public double Fraction(string key, double byDefault) =>
        Number(key) is not { } value ? byDefault
        : value is >= 0 and < 1 ? value
        : throw new InputException(
            string.Create(CultureInfo.InvariantCulture, $"'{Path(key)}' is {value}; expected 0 or more and below 1")
        );

    public long? Whole(string key) =>
        Number(key) is not { } value ? null
        : value == Math.Floor(value) && value >= 1 && value < 1e15 ? (long)value
        : throw new InputException(
            string.Create(CultureInfo.InvariantCulture, $"'{Path(key)}' is {value}; expected a whole number of at least 1")
        );

    public IEnumerable<JsonElement> List(string key, string expected) =>
        Find(key) is not { } e ? throw Missing(key, expected)
        : e.ValueKind == JsonValueKind.Array ? e.EnumerateArray()
        : throw Wrong(key, e, expected);

    /// <summary>The keys of an object inside this one.</summary>
    public JsonKeys? Object(string key) => Find(key) is { } e ? new JsonKeys(e, Path(key)) : null;

    public double[]? Numbers(string key) =>
        Find(key) is not { } e ? null
        : e.ValueKind == JsonValueKind.Array ? [.. e.EnumerateArray().Select(v => Number(key, v))]
        : throw Wrong(key, e, "a list of numbers");

    /// <summary>Numbers, or objects of value and error; one alone is a list of one.</summary>
    public IReadOnlyList<Measured>? Measured(string key) =>
        Find(key) is not { } e ? null
        : e.ValueKind == JsonValueKind.Array ? [.. e.EnumerateArray().Select(v => One(key, v))]
        : [One(key, e)];

    public void Length(string key, int got, int nodes, bool oneWillDo)
    {
        if (got != nodes && !(oneWillDo && got == 1))
            throw new InputException(
                $"'{Path(key)}' holds {got} numbers for {nodes} nodes; expected {(oneWillDo ? "one, or one a node" : "one a node")}"
            );
    }

    public InputException Missing(string key, string expected) =>
        _values.Keys.FirstOrDefault(k => !_known.Contains(k) && NearestName.Distance(k, key) <= Math.Min(2, key.Length - 1)) is { } mistyped
            ? new InputException($"unknown key '{Path(mistyped)}'; nearest valid name '{key}'")
            : new InputException($"'{Path(key)}' is missing; expected {expected}");

    public void Finish()
    {
        if (_values.Keys.FirstOrDefault(k => !_known.Contains(k)) is { } unknown)
            throw new InputException(
                $"unknown key '{Path(unknown)}'{NearestName.Hint(unknown, _known)} (valid here: "
                    + $"{string.Join(", ", _known.Order(StringComparer.Ordinal))})"
            );
    }

    private JsonElement? Find(string key)
    {
        _known.Add(key);
        return _values.TryGetValue(key, out JsonElement e) && e.ValueKind != JsonValueKind.Null ? e : null;
    }

    private Measured One(string key, JsonElement e)
    {
        if (e.ValueKind != JsonValueKind.Object)
            return new Measured(Number(key, e));
        var keys = new JsonKeys(e, Path(key));
        var measured = new Measured(keys.Number("value") ?? throw keys.Missing("value", "a number"), keys.Number("error") ?? 0);
        keys.Finish();
        return measured.Error >= 0 ? measured : throw new InputException($"'{Path(key)}.error' is {measured.Error}; expected 0 or more");
    }

    private double Number(string key, JsonElement e) =>
        e.ValueKind == JsonValueKind.Number && e.GetDouble() is var value && double.IsFinite(value)
            ? value
            : throw Wrong(key, e, "a finite number");

    private InputException Wrong(string key, JsonElement e, string expected) =>
        new(
            $"'{Path(key)}' is {(e.GetRawText() is { Length: <= 40 } text ? text : e.ValueKind.ToString().ToLowerInvariant())}; "
                + $"expected {expected}"
        );
}
