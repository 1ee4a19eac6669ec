// Kinds from outside: what a catalogue takes, what a study file then means, and what own keys do to ids.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Studies;

public sealed class CataloguesSpecs
{
    private const string Own = """
        study: own
        task: {kind: sorted-lists, context: 10}
        model: {kind: min-gru, width: 8}
        grid: {batch: 4, seeds: 2}
        budget: {steps: 2}
        optimizers: {qhm: {lr: 1}, adam: {lr: 0.1}}
        probes: {names: update-ratio}
        """;

    [Fact]
    public void What_is_added_is_in_the_new_catalogue_and_not_in_the_old_one()
    {
        Assert.Contains(MinGru.Kind, SampleKinds.Catalogues.Models.All);
        Assert.DoesNotContain("min-gru", Catalogues.BuiltIn.Models.Kinds);
        Assert.DoesNotContain("qhm", Catalogues.BuiltIn.Optimizers.Kinds);
        Assert.DoesNotContain("sorted-lists", Catalogues.BuiltIn.Tasks.Kinds);
        Assert.DoesNotContain("update-ratio", Catalogues.BuiltIn.Probes.Names);
        // What a study gets that names no kind stays what it was.
        Assert.Equal("gpt", SampleKinds.Catalogues.Models.Reading(SampleKind.Tokens)[0].Name);
    }

    public static TheoryData<string, Func<Catalogues, Catalogues>> Refused =>
        new()
        {
            { "there is a kind of model named 'min-gru' already", c => c.With(MinGru.Kind) },
            { "there is a kind of task named 'sorted-lists' already", c => c.With(SortedLists.Kind) },
            { "there is a kind of optimizer named 'qhm' already", c => c.With(QuasiHyperbolic.Kind) },
            { "there is a kind of probe named 'update-ratio' already", c => c.With(UpdateRatio.Kind) },
            { "a kind of model is named 'My model'; expected lower-case letters", c => c.With(MinGru.Kind with { Name = "My model" }) },
            { "the defaults of the model 'other' are of kind 'min-gru'", c => c.With(MinGru.Kind with { Name = "other" }) },
            { "the optimizer 'other' has the key 'clip' twice", c => c.With(Named("other", OptimizerKey.ClipNorm)) },
            { "the optimizer 'other' has a key 'kind'; expected", c => c.With(Named("other", OwnNamed("kind"))) },
            {
                "the probe 'other' has a key 'samples', which 'probes' has already",
                c => c.With(UpdateRatio.Kind with { Name = "other", Options = [new ProbeOptions("", ProbeKey.Samples)] })
            },
            {
                // Values of own keys are held by name, whatever the section.
                "the probe 'other' has a key 'samples', which 'probes' has already",
                c => c.With(UpdateRatio.Kind with { Name = "other", Options = [new ProbeOptions("other", ProbeKey.Samples)] })
            },
            {
                "the task 'other' is called 'grokking' elsewhere, as 'modular-addition' is",
                c =>
                    c.With(
                        SortedLists.Kind with
                        {
                            Name = "other",
                            Defaults = new TaskSpec { Kind = "other" },
                            Elsewhere = ["grokking"],
                        }
                    )
            },
        };

