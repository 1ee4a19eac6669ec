// result.json: how a run ended and its final numbers. Its presence means that the run is finished.
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>The end of a run. Everything but <see cref="Wall"/> is a pure function of the run's spec and is written in a fixed order.</summary>
public sealed record RunResult
{
    /// <summary>Completed or diverged; a run that was killed has no result.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Optimizer steps taken when the run ended; for a diverged run, the step at which it diverged.</summary>
    public required long Step { get; init; }

    /// <summary>Why, in a few words, when it did not complete ("loss is NaN").</summary>
    public string? Cause { get; init; }

    /// <summary>Final numbers by name; written in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>SHA-256 (lower-case hex) by file name relative to the run's folder; filled in when the result is staged.</summary>
    public IReadOnlyDictionary<string, string> Checksums { get; init; } = new Dictionary<string, string>();

    /// <summary>Every field that depends on the clock or the machine: seconds, start, host. The only part that may differ between two runs of one spec.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Wall { get; init; } = new Dictionary<string, JsonNode?>();

    /// <summary>The file's bytes: indented JSON, keys in a fixed order, a line feed at the end.</summary>
    internal byte[] ToJson()
    {
        JsonObject root = ToNode();
        string text = root.ToJsonString(StoreJson.Indented) + "\n";
        return Encoding.UTF8.GetBytes(text);
    }

    internal JsonObject ToNode()
    {
        var metrics = new JsonObject();
        foreach ((string name, double value) in Metrics.OrderBy(m => m.Key, StringComparer.Ordinal)) metrics[name] = JsonNumber.Node(value);
        var checksums = new JsonObject();
        foreach ((string name, string value) in Checksums.OrderBy(m => m.Key, StringComparer.Ordinal)) checksums[name] = value;
        var wall = new JsonObject();
        foreach ((string name, JsonNode? value) in Wall.OrderBy(m => m.Key, StringComparer.Ordinal)) wall[name] = value?.DeepClone();
        return new JsonObject
        {
            ["outcome"] = Outcome.Word(),
            ["step"] = Step,
            ["cause"] = Cause,
            ["metrics"] = metrics,
            ["checksums"] = checksums,
            ["wall"] = wall,
        };
    }

    /// <exception cref="InputException">Not a result; <paramref name="where"/> names the file.</exception>
    internal static RunResult Parse(ReadOnlyMemory<byte> json, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or InputException)
        {
            throw new InputException($"{where} is no result ({error.Message.ReplaceLineEndings(" ")}); remove it and the same study command makes it again", error);
        }
    }

    internal static RunResult Parse(JsonElement root) => new()
    {
        Outcome = OutcomeWords.Parse(root.GetProperty("outcome").GetString()),
        Step = root.GetProperty("step").GetInt64(),
        Cause = root.TryGetProperty("cause", out JsonElement cause) ? cause.GetString() : null,
        Metrics = root.GetProperty("metrics").EnumerateObject().ToDictionary(m => m.Name, m => JsonNumber.Read(m.Value), StringComparer.Ordinal),
        Checksums = root.GetProperty("checksums").EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString() ?? "", StringComparer.Ordinal),
        Wall = root.TryGetProperty("wall", out JsonElement wall)
            ? wall.EnumerateObject().ToDictionary(m => m.Name, m => JsonNode.Parse(m.Value.GetRawText()), StringComparer.Ordinal)
            : new Dictionary<string, JsonNode?>(),
    };
}
