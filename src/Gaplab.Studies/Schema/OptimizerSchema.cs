// The schema of "optimizers" and of the shadows of probes: an entry's kind is its name's, or what it says.
using System.Text.Json.Nodes;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies.Yaml;
using static Gaplab.Studies.Schema.SchemaForms;

namespace Gaplab.Studies.Schema;

/// <param name="definitions">Where kinds and keys are kept.</param>
/// <param name="catalogue">What an entry can be.</param>
internal sealed class OptimizerSchema(SchemaDefinitions definitions, OptimizerCatalogue catalogue)
{
    private const string Kind = "kind";

    private readonly string _kinds = string.Join('|', catalogue.Kinds);

    /// <summary>Every name with the keys of its kind.</summary>
    public JsonObject Strict() => Named(Says, Entries(shadow: false), 1, StudyFile.MostNames);

    /// <summary>Of optimizers whose keys something else may set: any key of any kind, none required.</summary>
    public JsonObject Loose() => Named(Says, [(OptimizerSection.NamePattern, Any())], 0, StudyFile.MostNames);

    /// <summary>Optimizers with one value a key.</summary>
    public JsonObject Shadows()
    {
        JsonObject shadows = Named("optimizers that are fed the run's gradients and move nothing", Entries(shadow: true), 0, null);
        shadows["type"] = new JsonArray("object", "null");
        return shadows;
    }

    private const string Says = "names of your choice, each with the recipe of an optimizer";

    // An entry that has a kind's name is of that kind where it says none; any other entry must say it.
    private IReadOnlyList<(string, JsonObject)> Entries(bool shadow) =>
        [
            .. catalogue.All.Select(k =>
                (
                    $"^{k.Name}$",
                    AllOf(Implies(() => Not(Has(Kind)), Of(k, shadow, named: false)), Implies(() => Has(Kind), OfAnyKind(shadow)))
                )
            ),
            ($"^(?!({_kinds})$){OptimizerSection.NamePattern[1..]}", OfAnyKind(shadow)),
        ];

    private JsonObject OfAnyKind(bool shadow) =>
        definitions.Refer(shadow ? "shadow" : "optimizer", AnyOf(catalogue.All.Select(k => Of(k, shadow, named: true))));

    private JsonObject Of(OptimizerKind kind, bool shadow, bool named)
    {
        OptimizerSpec bare = Bare(kind.Name);
        OptimizerSpec defaults = kind.Defaults(bare) with { Decay = kind.Decay };
        OptimizerKey[] keys = [.. OptimizerKey.Shared.Take(1), .. kind.Keys, .. OptimizerKey.Shared.Skip(1)];
        JsonObject words = named ? KeySchema.Words([kind.Name]) : new() { ["enum"] = new JsonArray(kind.Name, null) };
        words["description"] = $"u = {KeySchema.Plain(kind.Says)}";
        JsonObject mapping = Mapping(
            $"{kind.Name}: u = {kind.Says}",
            [(Kind, words), .. keys.Select(key => (key.Name, Refer(key, defaults, shadow, loose: false)))],
            [.. named ? [Kind] : (string[])[], OptimizerKey.LearningRate.Name],
            nullable: false
        );
        mapping["title"] = kind.Name;
        return definitions.Refer($"{(shadow ? "shadow" : "optimizer")}.{(named ? "" : "named-")}{kind.Name}", mapping);
    }

    private JsonObject Any() =>
        definitions.Refer(
            "any-optimizer",
            Mapping(
                "the recipe of an optimizer",
                [
                    (Kind, new() { ["enum"] = new JsonArray([.. catalogue.Kinds.Select(k => (JsonNode)k), null]) }),
                    .. catalogue.Keys.Select(key => (key.Name, Refer(key, Bare(""), shadow: false, loose: true))),
                ],
                [],
                nullable: true
            )
        );

    private JsonObject Refer(OptimizerKey key, OptimizerSpec defaults, bool shadow, bool loose) =>
        definitions.Refer(
            $"{(shadow ? "shadow" : "optimizer")}.{key.Name}",
            KeySchema.Of(
                key.Key,
                defaults,
                required: key.Key.Required is not null && !loose,
                single: shadow,
                also: key == OptimizerKey.LearningRate && !shadow ? [Range(loose)] : []
            )
        );

    private static JsonObject Range(bool loose)
    {
        var none = new RateRange(0, 0, 0, 0);
        JsonObject range = Mapping(
            "an ascending range of learning rates, with points or factor",
            RateRange.Ends.Concat(RateRange.Count).Select(k => (k.Name, KeySchema.Of(k, none, k.Required is not null && !loose))),
            loose ? [] : [.. RateRange.Ends.Select(k => k.Name)],
            nullable: false
        );
        if (!loose)
            range["anyOf"] = ExactlyOne([.. RateRange.Count.Select(k => k.Name)])["anyOf"]!.DeepClone();
        return range;
    }

    private static OptimizerSpec Bare(string kind) =>
        new()
        {
            Name = "",
            Kind = kind,
            LearningRate = 0,
        };
}
