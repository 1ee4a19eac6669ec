// Two results of one run that disagree: the first stays, and every reader names both.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>A result that was dropped because another was there, and that is not the same result.</summary>
/// <param name="Run">The run.</param>
/// <param name="Kept">Digest of the result that is in the store.</param>
/// <param name="Dropped">Digest of the one that came second.</param>
/// <param name="Differences">What differs: "val-loss: 2.1 and 2.3".</param>
public sealed record Conflict(string Run, string Kept, string Dropped, IReadOnlyList<string> Differences)
{
    /// <summary>"run 0123456789abcdef was made twice with different results (val-loss: 2.1 and 2.3); the first is used".</summary>
    public override string ToString() =>
        $"run {Run} was made twice with different results ({string.Join("; ", Differences.Take(3))}"
        + $"{(Differences.Count > 3 ? $"; {Differences.Count - 3} more" : "")}); the first is used";

    public JsonObject ToJson() =>
        new()
        {
            ["run"] = Run,
            ["kept"] = Kept,
            ["dropped"] = Dropped,
            ["differences"] = new JsonArray([.. Differences.Select(d => (JsonNode?)JsonValue.Create(d))]),
        };

    internal static Conflict Parse(byte[] json)
    {
        using JsonDocument document = JsonSeal.Parse(json);
        JsonElement root = document.RootElement;
        if (JsonSeal.Check(root) == SealState.Broken)
            throw new InputException("does not match its digest");
        return new(
            root.GetProperty("run").GetString() ?? "",
            root.GetProperty("kept").GetString() ?? "",
            root.GetProperty("dropped").GetString() ?? "",
            [.. root.GetProperty("differences").EnumerateArray().Select(d => d.GetString() ?? "")]
        );
    }
}

/// <summary>conflicts/&lt;run&gt;-&lt;first 12 digits of the dropped digest&gt;.json.</summary>
internal sealed class ConflictFiles(string root, Action<Damage> tell)
{
    private const string Folder = "conflicts";

    public void Record(Conflict conflict) =>
        AtomicFile.WriteText(
            Path.Combine(root, Folder, $"{conflict.Run}-{conflict.Dropped[..12]}.json"),
            JsonSeal.Close(conflict.ToJson()).ToJsonString(StoreJson.Indented) + "\n"
        );

    /// <summary>All, by run. What cannot be read is told.</summary>
    public IReadOnlyList<Conflict> All()
    {
        string folder = Path.Combine(root, Folder);
        if (!Directory.Exists(folder))
            return [];
        var all = new List<Conflict>();
        foreach (string path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                all.Add(Conflict.Parse(StoreFile.Read(path)));
            }
            catch (Exception error)
                when (error is InputException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                tell(
                    new Damage("", Path.Combine(Folder, Path.GetFileName(path)), error is InputException ? error.Message : "is no conflict")
                );
            }
        }
        return all;
    }
}
