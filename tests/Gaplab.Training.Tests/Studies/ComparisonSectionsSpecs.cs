// Studies of several settings and factors: what is read, what runs, and what is refused.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class ComparisonSectionsSpecs
{
    private const string Base = """
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 16}
        model: {layers: 1, heads: 2, width: 16}
        optimizers: {sgd: {momentum: 0.9, lr: [0.1, 0.3]}, adam: {lr: [0.001, 0.003]}}
        grid: {batch: [4, 16], seeds: 2}
        budget: {samples: 256}

        """;

    private static StudySpec Read(string text, params string[] overrides) => StudyFile.Parse("test.yaml", Base + text, overrides);

    private static Plan PlanOf(StudySpec study) => new(study, 16, Learning.Models.ModelCatalogue.BuiltIn.ParameterCount);

    [Fact]
    public void A_study_that_lists_no_comparisons_is_its_own_only_one()
    {
        StudySpec study = Read("");
        Assert.Empty(study.Listed);
        Assert.Same(study, Assert.Single(study.Comparisons).Study);
        Assert.Equal("sgd/B=4", PlanOf(study).Arms[0].Key);
        Assert.DoesNotContain(
            "cells",
            System.Text.Json.JsonSerializer.Serialize(RunId.Canonical(PlanOf(study).Run(PlanOf(study).Arms[0], 0.1, 1))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Factors_switch_their_keys_and_nothing_else()
    {
        StudySpec study = Read("factors: {model.activation: [relu, gelu], clipping: {key: optimizers.*.clip, levels: [none, 1]}}");
        Assert.Equal(["activation", "clipping"], study.Factors.Select(f => f.Name));
        Assert.Equal(
            [("relu", 0.0), ("relu", 1.0), ("gelu", 0.0), ("gelu", 1.0)],
            study.Comparisons.Select(c => (c.Study.Model.Activation, c.Study.Optimizers[0].Template.ClipNorm))
        );
        Assert.All(study.Comparisons, c => Assert.Equal(c.Study.Optimizers[0].Template.ClipNorm, c.Study.Optimizers[1].Template.ClipNorm));
        Plan plan = PlanOf(study);
        Assert.Equal("activation=relu/clipping=none/sgd/B=4", plan.Arms[0].Key);
        Assert.Equal(4 * 2 * 2 * 2 * 2, plan.FirstRound().SelectMany(p => p.Runs).Select(r => r.Id).Distinct().Count());
        Assert.Equal(plan.Arms.Count, plan.Arms.Select(g => g.Key).Distinct().Count());
    }

    [Fact]
    public void A_level_is_the_very_run_that_a_study_without_factors_has()
    {
        Plan plain = PlanOf(Read("", "model.activation=gelu")),
            factor = PlanOf(Read("factors: {model.activation: [relu, gelu]}"));
        Assert.Subset(
            factor.FirstRound().SelectMany(p => p.Runs).Select(r => r.Id).ToHashSet(),
            plain.FirstRound().SelectMany(p => p.Runs).Select(r => r.Id).ToHashSet()
        );
    }

    [Fact]
    public void Settings_lay_their_keys_over_the_base_and_kinds_replace_it()
    {
        StudySpec study = Read(
            """
            settings:
              small: {traits: {attention: softmax}}
              wide:
                model: {width: 32}
                budget: {steps: 7}
                optimizers: {sgd: {lr: {from: 0.01, to: 1, points: 3}}}
              uniform: {task: {kind: markov, exponent: 0, vocabulary: 8}}
            """
        );
        Assert.Equal(["small", "wide", "uniform"], study.Comparisons.Select(c => c.Setting));
        Assert.Equal(["attention=softmax"], study.Comparisons[0].Traits);
        StudySpec wide = study.Comparisons[1].Study;
        Assert.Equal(
            (32, 2, "steps", 7L, 0.9),
            (wide.Model.Width, wide.Model.Heads, wide.Budget.Unit, wide.Budget.Amount, wide.Optimizers[0].Momenta[0])
        );
        Assert.Equal([0.01, 0.1, 1], wide.Optimizers[0].Rates);
        Assert.Equal(
            (8, 64, 1_000_000L),
            (study.Comparisons[2].Study.Task.Vocabulary, study.Comparisons[2].Study.Task.Context, study.Comparisons[2].Study.Task.Tokens)
        );
        Assert.Equal(
            ["small/sgd/B=4", "wide/sgd/B=4", "uniform/sgd/B=4"],
            PlanOf(study).Arms.Where(g => g.Optimizer == "sgd" && g.Batch == 4).Select(g => g.Key)
        );
    }

    [Fact]
    public void An_override_reaches_every_setting()
    {
        StudySpec study = Read("settings: {a: {model: {width: 32}}, b: {}}", "model.width=8", "settings.b.model.layers=2");
        Assert.Equal([(8, 1), (8, 2)], study.Comparisons.Select(c => (c.Study.Model.Width, c.Study.Model.Layers)));
    }

    [Fact]
    public void Designs_run_the_treatments_that_they_say()
    {
        const string Four =
            "factors: {model.activation: [relu, gelu], model.norm: [rmsnorm, layernorm], model.bias: [false, true], model.qk-norm: "
            + "[false, true]}\n";
        Assert.Equal(16, Read(Four).Comparisons.Count);
        StudySpec fraction = Read(Four + "design: fractional");
        Assert.Equal(8, fraction.Comparisons.Count);
        Assert.Equal(["D=ABC"], fraction.Design.Generators);
        Assert.Contains(StudyDesign.Describe(fraction), l => l.Contains("AB = CD", StringComparison.Ordinal));
        Assert.Equal(5, Read(Four + "design: one-at-a-time").Comparisons.Count);
        Assert.Equal(
            fraction.Comparisons.Select(c => string.Join(',', c.Levels)),
            Read(Four + "design: {generators: [D=ABC]}").Comparisons.Select(c => string.Join(',', c.Levels))
        );
        Assert.Equal(
            RunId.OfStudy(fraction),
            RunId.OfStudy(
                fraction with
                {
                    Name = "other",
                    Listed = [.. fraction.Listed.Select(c => c with { Study = c.Study with { Name = "other" } })],
                }
            )
        );
    }

    [Fact]
    public void Named_levels_may_set_several_keys()
    {
        StudySpec study = Read(
            """
            factors:
              norm:
                levels:
                  rms: {model.norm: rmsnorm}
                  biased: {model.norm: layernorm, model.bias: true}
            """
        );
        Assert.Equal([("rmsnorm", false), ("layernorm", true)], study.Comparisons.Select(c => (c.Study.Model.Norm, c.Study.Model.Bias)));
    }

    [Theory]
    [InlineData("factors: {model.activation: [relu, gelo]}", "test.yaml:6: 'model.activation' is 'gelo'")]
    [InlineData("factors: {model.activaton: [relu, gelu]}", "unknown key 'model.activaton'; nearest valid name 'activation'")]
    [InlineData("factors: {grid.seeds: [1, 2]}", "'grid.seeds' is no key that a factor can switch")]
    [InlineData("factors: {model.activation: [relu]}", "has 1 level; expected at least two")]
    [InlineData("factors: {model.activation: [relu, relu]}", "holds relu twice")]
    [InlineData("factors: {a: {key: model.activation, levels: [relu, gelu], level: 3}}", "unknown key 'factors.a.level'")]
    [InlineData("design: fractional", "the study has no factors")]
    [InlineData("factors: {model.activation: [relu, gelu]}\ndesign: fractional", "expected 3 to")]
    [InlineData(
        "factors: {model.activation: [relu, gelu, tanh], model.bias: [true, false], model.qk-norm: [true, false]}\ndesign: fractional",
        "'activation' has 3"
    )]
    [InlineData(
        "factors: {model.activation: [relu, gelu], model.bias: [true, false], model.qk-norm: [true, false]}\ndesign: {runs: 5}",
        "cannot have 5 runs"
    )]
    [InlineData("settings: {a: {metric: train-loss}}", "unknown key 'settings.a.metric'")]
    [InlineData("settings: {a: {}, b: {grid: {seeds: 3}}}", "other seeds than the first")]
    [InlineData("settings: {a: {}, b: {optimizers: {lion: {lr: 0.1}}}}", "expected the same names for all")]
    [InlineData("settings: {a/b: {}}", "holds the name 'a/b'")]
    public void What_makes_no_study_is_refused_in_one_line(string text, string expected)
    {
        InputException error = Assert.Throws<InputException>(() => Read(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_override_of_a_factors_key_is_refused() =>
        Assert.Contains(
            "what the factor 'activation' switches",
            Assert.Throws<InputException>(() => Read("factors: {model.activation: [relu, gelu]}", "model.activation=tanh")).Message,
            StringComparison.Ordinal
        );
}
