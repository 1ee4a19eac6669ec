// The schemas of "settings", "factors" and "design".
using System.Text.Json.Nodes;
using Gaplab.Studies.Yaml;
using static Gaplab.Studies.Schema.SchemaForms;

namespace Gaplab.Studies.Schema;

internal static class FactorSchema
{
    // What may not stand in the name of a level.
    private const string LevelPattern = "^[^,=/\\n\"]+$";

    /// <summary>Keys that a factor can switch, as a regular expression.</summary>
    private static readonly string s_key =
        $"^(({string.Join('|', FactorSection.Sections)})(\\.[^.]+)+|"
        + $"{string.Join('|', FactorSection.Whole.Select(w => w.Replace(".", "\\.", StringComparison.Ordinal)))})$";

    /// <param name="changed">The keys of the study that a setting may change, each with its schema.</param>
    public static JsonObject Settings(IEnumerable<(string Name, JsonObject Schema)> changed)
    {
        JsonObject traits = new()
        {
            ["description"] = "what the setting is, in names and words of your own, for explaining the gap",
            ["type"] = new JsonArray("object", "null"),
            ["additionalProperties"] = KeySchema.Text(),
        };
        JsonObject setting = Mapping(
            "the keys that this setting changes",
            [.. changed, (ComparisonSections.Traits, traits)],
            [],
            nullable: true
        );
        return Named("several tasks with their models, each compared separately", [(ComparisonSections.NamePattern, setting)], 1, null);
    }

    public static JsonObject Factors()
    {
        JsonObject levels = new()
        {
            ["type"] = "array",
            ["minItems"] = 2,
            ["uniqueItems"] = true,
            ["items"] = Level(),
        };
        JsonObject named = new() { ["type"] = "object", ["minProperties"] = 2 },
            several =
                new()
                {
                    ["type"] = "object",
                    ["minProperties"] = 2,
                    ["additionalProperties"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["patternProperties"] = Properties([(s_key, [])]),
                        ["additionalProperties"] = false,
                    },
                };
        JsonObject key = KeySchema.Text(s_key);
        key["description"] = "the key of the study that the levels are values of, such as model.activation";
        JsonObject ofOne = Mapping(
            "levels of one key",
            [(FactorSection.Key, key), (FactorSection.Levels, AnyOf(levels, named))],
            [FactorSection.Key, FactorSection.Levels],
            nullable: false
        );
        JsonObject ofSeveral = Mapping(
            "named levels, each with the keys that it sets, such as {model.norm: layernorm}",
            [(FactorSection.Key, Null()), (FactorSection.Levels, several)],
            [FactorSection.Levels],
            nullable: false
        );
        return new()
        {
            ["description"] = "what is switched while all else stays: a key with a list of values, or a name with key and levels",
            ["type"] = "object",
            ["patternProperties"] = Properties([(s_key, AnyOf(levels.DeepClone().AsObject(), ofOne, ofSeveral))]),
            ["additionalProperties"] = AnyOf(ofOne.DeepClone().AsObject(), ofSeveral.DeepClone().AsObject()),
        };
    }

    public static JsonObject Design()
    {
        JsonObject mapping = SectionSchema.Of(DesignSection.Section);
        mapping["allOf"] = new JsonArray(AtMostOne([.. DesignSection.OfFraction.Select(k => k.Name)]));
        JsonObject kind = KeySchema.Words(DesignSection.Kind.Words);
        kind["enum"]!.AsArray().Add(null);
        JsonObject design = AnyOf(kind, mapping);
        design["description"] = DesignSection.Section.Says;
        return design;
    }

    private static JsonObject Level() => KeySchema.Text(LevelPattern);
}
