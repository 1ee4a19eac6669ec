// The JSON schema of study files, from the rows that their reading goes by, so that editors complete and check them.
using System.Text.Json.Nodes;
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Results.Answers;
using Gaplab.Studies.Yaml;
using static Gaplab.Studies.Schema.SchemaForms;

namespace Gaplab.Studies.Schema;

/// <summary>The schema, draft 7. It refuses no study that the reader takes; what depends on several values at once (heads that divide a
/// width, a decay that a clip leaves idle) the reader alone can tell.</summary>
public static class StudySchema
{
    /// <summary>The name under which a schema lies beside a study file.</summary>
    public const string FileName = "gaplab-study.schema.json";

    /// <summary>The whole of it; the same for the same version of the program.</summary>
    /// <param name="catalogues">What a study can name.</param>
    public static JsonObject Json(Catalogues catalogues)
    {
        var definitions = new SchemaDefinitions();
        JsonObject study = Study(definitions, catalogues);
        return new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A study file of Gaplab",
            // The kinds of file that a command of their own reads are let pass as they are.
            ["anyOf"] = new JsonArray(study, Quadratic(), Escape()),
            ["definitions"] = definitions.ToJson(),
        };
    }

    /// <summary>As a file, ending with a newline.</summary>
    public static string Text(Catalogues catalogues) => AnswerJson.Text(Json(catalogues)) + "\n";

    private static JsonObject Study(SchemaDefinitions definitions, Catalogues catalogues)
    {
        var kinds = new KindSchema(definitions, catalogues);
        var optimizers = new OptimizerSchema(definitions, catalogues.Optimizers);
        var rows = new StudySpec
        {
            Name = "",
            Optimizers = [],
            Grid = GridSection.Section.Defaults,
            Budget = BudgetSection.Section.Defaults,
        };
        Dictionary<string, JsonObject> everywhere = new()
        {
            [ScheduleSection.Section.Name] = SectionSchema.Of(ScheduleSection.Section),
            [EvaluationSection.Section.Name] = SectionSchema.Of(EvaluationSection.Section),
            [SentinelSection.Section.Name] = SectionSchema.Of(SentinelSection.Section),
            [CheckpointSection.Section.Name] = SectionSchema.Of(CheckpointSection.Section),
            [LimitsSection.Section.Name] = SectionSchema.Of(LimitsSection.Section),
            [GridSection.Section.Name] = SectionSchema.Of(GridSection.Section),
            [BudgetSection.Section.Name] = SectionSchema.Of(BudgetSection.Section),
            ["probes"] = Probes(optimizers, catalogues.Probes),
            [CommandSections.Args] = CommandSchema.Args(),
        };
        foreach (SpecKey<StudySpec> key in StudyKeys.All)
            everywhere[key.Name] = KeySchema.Of(key, rows);
        // What another key decides about stands below; here is only that it is a key.
        (string Name, string Says)[] conditional =
        [
            ("task", "what is learned"),
            ("model", "what is trained"),
            ("optimizers", "what is compared"),
            ("settings", "several tasks with their models"),
            ("factors", "keys that are switched"),
            (DesignSection.Section.Name, DesignSection.Section.Says),
        ];
        Dictionary<string, JsonObject> loose = new()
        {
            ["task"] = kinds.AnyTask(),
            ["model"] = kinds.AnyModel(),
            // A setting may be of a command, whose optimizers have keys of their own.
            ["optimizers"] = AnyOf(optimizers.Loose(), CommandSchema.Optimizers(required: false)),
        };
        foreach ((string name, JsonObject schema) in everywhere)
            definitions.Refer(name, schema);
        return new()
        {
            ["title"] = "study",
            ["type"] = "object",
            ["properties"] = Properties([
                .. everywhere.Keys.Select(name => (name, definitions.Refer(name, everywhere[name]))),
                .. conditional.Select(c => (c.Name, new JsonObject { ["description"] = c.Says })),
            ]),
            ["additionalProperties"] = false,
            ["allOf"] = new JsonArray(
                Implies(() => AllOf(Not(IsOfSeveral()), Not(CommandSchema.IsOf())), Whole(kinds, optimizers, catalogues.Tasks)),
                Implies(() => AllOf(Not(IsOfSeveral()), CommandSchema.IsOf()), CommandSchema.Whole(kinds, Complete())),
                Implies(
                    () => AllOf(IsOfSeveral(), Not(CommandSchema.IsOf())),
                    new JsonObject { ["properties"] = Properties([("optimizers", optimizers.Loose())]) }
                ),
                Implies(
                    () => AllOf(IsOfSeveral(), CommandSchema.IsOf()),
                    new JsonObject { ["properties"] = Properties([("optimizers", CommandSchema.Optimizers(required: false))]) }
                ),
                Implies(
                    IsOfSeveral,
                    new JsonObject
                    {
                        ["properties"] = Properties([
                            .. loose.Where(l => l.Key != "optimizers").Select(l => (l.Key, l.Value.DeepClone().AsObject())),
                            (
                                "settings",
                                FactorSchema.Settings(
                                    ComparisonSections.OfSetting.Select(name =>
                                        (
                                            name,
                                            loose.TryGetValue(name, out JsonObject? own)
                                                ? own.DeepClone().AsObject()
                                                : definitions.Refer(name, everywhere[name])
                                        )
                                    )
                                )
                            ),
                            ("factors", FactorSchema.Factors()),
                            (DesignSection.Section.Name, FactorSchema.Design()),
                        ]),
                    }
                )
            ),
        };
    }

    // Settings and factors lay keys over the others, so that those need not be whole, nor of one kind.
    private static JsonObject IsOfSeveral() => AnyOf(Has("settings"), Has("factors"));

    // What every study of one comparison must have.
    private static JsonObject Complete()
    {
        string grid = GridSection.Section.Name,
            budget = BudgetSection.Section.Name;
        JsonObject complete = Has(GridSection.Batch.Name);
        complete["allOf"] = new JsonArray(AtMostOne([GridSection.Beta.Name, GridSection.HalfLives.Name]));
        complete["type"] = "object";
        JsonObject length = ExactlyOne([.. BudgetSection.Section.Keys.Select(k => k.Name)]);
        length["type"] = "object";
        return new()
        {
            ["required"] = Texts(["optimizers", grid, budget]),
            ["properties"] = Properties([
                (grid, complete),
                (budget, length),
                (DesignSection.Section.Name, Null("there are no factors; a design needs some")),
            ]),
        };
    }

    private static IEnumerable<JsonObject> Whole(KindSchema kinds, OptimizerSchema optimizers, TaskCatalogue tasks)
    {
        JsonObject whole = Complete();
        whole["properties"]!["task"] = kinds.Task();
        whole["properties"]!["optimizers"] = optimizers.Strict();
        yield return whole;
        foreach (SampleKind samples in tasks.All.Select(k => k.Samples).Distinct())
        {
            JsonObject fits = new() { ["properties"] = Properties([("model", kinds.Model(samples))]) };
            if (samples != SampleKind.Pairs)
                fits["properties"]![EvaluationSection.Section.Name] = new JsonObject
                {
                    ["properties"] = Properties(
                        EvaluationSection.OfTranslation.Select(k => (k.Name, Null("it belongs to a task of kind translation")))
                    ),
                };
            yield return Implies(() => kinds.IsOf(samples), fits);
        }
    }

    private static JsonObject Probes(OptimizerSchema optimizers, ProbeCatalogue probes)
    {
        var defaults = new ProbesSpec { Names = probes.ByDefault };
        IEnumerable<(string, JsonObject)> Keys(IEnumerable<ProbeOptions> options) =>
            options.SelectMany(o => o.Keys).Select(key => (key.Name, KeySchema.Of(key, defaults)));
        return Mapping(
            "what is measured along the runs, without changing them",
            [
                .. Keys(probes.Options.Where(o => o.Section.Length == 0)),
                .. probes
                    .Options.Where(o => o.Section.Length > 0)
                    .GroupBy(o => o.Section)
                    .Select(g => (g.Key, Mapping($"the keys of {g.Key}", Keys(g), [], nullable: true))),
                ("shadows", optimizers.Shadows()),
            ],
            [],
            nullable: true
        );
    }

    private static JsonObject Quadratic() =>
        new()
        {
            ["title"] = "quadratic",
            ["description"] = "an instance of the gap model, which gaplab predict reads; its keys are not checked here",
            ["type"] = "object",
            ["required"] = Texts(["kind"]),
            ["properties"] = Properties([("kind", KeySchema.Words(["quadratic"]))]),
        };

    private static JsonObject Escape() =>
        new()
        {
            ["title"] = "escape",
            ["description"] = "minima to escape from, which gaplab escape reads; its keys are not checked here",
            ["type"] = "object",
            ["required"] = Texts(["minima"]),
            ["properties"] = Properties([("minima", new JsonObject { ["type"] = "object" })]),
        };
}