    [Theory, MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void A_row_that_no_study_could_name_or_that_takes_anothers_place_is_refused(string message, Func<Catalogues, Catalogues> with) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => with(SampleKinds.Catalogues)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_study_names_them_and_a_program_without_them_says_so_in_one_line()
    {
        StudySpec study = StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues);
        Assert.Equal(("sorted-lists", "min-gru"), (study.Task.Kind, study.Model.Kind));
        string refused = Assert.Throws<InputException>(() => StudyFile.Parse("own.yaml", Own)).Message;
        Assert.StartsWith("own.yaml:2: 'task.kind' is 'sorted-lists'; expected text, ", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.gate-bias=11", "'model.gate-bias' is '11'; expected")]
    [InlineData("task.items=0", "'task.items' is '0'; expected")]
    [InlineData("optimizers.qhm.nu=2", "'optimizers.qhm.nu' is '2'; expected")]
    [InlineData("optimizers.adam.nu=0.5", "'optimizers.adam.nu' has no meaning for adam; it belongs to qhm")]
    [InlineData("model={kind: gru, gate-bias: 0}", "'model.gate-bias' has no meaning for a model of kind gru; it belongs to min-gru")]
    [InlineData("optimizers.qhm.beta2=0.5", "'optimizers.qhm.beta2' has no meaning for qhm")]
    public void Own_keys_are_refused_as_all_keys_are(string wrong, string message) =>
        Assert.Contains(
            message,
            Assert.Throws<InputException>(() => StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues, wrong)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("model.gate-bias", "-1", "0.5")]
    [InlineData("task.items", "4", "5")]
    [InlineData("optimizers.qhm.nu", "0.7", "0.25")]
    public void An_own_key_counts_for_the_id_and_its_default_does_not(string key, string byDefault, string other)
    {
        string[] Ids(params string[] overrides)
        {
            var plan = new Plan(StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues, overrides), 10, (_, _, _) => 1);
            return [.. plan.Arms.First(a => a.Optimizer == "qhm") is var arm ? plan.Runs(arm, arm.Rates).Select(r => r.Id) : []];
        }
        string[] plain = Ids();
        Assert.Equal(plain, Ids($"{key}={byDefault}"));
        Assert.Empty(plain.Intersect(Ids($"{key}={other}")));
    }

    [Fact]
    public void Specs_with_own_keys_survive_json_and_are_equal_where_they_hold_the_same()
    {
        OwnKeys own = OwnKeys.None.With("b", 2.0).With("a", "word").With("c", true).With("d", -0.0).With("e", 1e-300);
        var model = new ModelSpec { Own = own };
        string json = System.Text.Json.JsonSerializer.Serialize(model, SpecJson.Options);
        Assert.EndsWith(
            """
            "own":{"a":"word","b":2,"c":true,"d":0,"e":1E-300}}
            """.Trim(),
            json,
            StringComparison.Ordinal
        );
        ModelSpec back = System.Text.Json.JsonSerializer.Deserialize<ModelSpec>(json, SpecJson.Options)!;
        Assert.Equal(model, back);
        Assert.Equal(model.GetHashCode(), back.GetHashCode());
        Assert.NotEqual(model, back.WithOwn(own.With("b", 3.0)));
        Assert.NotEqual(model, back.WithOwn(own.Without("b")));
        Assert.Equal(new ModelSpec(), back.WithOwn(OwnKeys.None));
        Assert.DoesNotContain(
            "own",
            System.Text.Json.JsonSerializer.Serialize(new ModelSpec(), SpecJson.Options),
            StringComparison.Ordinal
        );
        foreach (string broken in (string[])["[1]", """{"a":[1]}""", """{"a":1,"a":2}""", """{"a":null}"""])
            Assert.Throws<System.Text.Json.JsonException>(() =>
                System.Text.Json.JsonSerializer.Deserialize<ModelSpec>($$"""{"own":{{broken}}}""", SpecJson.Options)
            );
    }

    /// <summary>Runs of different ν are columns of one pack, as those of every other column are.</summary>
    [Fact]
    public void Runs_that_differ_in_a_column_of_ones_own_train_together()
    {
        OptimizerKind kind = QuasiHyperbolic.Kind;
        OptimizerSpec a = StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues, "optimizers.qhm.nu=0.1").Optimizer("qhm").Template,
            b = StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues, "optimizers.qhm.nu=0.9").Optimizer("qhm").Template;
        Assert.NotEqual(a, b);
        Assert.Equal(kind.Shape(a), kind.Shape(b));
    }

    [Fact]
    public void What_needs_a_kind_that_a_program_only_knows_by_name_says_so()
    {
        StudySpec study = StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues);
        Catalogues named = Catalogues.BuiltIn.Naming(study);
        void Refuses(string message, Action action) =>
            Assert.StartsWith(
                message + ", which this program does not have; expected one of ",
                Assert.Throws<InputException>(action).Message,
                StringComparison.Ordinal
            );
        Refuses("model.kind is 'min-gru'", () => named.Models.Build(study.Model, 10, study.Task));
        Refuses("task.kind is 'sorted-lists'", () => named.Tasks.Load(study.Task));
        OptimizerSpec qhm = study.Optimizer("qhm").Template;
        Refuses("optimizer 'qhm' is of kind 'qhm'", () => OptimizerChains.Build([qhm], new Schedule("constant", 2), named.Optimizers));
        using ITask task = SampleKinds.Catalogues.Tasks.Load(study.Task);
        Refuses("probes.names holds 'update-ratio'", () => named.Probes.Build(study.Probes!, task));
        // A plan of it is the same plan, unless one β stands for keys that only the kind knows.
        string[] Ids(StudySpec of) => [.. new Plan(of, 10, (_, _, _) => 1).Arms.Select(a => a.Key)];
        Assert.Equal(Ids(study), Ids(study.Among(named)));
        StudySpec shared = StudyFile.Parse("own.yaml", Own, SampleKinds.Catalogues, "grid.beta=0.9");
        Assert.Equal(2, Ids(shared).Length);
        Assert.Contains("'grid.beta'", Assert.Throws<InputException>(() => Ids(shared.Among(named))).Message, StringComparison.Ordinal);
        // Nothing is added where nothing is lacking.
        Assert.Same(SampleKinds.Catalogues, SampleKinds.Catalogues.Naming(study));
    }

    /// <summary>Elsewhere the kinds are those of the study or the program at hand: a file that takes Gaplab's for all there are would not
    /// know another's.</summary>
    [Fact]
    public void Only_these_files_take_the_built_in_kinds_for_all_there_are()
    {
        string[] doors = ["Gaplab.Studies/Catalogues", "Gaplab.Cli/GaplabProgram"];
        string[] defaults =
        [
            "Gaplab.Learning/Training/TrainerOptions",
            "Gaplab.Studies/StudySpec",
            "Gaplab.Studies/Yaml/StudyFile",
            "Gaplab.Cli/CommandTable",
            "Gaplab.Cli/Program",
        ];
        string[] ofOneFamily =
        [
            "Gaplab.Learning/Data/Genomes/GenomeTask",
            "Gaplab.Learning/Data/Graphs/GraphTask",
            "Gaplab.Learning/Data/Images/ImageTask",
            "Gaplab.Learning/Data/Text/LanguageTask",
        ];
        string[] filesOfOtherForms = ["Gaplab.Studies/Escape/EscapeFile", "Gaplab.Studies/Prediction/QuadraticFile"];
        string[] ofOurProbesAndRecipes =
        [
            "Gaplab.Studies/Measuring/NoiseMeasurement",
            "Gaplab.Studies/Measuring/NoiseSection",
            "Gaplab.Studies/Measuring/ProbedRun",
            "Gaplab.Studies/Measuring/SharpnessProbes",
            "Gaplab.Studies/Measuring/SharpnessShadows",
            "Gaplab.Studies/Prediction/MeasuredExplanations",
        ];
        string root = Repository.At("src");
        string[] found =
        [
            .. Directory
                .EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Where(f =>
                    !f.Contains("/obj/", StringComparison.Ordinal) && File.ReadAllText(f).Contains(".BuiltIn", StringComparison.Ordinal)
                )
                .Select(f => Path.ChangeExtension(Path.GetRelativePath(root, f), null)),
        ];
        Assert.Equal(
            ((string[])[.. doors, .. defaults, .. ofOneFamily, .. filesOfOtherForms, .. ofOurProbesAndRecipes]).Order(
                StringComparer.Ordinal
            ),
            found.Order(StringComparer.Ordinal)
        );
    }

    private static OptimizerKind Named(string name, OptimizerKey key) => QuasiHyperbolic.Kind with { Name = name, Keys = [key] };

    private static OptimizerKey OwnNamed(string name) => OptimizerKey.Own(OwnKey.Number<OptimizerSpec>(name, 0, 0, 1, "a number"));
}
