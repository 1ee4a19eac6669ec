// Study files: what is read, and every kind of mistake answered with file, line, key and the nearest valid name.
using System.Reflection;
using System.Text.Json;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class StudyFileSpecs
{
    internal const string Small = """
        study: small
        optimizers:
          sgd: {lr: {from: 0.01, to: 1, points: 5}, momentum: 0.9}
          adam: {lr: [0.003, 0.001], beta2: [0.95, 0.999]}
        grid:
          batch: [64, 16]
          seeds: 3
        budget: {samples: 4096}
        """;

    [Fact]
    public void A_small_study_is_read_with_every_default()
    {
        StudySpec study = StudyFile.Parse("/s/small.yaml", Small);
        Assert.Equal("small", study.Name);
        Assert.Equal([16, 64], study.Grid.Batches);
        Assert.Equal([1L, 2, 3], study.Grid.Seeds);
        Assert.Equal(new TaskSpec(), study.Task);
        Assert.Equal(new ModelSpec(), study.Model);
        Assert.Equal(["sgd", "adam"], study.Optimizers.Select(o => o.Name));
        Assert.Equal([0.01, 0.0316228, 0.1, 0.316228, 1], study.Optimizers[0].Rates);
        Assert.Equal([0.001, 0.003], study.Optimizers[1].Rates);
        Assert.Equal([0.9], study.Optimizers[0].Momenta);
        Assert.Equal([0.95, 0.999], study.Optimizers[1].Beta2s);
        Assert.Equal(("samples", 4096L), (study.Budget.Unit, study.Budget.Amount));
    }

    [Fact]
    public void Every_key_is_read()
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            """
            study: full
            question: Why?
            task: {kind: text, path: a.txt, tokenizer: gpt2, merges: m.bpe, encoder: /e.json, context: 128, validation-fraction: 0.2}
            model: {kind: gpt, layers: 3, heads: 4, width: 48, mlp-ratio: 2.5, activation: gelu, norm: layernorm, norm-placement: post,
              embedding-norm: false, final-norm: false, norm-gain: false, attention: sigmoid, qk-norm: false, qk-gain: false,
              fused-qkv-init: false, positions: learned, rope-theta: 500, bias: true, tied-head: true, head-init: xavier-uniform,
              embedding-std: 0.1, weight-init: normal, weight-std: 0.3, residual-scale: false}
            optimizers:
              sgd: {lr: {from: 1e-2, to: 1, factor: 10}, momentum: [0, 0.9], weight-decay: 0.1, decay: schedule, clip: 1}
              big-adam: {kind: adamw, lr: 1_0e-4, beta1: 0.8, beta2: [0.9, 0.99], epsilon: 1e-6}
            grid: {batch: 8, seeds: [7, 3]}
            budget: {tokens: 1e6}
            schedule: {kind: warmup-stable-decay, warmup: 0.2, decay: 0.3, final: 0.1}
            evaluation: {points: 3, validation: all, train: none, micro-batch: 32}
            metric: last-mean
            precision: float64
            divergence-factor: 3
            sentinel: {enabled: false, factor: 3, max-extensions: 2, refine-to: 1.5}
            checkpoint: {every-seconds: 5, keep: all}
            limits: {memory: 4GiB, time-per-pack: 60, silence: 30, max-replicas: 3}
            """
        );
        Assert.Equal(("/s/a.txt", "/s/m.bpe", "/e.json"), (study.Task.Path, study.Task.Merges, study.Task.Encoder));
        // Nothing of these may have kept its default: each key reached its property.
        // What belongs to translation is read in TranslationStudySpecs; groups, shortcut and patch belong to models of images, the others
        // to further models of sequences and graphs.
        AssertNoDefaults(
            study.Model,
            new ModelSpec(),
            "Kind",
            "Command", // of kind command alone
            "Weights", // with them, keys that say how weights are drawn would be refused
            "WeightsContent",
            "DecoderLayers",
            "RelativeBuckets",
            "RelativeDistance",
            "LabelSmoothing",
            "Groups",
            "Shortcut",
            "Patch",
            "ForgetBias",
            "Kernel",
            "WeightNorm",
            "ValueRatio",
            "Chunk",
            "Walk",
            "Readout"
        );
        AssertNoDefaults(study.Schedule, new ScheduleSpec());
        AssertNoDefaults(study.Evaluation, new EvaluationSpec(), "Bleu", "Beam");
        AssertNoDefaults(study.Sentinel, new SentinelSpec());
        AssertNoDefaults(study.Checkpoint, new CheckpointSpec());
        AssertNoDefaults(study.Limits, new LimitsSpec());
        Assert.Equal([0.01, 0.1, 1], study.Optimizers[0].Rates);
        Assert.Equal([0, 0.9], study.Optimizers[0].Momenta);
        Assert.Equal(
            ("schedule", 0.1, 1),
            (study.Optimizers[0].Template.Decay, study.Optimizers[0].Template.WeightDecay, study.Optimizers[0].Template.ClipNorm)
        );
        Assert.Equal(
            ("adamw", "lr", 0.01, 1e-6),
            (
                study.Optimizers[1].Template.Kind,
                study.Optimizers[1].Template.Decay,
                study.Optimizers[1].Template.WeightDecay,
                study.Optimizers[1].Template.Epsilon
            )
        );
        Assert.Equal([0.001], study.Optimizers[1].Rates);
        Assert.Equal([3L, 7], study.Grid.Seeds);
        Assert.Equal(("tokens", 1_000_000L), (study.Budget.Unit, study.Budget.Amount));
        Assert.Equal(4L << 30, study.Limits.Memory);
    }

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "  seeds: 3", "  sedes: 3", "small.yaml:7: unknown key 'grid.sedes'; nearest valid name 'seeds'" },
            { "budget:", "budgett:", "small.yaml:8: unknown key 'budgett'; nearest valid name 'budget'" },
            { "budget: {samples: 4096}", "", "'budget' is missing" },
            { "budget: {samples: 4096}", "budget: {samples: 10, steps: 3}", "small.yaml:8: 'budget' gives both samples and steps" },
            { "budget: {samples: 4096}", "budget: {samples: 0}", "'budget.samples' is '0'; expected a whole number of at least 1" },
            { "budget: {samples: 4096}", "budget: {samples: \"10\"}", "'budget.samples' is the text '10'; expected a whole number" },
            { "budget: {samples: 4096}", "budget: 4096", "small.yaml:8: 'budget' is '4096'; expected keys with values" },
            { "[64, 16]", "[64, 16.5]", "small.yaml:6: 'grid.batch' is '16.5'; expected a whole number from 1 to 1073741824" },
            { "[64, 16]", "[64, 64]", "holds 64 twice" },
            { "[64, 16]", "[]", "empty list" },
            { "  batch: [64, 16]", "  beta: [0.9]", "'grid.batch' is missing" },
            { "batch: [64, 16]", "batch: [64, 16]\n  beta: [0.9]", "'optimizers.sgd.momentum' and 'grid.beta' are both given" },
            { "momentum: 0.9", "momentum: 1", "'optimizers.sgd.momentum' is '1'; expected a number from 0 to below 1" },
            { "momentum: 0.9", "momentun: 0.9", "small.yaml:3: unknown key 'optimizers.sgd.momentun'; nearest valid name 'momentum'" },
            { "momentum: 0.9", "beta1: 0.9", "'optimizers.sgd.beta1' has no meaning for sgd" },
            { "momentum: 0.9", "weight-decay: 0.1", "'decay' does not say how" },
            { "momentum: 0.9", "nesterov: yes", "expected true or false" },
            { "momentum: 0.9", "nesterov: true", "needs a momentum above 0" },
            { "{from: 0.01, to: 1, points: 5}", "{from: 1, to: 0.01, points: 5}", "expected an ascending range" },
            { "{from: 0.01, to: 1, points: 5}", "{from: 0.01, to: 1}", "needs either points or factor" },
            { "{from: 0.01, to: 1, points: 5}", "{from: 0.01, points: 5}", "'optimizers.sgd.lr.to' is missing" },
            { "{from: 0.01, to: 1, points: 5}", "fast", "'optimizers.sgd.lr' is 'fast'; expected a number above 0" },
            { "{from: 0.01, to: 1, points: 5}", "-1", "'optimizers.sgd.lr' is '-1'" },
            { "{from: 0.01, to: 1, points: 5}", ".nan", "'optimizers.sgd.lr' is '.nan'" },
            { "{from: 0.01, to: 1, points: 5}", "[0.1, 0.1000001]", "twice to six digits" },
            {
                "  adam:",
                "  adan:",
                "small.yaml:4: 'optimizers.adan.kind' is missing; expected sgd, adam, adamw, normalised-sgd, signum, adagrad, rmsprop, "
                    + "adafactor, lion, muon, lamb or lars; nearest valid name 'adam'"
            },
            { "study: small", "study: a/b", "expected a name of letters" },
            { "study: small", "model: {width: 64, heads: 3}", "small.yaml:1: 'model.width' 64 is not divisible by 'model.heads' 3" },
            { "study: small", "model: {width: 6, heads: 2}", "rotary positions need an even width" },
            { "study: small", "model: {activation: gellu}", "nearest valid name 'gelu'" },
            { "study: small", "task: {kind: text}", "'task.path' is missing" },
            { "study: small", "task: {exponent: 1, path: x}", "'task.exponent' has no meaning for a task of kind text" },
            { "study: small", "task: {path: x, tokenizer: gpt2, encoder: e}", "'task.merges' is missing" },
            { "study: small", "metric: loss", "'metric' is 'loss'; expected validation-loss" },
            { "study: small", "metric: train-loss\nevaluation: {train: none}", "'evaluation.train' is none" },
            { "study: small", "limits: {memory: lots}", "expected a size such as 4GiB" },
            { "study: small", "study: [", "not valid YAML" },
            { "study: small", "study: !<:> small", "not valid YAML: Global tags must be valid URIs" },
            { "study: small", "study: a\nstudy: b", "not valid YAML" },
        };

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_answered_in_one_line(string from, string to, string part)
    {
        Assert.Contains(from, Small, StringComparison.Ordinal);
        var e = Assert.Throws<InputException>(() => StudyFile.Parse("small.yaml", Small.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Contains("small.yaml", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Half_lives_must_give_a_momentum_inside_the_unit_interval()
    {
        string text = Small
            .Replace(", momentum: 0.9", "", StringComparison.Ordinal)
            .Replace(", beta2: [0.95, 0.999]", "", StringComparison.Ordinal);
        StudySpec study = StudyFile.Parse("x.yaml", text, "grid.half-life=[512]");
        Assert.Equal([512.0], study.Grid.HalfLives);
        Assert.Equal(Math.Pow(0.5, 1.0 / 8), HalfLife.Beta(64, 512), 1e-12);
        Assert.Contains(
            "gives β = 0 at batch size 64",
            Assert.Throws<InputException>(() => StudyFile.Parse("x.yaml", text, "grid.half-life=[1]")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "gives β = 1 at batch size 16",
            Assert.Throws<InputException>(() => StudyFile.Parse("x.yaml", text, "grid.half-life=[1e20]")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Overrides_are_checked_as_the_file_is_and_resolve_paths_from_the_current_folder()
    {
        StudySpec study = StudyFile.Parse(
            "/s/small.yaml",
            Small,
            "grid.seeds=8",
            "task.kind=text",
            "task.path=foo.txt",
            "optimizers.sgd.lr={from: 0.1, to: 1, points: 2}",
            "schedule.warmup=0"
        );
        Assert.Equal(8, study.Grid.Seeds.Count);
        Assert.Equal(Path.GetFullPath("foo.txt"), study.Task.Path);
        Assert.Equal([0.1, 1], study.Optimizers[0].Rates);
        Assert.Equal(0, study.Schedule.Warmup);
        Assert.StartsWith(
            "override 'grid.sede=8': unknown key 'grid.sede'",
            Assert.Throws<InputException>(() => StudyFile.Parse("x", Small, "grid.sede=8")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "override 'grid.seeds=x': 'grid.seeds' is 'x'",
            Assert.Throws<InputException>(() => StudyFile.Parse("x", Small, "grid.seeds=x")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "expected for instance",
            Assert.Throws<InputException>(() => StudyFile.Parse("x", Small, "grid")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Pointing_a_synthetic_study_at_a_text_leaves_the_source_keys_idle()
    {
        string path = Quickstart();
        StudySpec study = StudyFile.Load(path, "task.kind=text", "task.path=foo.txt");
        Assert.Equal(
            new TaskSpec
            {
                Kind = "text",
                Path = Path.GetFullPath("foo.txt"),
                Context = study.Task.Context,
            },
            study.Task
        );
        Assert.Contains(
            "has no meaning",
            Assert.Throws<InputException>(() => StudyFile.Load(path, "task.kind=text", "task.path=foo.txt", "task.exponent=1")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_quickstart_has_what_it_promises()
    {
        StudySpec study = StudyFile.Load(Quickstart());
        Assert.True(study.Grid.Batches.Count >= 4 && study.Grid.Seeds.Count >= 4 && study.Optimizers.Count == 2);
        Assert.All(study.Optimizers, o => Assert.True(o.Rates.Count >= 3 && study.Sentinel is { Enabled: true, RefineTo: <= 2 }));
        // The synthetic source has as many tokens as a text has bytes.
        Assert.InRange(ModelCatalogue.BuiltIn.ParameterCount(study.Model, 256, study.Task.Context), 1000, 50_000);
        var plan = new Plan(study, 256, ModelCatalogue.BuiltIn.ParameterCount);
        using Learning.Data.Text.LanguageTask task = Learning.Data.Text.LanguageTask.Load(study.Task);
        Assert.DoesNotContain(StudyChecks.Check(plan, task), f => f.Severity != Results.Analysis.Severity.Hint);
        // What makes its crossover is told before it runs: a memory too short at the smallest batch size, and there alone.
        Results.Analysis.Finding memory = Assert.Single(
            StudyChecks.Check(plan, [task], classes: [Learning.Data.TargetCounts.Frequencies(task)]),
            f => f.Severity != Results.Analysis.Severity.Hint
        );
        Assert.Equal(("short-memory", "adam, B=2"), (memory.Id, memory.Where));
        Assert.Contains("0.99 would be long enough", memory.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_study_and_a_folder_are_refused()
    {
        using var folder = new TestFolder();
        Assert.Contains(
            "no such study file",
            Assert.Throws<InputException>(() => StudyFile.Load(folder.File("x.yaml"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => StudyFile.Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "is empty",
            Assert.Throws<InputException>(() => StudyFile.Load(folder.Write("e.yaml", ""))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no mapping",
            Assert.Throws<InputException>(() => StudyFile.Load(folder.Write("l.yaml", "- a"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_property_of_a_spec_is_a_key_in_the_documentation()
    {
        string doc = string.Concat(new[] { "study", "models", "data" }.Select(page => File.ReadAllText(Repository.At($"docs/{page}.md"))));
        string[] found =
        [
            nameof(TaskSpec.Content),
            nameof(TaskSpec.Images),
            nameof(TaskSpec.Graphs),
            nameof(ModelSpec.WeightsContent),
            nameof(ModelSpec.Command),
        ];
        foreach (
            Type type in (Type[])
                [
                    typeof(TaskSpec),
                    typeof(ModelSpec),
                    typeof(ScheduleSpec),
                    typeof(EvaluationSpec),
                    typeof(SentinelSpec),
                    typeof(CheckpointSpec),
                    typeof(LimitsSpec),
                ]
        )
        foreach (PropertyInfo property in Keyed(type).Where(p => !found.Contains(p.Name)))
            Assert.Contains($"`{Key(property.Name)}`", doc, StringComparison.Ordinal);

        // Images and Graphs are what the data turned out to be; their numbers are the keys.
        static string Key(string property) =>
            property switch
            {
                nameof(TaskSpec.ImageCount) => "images",
                nameof(TaskSpec.GraphCount) => "graphs",
                nameof(TaskSpec.TargetArray) => "targets",
                nameof(TaskSpec.ValidationTargetArray) => "validation-targets",
                _ => JsonNamingPolicy.KebabCaseLower.ConvertName(property),
            };
    }

    private static void AssertNoDefaults(object value, object byDefault, params string[] except)
    {
        foreach (PropertyInfo property in Keyed(value.GetType()).Where(p => !except.Contains(p.Name)))
            Assert.False(Equals(property.GetValue(value), property.GetValue(byDefault)), $"{property.Name} kept its default");
    }

    // Room for the keys of kinds from outside is no key itself.
    private static IEnumerable<PropertyInfo> Keyed(Type spec) => spec.GetProperties().Where(p => p.PropertyType != typeof(OwnKeys));

    internal static string Quickstart() => Repository.At("studies/quickstart.yaml");
}
