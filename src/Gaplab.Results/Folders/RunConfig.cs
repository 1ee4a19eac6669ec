// The settings of a run as its config files say them: keys with dots, values as text.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders;

/// <summary>Flat settings in the order of their files. What is already said stays: nearer files are read first.</summary>
internal sealed class RunConfig
{
    /// <summary>Settings of one run.</summary>
    public const int MostKeys = 4000;

    public const int MostLevels = 64;

    /// <summary>Longer keys and values are texts, weights or vocabularies.</summary>
    private const int LongestKey = 200,
        LongestValue = 1000;

    private static readonly FileLimit s_limit = new("config of a run", 4L << 20);

    private static readonly JsonDocumentOptions s_json = new()
    {
        MaxDepth = MostLevels,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Adds a setting that is not there yet; one without a value, or beyond all measure, is none.</summary>
    public void Add(string key, string value)
    {
        key = key.Trim();
        value = value.Trim();
        if (key.Length is > 0 and <= LongestKey && value.Length is > 0 and <= LongestValue && _values.Count < MostKeys)
            _values.TryAdd(key, value);
    }

    /// <summary>Adds what a file says.</summary>
    /// <exception cref="InputException">It cannot be read, or is no config: one line without the file's name.</exception>
    public void Read(string path)
    {
        string text = RegularFile.ReadText(path, s_limit).TrimStart('\uFEFF');
        string name = Path.GetFileName(path);
        foreach ((string key, string value) in Parse(text, name))
            Add(key, value);
    }

    /// <summary>The settings of a text: JSON, YAML or arguments, by its content before its name.</summary>
    public static IReadOnlyList<(string Key, string Value)> Parse(string text, string name)
    {
        string start = text.TrimStart();
        if (start.Length == 0)
            return [];
        List<(string Key, string Value)> found =
            start[0] == '{' && !name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) ? Json(text)
            : name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) ? ArgumentText.Parse(text)
            : YamlConfig.Parse(text);
        return Unwrapped(found);
    }

    private static List<(string, string)> Json(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonLines.QuoteNotFinite(text), s_json);
            var found = new List<(string, string)>();
            Add(found, "", document.RootElement);
            return found;
        }
        catch (JsonException e)
        {
            throw new InputException($"line {(e.LineNumber ?? 0) + 1}: not valid JSON", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InputException("a text with half of a surrogate pair (\\ud800 to \\udfff alone)", e);
        }
    }

    private static void Add(List<(string, string)> found, string prefix, JsonElement values)
    {
        foreach (JsonProperty property in values.EnumerateObject())
        {
            if (found.Count >= MostKeys)
                return;
            string key = prefix + property.Name;
            if (key.Length > LongestKey)
                continue;
            if (property.Value.ValueKind == JsonValueKind.Object)
                Add(found, key + ".", property.Value);
            else
                found.Add((key, Text(property.Value)));
        }
    }

    private static string Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null => "",
            JsonValueKind.Array when value.GetArrayLength() > 100 => "",
            JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Text))}]",
            JsonValueKind.Object => value.GetRawText(),
            _ => value.GetRawText(),
        };

    /// <summary>Where every setting stands under "value" beside its description, as a tracker writes it, that word is left out.</summary>
    private static List<(string Key, string Value)> Unwrapped(List<(string Key, string Value)> found)
    {
        const string Value = ".value",
            About = ".desc";
        (string Key, string Value)[] told = [.. found.Where(f => !f.Key.StartsWith('_') && f.Key != "wandb_version")];
        return
            told.Length > 0
            && told.All(f => f.Key.EndsWith(About, StringComparison.Ordinal) || f.Key.Contains(Value, StringComparison.Ordinal))
            ?
            [
                .. told.Where(f => !f.Key.EndsWith(About, StringComparison.Ordinal))
                    .Select(f => (f.Key.Remove(f.Key.IndexOf(Value, StringComparison.Ordinal), Value.Length), f.Value)),
            ]
            : found;
    }
}
