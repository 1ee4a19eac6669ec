// How much of what was read of a store was held against its digests: the line and the keys that every reader adds to its answer.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Store;

/// <summary>What verification found.</summary>
/// <param name="Verified">Finished runs whose files are what their digests say.</param>
/// <param name="Unverified">Finished runs that carry no digest of their own, from before results had one: used, and counted here.</param>
/// <param name="Damaged">Files that are not what was written; their runs are in neither count.</param>
public sealed record StoreIntegrity(int Verified, int Unverified, IReadOnlyList<Damage> Damaged)
{
    /// <summary>Runs that were made twice with different results, of which the first is used.</summary>
    public IReadOnlyList<Conflict> Conflicts { get; init; } = [];

    /// <summary>Of several stores together.</summary>
    public static StoreIntegrity Of(IEnumerable<RunStore> stores)
    {
        StoreIntegrity[] all = [.. stores.Distinct().Select(s => s.Integrity())];
        return new(all.Sum(i => i.Verified), all.Sum(i => i.Unverified), [.. all.SelectMany(i => i.Damaged)])
        {
            Conflicts = [.. all.SelectMany(i => i.Conflicts)],
        };
    }

    /// <summary>Adds the keys <c>unverified</c>, <c>damaged</c> and <c>conflicts</c>.</summary>
    public void AddTo(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json["unverified"] = Unverified;
        json["damaged"] = new JsonArray([.. Damaged.Select(d => (JsonNode?)d.ToJson())]);
        json["conflicts"] = new JsonArray([.. Conflicts.Select(c => (JsonNode?)c.ToJson())]);
    }

    /// <summary>A source as a provenance line names it: with what could not be verified, and without more words where all was.</summary>
    public string Describe(string source)
    {
        string[] notes =
        [
            .. Unverified > 0 ? [$"{Unverified} of {Verified + Unverified} results unverified: they are older than digests"] : (string[])[],
            .. Damaged.Count > 0 ? [$"{Damaged.Count} {(Damaged.Count == 1 ? "file" : "files")} damaged and left out"] : (string[])[],
        ];
        return notes.Length == 0 ? source : $"{source} ({string.Join("; ", notes)})";
    }
}
