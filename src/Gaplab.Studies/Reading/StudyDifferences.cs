// gaplab study diff: what differs between two studies, key by key.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies.Yaml;

namespace Gaplab.Studies.Reading;

/// <summary>One key that is not the same in both; null where one has none.</summary>
/// <param name="Key">With its sections: "grid.batches[2]".</param>
public sealed record StudyDifference(string Key, string? First, string? Second);

/// <param name="First">How the first is called.</param>
/// <param name="Second">How the second is called.</param>
/// <param name="Rows">In the order of the first's keys, then what only the second has.</param>
public sealed record StudyDifferences(string First, string Second, IReadOnlyList<StudyDifference> Rows) : IAnswer
{
    /// <summary>Between the studies that two stores hold, every default written out.</summary>
    /// <exception cref="InputException">One has no plan, or it cannot be read.</exception>
    public static StudyDifferences Between(RunStore first, RunStore second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Of(first.Root, Study(first), second.Root, Study(second));
    }

    /// <summary>Between two studies, each a store's folder or a study file.</summary>
    /// <exception cref="InputException">One is neither, or cannot be read.</exception>
    public static StudyDifferences Between(string first, string second, Catalogues catalogues) =>
        Of(first, Study(first, catalogues), second, Study(second, catalogues));

    private static JsonNode? Study(string path, Catalogues catalogues) =>
        Directory.Exists(path)
            ? Study(RunStore.OpenToRead(path))
            : JsonSerializer.SerializeToNode(StudyFile.Load(path, catalogues), SpecJson.Options);

    private static JsonNode? Study(RunStore store) =>
        store.ReadDocument("plan.json")?["study"] ?? throw new InputException($"{store.Root} has no plan.json; run the study first");

    private static StudyDifferences Of(string first, JsonNode? a, string second, JsonNode? b)
    {
        var left = new Dictionary<string, string>(StringComparer.Ordinal);
        var right = new Dictionary<string, string>(StringComparer.Ordinal);
        Flatten(a, "", left);
        Flatten(b, "", right);
        return new StudyDifferences(
            first,
            second,
            [
                .. left
                    .Keys.Concat(right.Keys.Where(k => !left.ContainsKey(k)))
                    .Select(k => new StudyDifference(k, left.GetValueOrDefault(k), right.GetValueOrDefault(k)))
                    .Where(d => d.First != d.Second),
            ]
        );
    }

    // A list of plain values is one value: that a batch size was added is one difference, not one for each that moved.
    private static void Flatten(JsonNode? node, string key, Dictionary<string, string> into)
    {
        switch (node)
        {
            case JsonObject branch:
                foreach ((string name, JsonNode? child) in branch)
                    Flatten(child, key.Length > 0 ? $"{key}.{name}" : name, into);
                break;
            case JsonArray list when list.All(n => n is JsonValue):
                into[key] = string.Join(", ", list.Select(n => n!.ToString()));
                break;
            case JsonArray list:
                for (int i = 0; i < list.Count; i++)
                    Flatten(list[i], list[i]?["name"] is JsonValue named ? $"{key}.{named}" : $"{key}[{i}]", into);
                break;
            case null:
                break;
            default:
                into[key] = node.ToString();
                break;
        }
    }

    public IEnumerable<string> Lines()
    {
        if (Rows.Count == 0)
            yield return $"{First} and {Second} are the same study";
        foreach (StudyDifference row in Rows)
        {
            yield return row.Key;
            yield return $"  - {row.First ?? "(not there)"}";
            yield return $"  + {row.Second ?? "(not there)"}";
        }
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["first"] = First,
            ["second"] = Second,
            ["rows"] = AnswerJson.Each(
                Rows,
                r => new JsonObject
                {
                    ["key"] = r.Key,
                    ["first"] = r.First,
                    ["second"] = r.Second,
                }
            ),
        };
}
