// result.json: how a run ended and its final numbers. Its presence means that the run is finished.
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>The end of a run. Everything but <see cref="Wall"/> is a pure function of the run's spec and is written in a fixed
/// order.</summary>
public sealed record RunResult
{
    private static readonly string[] s_keys = ["outcome", "step", "cause", "metrics", "checksums", "wall", JsonSeal.Key];

    /// <summary>Completed or diverged; a run that was killed has no result.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Optimizer steps taken when the run ended; for a diverged run, the step at which it diverged.</summary>
    public required long Step { get; init; }

    /// <summary>Why, in a few words, when it did not complete ("loss is NaN").</summary>
    public string? Cause { get; init; }

    /// <summary>Final numbers by name; written in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>SHA-256 (lower-case hex) by file name relative to the run's folder; filled in when the result is staged.</summary>
    public IReadOnlyDictionary<string, string> Checksums
    {
        get => _checksums ??= _checksumsJson is null ? s_none : ChecksumsOf(_checksumsJson);
        init => (_checksums, _checksumsJson) = (value, null);
    }

    /// <summary>Every field that depends on the clock or the machine: seconds, start, host. With the digest, which covers it, the only part
    /// that may differ between two runs of one spec.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Wall
    {
        get => _wall ??= _wallJson is null ? new Dictionary<string, JsonNode?>() : WallOf(_wallJson);
        init => (_wall, _wallJson) = (value, null);
    }

    // Few readers ask for these: of a result from the index they are parsed when one does.
    private IReadOnlyDictionary<string, JsonNode?>? _wall;
    private IReadOnlyDictionary<string, string>? _checksums;
    private byte[]? _wallJson,
        _checksumsJson;

    private static Dictionary<string, string> ChecksumsOf(byte[] json) =>
        JsonNode.Parse(json)!.AsObject().ToDictionary(c => c.Key, c => (string)c.Value!, StringComparer.Ordinal);

    private static Dictionary<string, JsonNode?> WallOf(byte[] json) =>
        JsonNode.Parse(json)!.AsObject().ToDictionary(w => w.Key, w => w.Value?.DeepClone(), StringComparer.Ordinal);

    /// <summary>What a reader needs of a result that was checked and holds very many of: its numbers and its time.</summary>
    internal RunResult Slim() => this with { Metrics = NamedNumbers.Of(Metrics), Checksums = s_none, Wall = s_timeless, Seconds = Seconds };

    /// <summary>The run's share of the time that its pack took, in seconds; NaN where the file does not say it.</summary>
    public double Seconds
    {
        get => _seconds ?? WallNumber(PackSeconds) / Math.Max(1, WallNumber(PackRuns));
        private init => _seconds = value;
    }

    private double? _seconds;

    // Kept for people: a store of an older form may lack it.
    private double WallNumber(string name) =>
        Wall.TryGetValue(name, out JsonNode? node) && node is JsonValue value && value.TryGetValue(out double number) ? number : double.NaN;

    /// <summary>Keys of <see cref="Wall"/>: how long the pack of the run took, and how many runs it had.</summary>
    public const string PackSeconds = "packSeconds",
        PackRuns = "packRuns";

    private static readonly Dictionary<string, string> s_none = [];
    private static readonly Dictionary<string, JsonNode?> s_timeless = [];

    /// <summary>Whether the file carried a digest of its content; a result that has one and does not match it is never read.</summary>
    public bool HasDigest { get; private init; }

    /// <summary>SHA-256 of everything but <see cref="Wall"/>: of two makings of one run on one machine it is the same.</summary>
    internal string ContentDigest =>
        Numerics.Files.Sha256.Of(
            Encoding.UTF8.GetBytes((this with { Wall = new Dictionary<string, JsonNode?>() }).ToNode().ToJsonString())
        );

    /// <summary>The file's bytes: indented JSON, keys in a fixed order, the digest of all of them last, a line feed at the end.</summary>
    internal byte[] ToJson()
    {
        JsonObject root = JsonSeal.Close(ToNode());
        string text = root.ToJsonString(StoreJson.Indented) + "\n";
        return Encoding.UTF8.GetBytes(text);
    }

    internal JsonObject ToNode()
    {
        var metrics = new JsonObject();
        foreach ((string name, double value) in Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
            metrics[name] = JsonNumber.Node(value);
        var checksums = new JsonObject();
        foreach ((string name, string value) in Checksums.OrderBy(m => m.Key, StringComparer.Ordinal))
            checksums[name] = value;
        var wall = new JsonObject();
        foreach ((string name, JsonNode? value) in Wall.OrderBy(m => m.Key, StringComparer.Ordinal))
            wall[name] = value?.DeepClone();
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
            return Parse(json);
        }
        catch (InputException error)
        {
            throw new InputException($"{where} {error.Message}; the next 'study run' makes the run again", error);
        }
    }

