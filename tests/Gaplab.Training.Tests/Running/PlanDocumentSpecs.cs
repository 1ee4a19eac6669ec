// What a store remembers of its plan can be read again, whatever its data are.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Studies;

namespace Gaplab.Training.Tests.Running;

public sealed class PlanDocumentSpecs
{
    [Theory]
    [InlineData(null)]
    [InlineData(2.5)]
    public void A_plan_is_read_as_it_was_saved_whether_or_not_the_entropy_is_known(double? entropy)
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("store"), create: true);
        StudySpec study = StudyFile.Parse("/s/small.yaml", StudyFileSpecs.Small);
        new PlanDocument(study, 1 << 30, "gaplab study run small.yaml", [new(64, entropy)]).Save(store);
        PlanDocument back = PlanDocument.TryLoad(store, Catalogues.BuiltIn)!;
        Assert.Equal(
            (1L << 30, "gaplab study run small.yaml", new ComparisonData(64, entropy)),
            (back.MemoryPerPack, back.Command, Assert.Single(back.Comparisons))
        );
        Assert.Equal(RunId.OfStudy(study), RunId.OfStudy(back.Study));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("settings: {one: {}, wide: {model: {width: 16}}}\nfactors: {clip: {key: optimizers.*.clip, levels: [1, 2]}}\n", 4)]
    public void A_plan_in_the_form_of_the_first_stores_is_the_same_plan(string several, int comparisons)
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("store"), create: true);
        StudySpec study = StudyFile.Parse("/s/small.yaml", StudyFileSpecs.Small + "\n" + several);
        Assert.Equal(comparisons, study.Comparisons.Count);
        ComparisonData[] data = [.. Enumerable.Range(0, comparisons).Select(i => new ComparisonData(64 + i, 2.5, 0.5))];
        var document = new PlanDocument(study, 1 << 30, "gaplab study run small.yaml", data);
        JsonObject json = JsonSerializer.SerializeToNode(document, SpecJson.Indented)!.AsObject();

        // Then: comparisons were "cells" in the study, and the data of the only one stood in the document itself.
        JsonArray stored = json["comparisons"]!.AsArray();
        json.Remove("comparisons");
        if (several.Length > 0)
            json["cells"] = stored;
        foreach ((string key, JsonNode? value) in stored[0]!.AsObject().ToArray())
            if (several.Length == 0 || key != "imbalance")
                json[key] = value?.DeepClone();
        RenameToCells(json["study"]!.AsObject());
        store.WriteDocument("plan.json", json);

        PlanDocument back = PlanDocument.TryLoad(store, Catalogues.BuiltIn)!;
        Assert.Equal(data, back.Comparisons);
        Assert.Equal(RunId.OfStudy(study), RunId.OfStudy(back.Study));
        Assert.Equal(document.ToPlan().Arms.Select(a => a.Key), back.ToPlan().Arms.Select(a => a.Key));
    }

    private static void RenameToCells(JsonObject study)
    {
        JsonArray listed = study["comparisons"]!.AsArray();
        study.Remove("comparisons");
        study["cells"] = listed;
        foreach (JsonNode? one in listed)
            RenameToCells(one!["study"]!.AsObject());
    }
}
