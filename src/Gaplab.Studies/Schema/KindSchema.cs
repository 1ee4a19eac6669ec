// The schemas of "task" and "model": the keys of each kind, and of all kinds together.
using System.Text.Json.Nodes;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using static Gaplab.Studies.Schema.SchemaForms;

namespace Gaplab.Studies.Schema;

/// <param name="definitions">Where the keys are kept.</param>
/// <param name="catalogues">What a study can name.</param>
internal sealed class KindSchema(SchemaDefinitions definitions, Catalogues catalogues)
{
    private const string Kind = "kind";

    private readonly TaskKind _taskByDefault = catalogues.Tasks.Of(new TaskSpec().Kind);

    /// <summary>Of the task's kind, which is named, implied by a key, or the default. Those that need no name come first: an editor
    /// explains the first of equals.</summary>
    public JsonObject Task() =>
        AnyOf([
            .. catalogues
                .Tasks.All.OrderBy(k =>
                    k == _taskByDefault ? 0
                    : k.ImpliedBy.Count > 0 ? 1
                    : 2
                )
                .Select(k => Of("task", k.Name, k.Says, k.Keys, k.Defaults, named: k != _taskByDefault && k.ImpliedBy.Count == 0)),
            Null(),
        ]);

    /// <summary>Of the kinds of model that read these samples; the first is the default.</summary>
    public JsonObject Model(SampleKind samples)
    {
        IReadOnlyList<ModelKind> readers = catalogues.Models.Reading(samples);
        return definitions.Refer(
            $"model-of-{samples.Name.Replace(' ', '-')}",
            AnyOf([.. readers.Select(k => Of("model", k.Name, k.Says, k.Keys, k.Defaults, named: k != readers[0])), Null()])
        );
    }

    /// <summary>The task has these samples, as far as its kind or a key that implies one says.</summary>
    public JsonObject IsOf(SampleKind samples)
    {
        TaskKind[] kinds = [.. catalogues.Tasks.All.Where(k => k.Samples == samples)];
        JsonObject named = new()
        {
            ["required"] = Texts([Kind]),
            ["properties"] = Properties([(Kind, KeySchema.Words(kinds.Select(k => k.Name)))]),
        };
        // Without a kind: a key of one of these decides, or that there is none of another's.
        string[] own = [.. kinds.SelectMany(k => k.ImpliedBy)],
            others = [.. catalogues.Tasks.All.Except(kinds).SelectMany(k => k.ImpliedBy)];
        JsonObject implied = kinds.Contains(_taskByDefault)
            ? Not(AnyOf([Has(Kind), .. others.Select(Has)]))
            : AllOf([Not(Has(Kind)), AnyOf(own.Select(Has))]);
        JsonObject task = own.Length > 0 || kinds.Contains(_taskByDefault) ? AnyOf(named, implied) : named;
        JsonObject root = new() { ["properties"] = Properties([("task", task)]) };
        return kinds.Contains(_taskByDefault) ? root : AllOf(Has("task"), root);
    }

    /// <summary>Of a task whose kind something else may set: any key of any kind.</summary>
    public JsonObject AnyTask() =>
        Any("task", catalogues.Tasks.Kinds, catalogues.Tasks.All.SelectMany(k => k.Keys.Select(key => (key, k.Defaults))));

    /// <summary>Likewise of a model.</summary>
    public JsonObject AnyModel() =>
        Any("model", catalogues.Models.Kinds, catalogues.Models.All.SelectMany(k => k.Keys.Select(key => (key, k.Defaults))));

    private JsonObject Any<T>(string section, IEnumerable<string> kinds, IEnumerable<(SpecKey<T> Key, T Defaults)> keys) =>
        definitions.Refer(
            $"any-{section}",
            Mapping(
                $"the {section}",
                [
                    (Kind, KindOf("the kind", [.. kinds], named: false)),
                    .. keys.GroupBy(k => k.Key.Name)
                        .Select(g =>
                        {
                            JsonObject[] forms =
                            [
                                .. g.Select(k => Refer(section, k.Key, k.Defaults, required: false))
                                    .DistinctBy(r => r.ToJsonString(), StringComparer.Ordinal),
                            ];
                            return (g.Key, forms is [var one] ? one : AnyOf(forms));
                        }),
                ],
                [],
                nullable: true
            )
        );

    private JsonObject Of<T>(string section, string kind, string says, IReadOnlyList<SpecKey<T>> keys, T defaults, bool named)
    {
        JsonObject mapping = Mapping(
            says,
            [
                (Kind, KindOf(says, [kind], named)),
                .. keys.Select(key => (key.Name, Refer(section, key, defaults, key.Required is not null))),
            ],
            [.. named ? [Kind] : (string[])[], .. keys.Where(k => k.Required is not null).Select(k => k.Name)],
            nullable: false
        );
        mapping["title"] = kind;
        return definitions.Refer($"{section}.{kind}", mapping);
    }

    private static JsonObject KindOf(string says, IReadOnlyList<string> kinds, bool named)
    {
        JsonObject kind = KeySchema.Words(kinds);
        if (!named)
            kind["enum"]!.AsArray().Add(null);
        return new() { ["description"] = KeySchema.Plain(says), ["enum"] = kind["enum"]!.DeepClone() };
    }

    private JsonObject Refer<T>(string section, SpecKey<T> key, T defaults, bool required) =>
        definitions.Refer($"{section}.{key.Name}", KeySchema.Of(key, defaults, required));
}