    /// <exception cref="InputException">Not a result, or not the one that was written; the message is the reason alone.</exception>
    internal static RunResult Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonSeal.Parse(json);
            JsonElement root = document.RootElement;
            SealState state = JsonSeal.Check(root);
            if (state == SealState.Broken)
                throw new InputException("does not match its digest: it has changed since it was written");
            // A key that has been misspelt by damage would else pass for one that is not there.
            foreach (JsonProperty property in root.EnumerateObject())
                if (!s_keys.Contains(property.Name))
                    throw new InputException($"is no result (a key that is none of {string.Join(", ", s_keys)})");
            return Read(root) with { HasDigest = state == SealState.Intact };
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InputException($"is no result ({error.Message.ReplaceLineEndings(" ")})", error);
        }
    }

    /// <summary>The same with or without a digest of its own.</summary>
    internal RunResult WithDigest(bool has) => this with { HasDigest = has };

    /// <summary>Writes what <see cref="ToNode"/> gives.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("outcome", Outcome.Word());
        json.WriteNumber("step", Step);
        json.WriteString("cause", Cause);
        json.WriteStartObject("metrics");
        foreach ((string name, double value) in Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            JsonNumber.Write(json, value);
        }
        json.WriteEndObject();
        json.WritePropertyName("checksums");
        if (_checksumsJson is not null)
        {
            json.WriteRawValue(_checksumsJson);
        }
        else
        {
            json.WriteStartObject();
            foreach ((string name, string value) in Checksums.OrderBy(m => m.Key, StringComparer.Ordinal))
                json.WriteString(name, value);
            json.WriteEndObject();
        }
        json.WritePropertyName("wall");
        if (_wallJson is not null)
        {
            json.WriteRawValue(_wallJson);
        }
        else
        {
            json.WriteStartObject();
            foreach ((string name, JsonNode? value) in Wall.OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                json.WritePropertyName(name);
                if (value is null)
                    json.WriteNullValue();
                else
                    value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    /// <summary>A text of a document that is read.</summary>
    internal delegate string TextOf(ref Utf8JsonReader reader);

    /// <summary>Reads what <see cref="WriteTo"/> has written.</summary>
    /// <param name="reader">At the object's beginning; afterwards at its end.</param>
    /// <param name="json">What it reads.</param>
    /// <param name="text">Gives texts that many results have, so that one stands for all that are alike.</param>
    internal static RunResult Read(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> json, TextOf text)
    {
        Outcome? outcome = null;
        long step = 0;
        string? cause = null;
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        byte[]? checksums = null,
            wall = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("outcome"u8))
            {
                reader.Read();
                outcome = OutcomeWords.Parse(text(ref reader));
            }
            else if (reader.ValueTextEquals("step"u8))
            {
                reader.Read();
                step = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("cause"u8))
            {
                reader.Read();
                cause = reader.TokenType == JsonTokenType.Null ? null : text(ref reader);
            }
            else if (reader.ValueTextEquals("metrics"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = text(ref reader);
                    reader.Read();
                    metrics[name] = JsonNumber.Read(ref reader);
                }
            }
            else if (reader.ValueTextEquals("checksums"u8))
            {
                checksums = Raw(ref reader, json);
            }
            else if (reader.ValueTextEquals("wall"u8))
            {
                wall = Raw(ref reader, json);
            }
            else
            {
                throw new JsonException("no key of a result");
            }
        }
        return outcome?.IsResult() == true
            ? new RunResult
            {
                Outcome = outcome.Value,
                Step = step,
                Cause = cause,
                Metrics = metrics,
                _checksumsJson = checksums,
                _wallJson = wall,
            }
            : throw new JsonException("no outcome of a result");

        static byte[] Raw(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> json)
        {
            reader.Read();
            int from = (int)reader.TokenStartIndex;
            reader.Skip();
            return json[from..(int)reader.BytesConsumed].ToArray();
        }
    }

    private static RunResult Read(JsonElement root) =>
        new()
        {
            Outcome =
                OutcomeWords.Parse(root.GetProperty("outcome").GetString()) is var outcome && outcome.IsResult()
                    ? outcome
                    : throw new InputException($"is no result ('{outcome.Word()}' is a missing value)"),
            Step = root.GetProperty("step").GetInt64(),
            Cause = root.TryGetProperty("cause", out JsonElement cause) ? cause.GetString() : null,
            Metrics = root.GetProperty("metrics")
                .EnumerateObject()
                .ToDictionary(m => m.Name, m => JsonNumber.Read(m.Value), StringComparer.Ordinal),
            Checksums = root.GetProperty("checksums")
                .EnumerateObject()
                .ToDictionary(m => m.Name, m => m.Value.GetString() ?? "", StringComparer.Ordinal),
            Wall = root.TryGetProperty("wall", out JsonElement wall)
                ? wall.EnumerateObject().ToDictionary(m => m.Name, m => JsonNode.Parse(m.Value.GetRawText()), StringComparer.Ordinal)
                : new Dictionary<string, JsonNode?>(),
        };
}
