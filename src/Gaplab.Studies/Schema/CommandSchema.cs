// The schema of a study of a command: optimizers of any name with any keys, and sections that mean nothing there.
using System.Text.Json.Nodes;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Yaml;
using static Gaplab.Studies.Schema.SchemaForms;

namespace Gaplab.Studies.Schema;

internal static class CommandSchema
{
    /// <summary>The study is of a command: its model says so, or that of one of its settings.</summary>
    public static JsonObject IsOf()
    {
        JsonObject settings = new()
        {
            ["required"] = Texts(["settings"]),
            ["properties"] = Properties([
                (
                    "settings",
                    AllOf(
                        new JsonObject { ["type"] = "object" },
                        Not(new JsonObject { ["additionalProperties"] = Not(AllOf(new JsonObject { ["type"] = "object" }, OfModel())) })
                    )
                ),
            ]),
        };
        return AnyOf(OfModel(), settings);
    }

    /// <summary>What a study of one comparison must have.</summary>
    /// <param name="kinds">The kinds of model.</param>
    /// <param name="complete">Its grid and its budget.</param>
    public static JsonObject Whole(KindSchema kinds, JsonObject complete)
    {
        JsonObject whole = complete.DeepClone().AsObject();
        whole["properties"]!["model"] = kinds.Model(SampleKind.Own);
        whole["properties"]!["optimizers"] = Optimizers(required: true);
        foreach ((string section, string instead) in CommandChecks.NoMeaning.Where(s => s.Section != "task"))
            whole["properties"]![section] = Null($"{section} has no meaning for a model of kind command; {instead}");
        return whole;
    }

    /// <summary>Optimizers whose keys the script knows: values or lists of them.</summary>
    /// <param name="required">Whether each must have its learning rates.</param>
    public static JsonObject Optimizers(bool required)
    {
        JsonObject entry = new()
        {
            ["type"] = required ? "object" : new JsonArray("object", "null"),
            ["properties"] = Properties([
                (OptimizerKey.LearningRate.Name, new JsonObject { ["description"] = KeySchema.Plain(OptimizerKey.LearningRate.Key.Says) }),
            ]),
            ["additionalProperties"] = Scalars(),
        };
        if (required)
            entry["required"] = Texts([OptimizerKey.LearningRate.Name]);
        return Named(
            "names of your choice, each with the keys that the script takes",
            [(OptimizerSection.NamePattern, entry)],
            required ? 1 : 0,
            StudyFile.MostNames
        );
    }

    /// <summary>Arguments that are the same for every optimizer.</summary>
    public static JsonObject Args() =>
        new()
        {
            ["description"] = "arguments of a command that are the same for every optimizer; factors switch them",
            ["type"] = new JsonArray("object", "null"),
            ["additionalProperties"] = new JsonObject { ["type"] = Scalar() },
        };

    private static JsonObject OfModel() =>
        new()
        {
            ["required"] = Texts(["model"]),
            ["properties"] = Properties([
                (
                    "model",
                    new JsonObject
                    {
                        ["type"] = "object",
                        ["required"] = Texts(["kind"]),
                        ["properties"] = Properties([("kind", KeySchema.Words([CommandSpec.Kind]))]),
                    }
                ),
            ]),
        };

    private static JsonObject Scalars() =>
        AnyOf(
            new JsonObject { ["type"] = Scalar() },
            new JsonObject
            {
                ["type"] = "array",
                ["minItems"] = 1,
                ["uniqueItems"] = true,
                ["items"] = new JsonObject { ["type"] = Scalar() },
            }
        );

    private static JsonArray Scalar() => new("string", "number", "boolean", "null");
}
