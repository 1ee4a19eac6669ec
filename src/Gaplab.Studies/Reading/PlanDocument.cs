// plan.json: the study as it was last run, complete, so that status, report and export need neither the data nor the study file.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reading;

/// <summary>What a store remembers of the data of one comparison.</summary>
/// <param name="Vocabulary">Tokens, or classes.</param>
/// <param name="EntropyRate">Nats per token, of a source that knows it; left out of the file for data that do not.</param>
/// <param name="Imbalance">Of its classes (<see cref="Learning.Data.ClassImbalance"/>).</param>
/// <param name="Parameters">P of its model; left out of plans of the first stores.</param>
/// <param name="Classes">How often its classes occur; left out of older plans, and of targets that are numbers.</param>
public sealed record ComparisonData(
    int Vocabulary,
    double? EntropyRate = null,
    double? Imbalance = null,
    long? Parameters = null,
    ClassFrequencies? Classes = null
);

/// <summary>What a store remembers of its plan.</summary>
/// <param name="Study">Every default written out, overrides applied, the data's hash filled in.</param>
/// <param name="MemoryPerPack">The limit that pack membership was computed with: a restart must compute the same.</param>
/// <param name="Command">The command that ran it.</param>
/// <param name="Comparisons">What is known of the data of each comparison, in the plan's order.</param>
public sealed record PlanDocument(StudySpec Study, long MemoryPerPack, string Command, IReadOnlyList<ComparisonData> Comparisons)
{
    private const string FileName = "plan.json";

    /// <summary>How many times a call has written the plan: workers of one call count their attempts together.</summary>
    public long Call { get; init; }

    /// <summary>The number of the call whose plan a store holds; 0 where it holds none, or one from before calls were counted.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public static long CallOf(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return (long?)store.ReadDocument(FileName)?["call"] ?? 0;
    }

    /// <summary>The plan; models are not built for it where their sizes are kept.</summary>
    /// <exception cref="InputException">A kind of model that this program does not have, and a plan that does not say its size.</exception>
    public Plan ToPlan()
    {
        var kept = Study.Comparisons.Zip(Comparisons).ToArray();
        return new(
            Study,
            [.. Comparisons.Select(c => c.Vocabulary)],
            (model, vocabulary, task) =>
                kept.FirstOrDefault(c =>
                    (c.First.Study.Model, c.First.Study.Task, c.Second.Vocabulary) == (model, task, vocabulary)
                ).Second?.Parameters
                ?? Study.Catalogues.Models.ParameterCount(model, vocabulary, task),
            MemoryPerPack
        );
    }

    /// <summary>Writes it. One that cannot be read is moved to damaged/ first.</summary>
    public void Save(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        long before = 0;
        try
        {
            before = CallOf(store);
        }
        catch (InputException)
        {
            store.SetAside("", FileName);
        }
        store.WriteDocument(FileName, JsonSerializer.SerializeToNode(this with { Call = before + 1 }, SpecJson.Indented)!.AsObject());
    }

    // Plans of the first stores: comparisons were cells, and the data of a study's only one stood beside it.
    private static JsonObject Current(JsonObject json)
    {
        Rename(json["study"]);
        if (json.ContainsKey("comparisons"))
            return json;
        JsonObject only = [];
        foreach (string key in (string[])["vocabulary", "entropy-rate", "imbalance"])
            if (json.Remove(key, out JsonNode? value))
                only[key] = value;
        json["comparisons"] = json.Remove("cells", out JsonNode? cells) && cells is JsonArray ? cells : new JsonArray(only);
        return json;

        static void Rename(JsonNode? study)
        {
            if (study is not JsonObject spec || !spec.Remove("cells", out JsonNode? cells))
                return;
            spec["comparisons"] = cells;
            foreach (JsonNode? cell in cells as JsonArray ?? [])
                Rename(cell?["study"]);
        }
    }

    /// <summary>The store's plan; null when nothing was ever run in it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="catalogues">What this program has; kinds of another program's study can be named and not built.</param>
    /// <exception cref="InputException">The file was damaged or changed by hand, or is another study's.</exception>
    public static PlanDocument? TryLoad(RunStore store, Catalogues catalogues)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.ReadDocument(FileName) is not { } json)
            return null;
        string path = Path.Combine(store.Root, FileName);
        try
        {
            PlanDocument? plan = Current(json).Deserialize<PlanDocument>(SpecJson.Options);
            if (store.Study() is (string name, _) && plan?.Study.Name != name)
                throw new InputException(
                    $"{path} is the plan of the study '{plan?.Study.Name}', but the store is that of '{name}'; run the study again, which "
                        + $"writes it anew"
                );
            return plan is null ? null : plan with { Study = plan.Study.Among(catalogues.Naming(plan.Study)) };
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path} cannot be read ({e.Message.ReplaceLineEndings(" ")}); run the study again to write it anew",
                e
            );
        }
    }
}
