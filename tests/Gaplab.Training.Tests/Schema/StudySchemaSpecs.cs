// The schema takes what the reader takes: the ready studies, the documents' examples; and both refuse what is wrong.
using System.Text.RegularExpressions;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Schema;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Schema;

public sealed partial class StudySchemaSpecs
{
    public static TheoryData<string> Ready =>
        [
            .. Directory
                .GetFiles(Repository.At("studies"), "*.yaml")
                .Select(f => "studies/" + Path.GetFileName(f))
                .Order(StringComparer.Ordinal),
        ];

    public static TheoryData<string, int> Examples
    {
        get
        {
            var all = new TheoryData<string, int>();
            foreach (
                string page in (string[])["README.md", .. Directory.GetFiles(Repository.At("docs"), "*.md").Order(StringComparer.Ordinal)]
            )
                for (int i = 0; i < Fence().Count(File.ReadAllText(Repository.At(page))); i++)
                    all.Add(Path.GetRelativePath(Repository.At("."), Repository.At(page)), i);
            return all;
        }
    }

    [Theory, MemberData(nameof(Ready))]
    public void A_ready_study_is_right(string file)
    {
        // What such a study wants is a path that its user has.
        string text = File.ReadAllText(Repository.At(file))
            .Replace("task: {kind: idx}", "task: {kind: idx, path: a}", StringComparison.Ordinal)
            .Replace("  kind: translation", "  source: a\n  target: b\n  kind: translation", StringComparison.Ordinal);
        Assert.Equal("", EditorCheck.Objections(text));
    }

    [Theory, MemberData(nameof(Examples))]
    public void An_example_of_the_documents_is_right(string page, int index)
    {
        string block = Fence().Matches(File.ReadAllText(Repository.At(page)))[index].Groups[1].Value;
        string rest = string.Concat(
            ((string[])["optimizers: {sgd: {lr: 0.1}, adam: {lr: 0.01}}", "grid: {batch: [4, 8]}", "budget: {samples: 64}"])
                .Where(l => !Regex.IsMatch(block, $"^{l.Split(':')[0]}:", RegexOptions.Multiline))
                .Select(l => l + "\n")
        );
        Assert.Equal("", EditorCheck.Objections(block + "\n" + rest));
    }

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "momentum: 0.9", "momentun: 0.9", "a key that there is not" },
            { "momentum: 0.9", "beta1: 0.9", "a key of another kind of optimizer" },
            { "momentum: 0.9", "kind: sdg", "a kind that there is not" },
            { "momentum: 0.9", "momentum: 1", "the excluded end of a range" },
            { "momentum: 0.9", "momentum: high", "a word for a number" },
            { "momentum: 0.9", "nesterov: yes", "a word for true or false" },
            { "momentum: 0.9", "momentum: [0.9, 0.9]", "a value twice" },
            { "sgd:", "mine:", "an optimizer without a kind" },
            { "sgd:", "SGD:", "an optimizer with capitals" },
            { "lr: [0.1, 0.3]", "momentum: 0.5", "no learning rate" },
            { "lr: [0.1, 0.3]", "lr: 0", "a learning rate of 0" },
            { "lr: [0.1, 0.3]", "lr: []", "an empty list" },
            { "lr: [0.1, 0.3]", "lr: {from: 0.1, to: 1}", "a range without points" },
            { "lr: [0.1, 0.3]", "lr: {from: 0.1, to: 1, points: 3, factor: 2}", "a range with points and factor" },
            { "lr: [0.1, 0.3]", "lr: {from: 0.1, to: 1, point: 3}", "a range's misspelt key" },
            { "width: 16", "width: 0", "a model's number out of range" },
            { "width: 16", "width: 16.5", "a fraction of a whole number" },
            { "width: 16", "kernel: 3", "a key of another kind of model" },
            { "width: 16", "norm: batch", "a word that there is not" },
            { "width: 16", "kind: resnet", "a model that does not read the task" },
            { "context: 8", "contexts: 8", "a task's misspelt key" },
            { "context: 8", "classes: 3", "a key of another kind of task" },
            { "context: 8", "kind: idx", "a task without its files" },
            { "context: 8", "kind: shapes", "a task's own key in another" },
            { "batch: [8]", "batches: [8]", "no batch sizes" },
            { "batch: [8]", "batch: []", "no batch size" },
            { "batch: [8]", "batch: [8], beta: 0.9, half-life: 100", "two rules of one momentum" },
            { "seeds: 2", "seeds: 0", "no seeds" },
            { "seeds: 2", "seeds: [-1]", "a seed below 0" },
            { "budget: {samples: 64}", "budget: {samples: 64, steps: 2}", "two budgets" },
            { "budget: {samples: 64}", "budget: {epochs: 2}", "epochs" },
            { "budget: {samples: 64}", "budgets: {samples: 64}", "a section that there is not" },
            { "budget: {samples: 64}", "question: none", "a section that is missing" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nevaluation: {bleu: 4}", "a key of translation" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nevaluation: {points: -1}", "evaluations below none" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nmetric: loss", "a metric's name elsewhere" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nprobes: {names: [sharp]}", "a probe that there is not" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nprobes: {noise: {draw: 4}}", "a probe's misspelt key" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nprobes: {shadows: {sgd: {lr: [1, 2]}}}", "a shadow of two rates" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nlimits: {memory: much}", "no size" },
            { "budget: {samples: 64}", "budget: {samples: 64}\ndesign: full", "a design without factors" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nfactors: {grid.seeds: [1, 2]}", "what no factor switches" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nfactors: {model.width: [16]}", "a factor of one level" },
            {
                "budget: {samples: 64}",
                "budget: {samples: 64}\nfactors: {a: {key: model.width, level: [16, 32]}}",
                "a factor's misspelt key"
            },
            { "budget: {samples: 64}", "budget: {samples: 64}\nsettings: {a: {metric: last-mean}}", "what no setting changes" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nsettings: {a: {model: {widht: 8}}}", "a setting's misspelt key" },
            { "budget: {samples: 64}", "budget: {samples: 64}\nsettings: {a b: {model: {width: 8}}}", "a setting's name with a blank" },
        };

    private const string Right = """
        study: right
        task: {kind: markov, vocabulary: 16, context: 8}
        model: {kind: gpt, layers: 1, width: 16}
        optimizers:
          sgd: {momentum: 0.9, lr: [0.1, 0.3]}
        grid: {batch: [8], seeds: 2}
        budget: {samples: 64}
        """;

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_refused_by_both(string from, string to, string what)
    {
        Assert.Equal("", EditorCheck.Objections(Right));
        _ = StudyFile.Parse("/s/right.yaml", Right);
        string wrong = Right.Replace(from, to, StringComparison.Ordinal);
        // A second key of the same name would be another mistake.
        if (to.StartsWith("kind:", StringComparison.Ordinal) && from is "width: 16" or "context: 8")
            wrong = wrong.Replace(from == "width: 16" ? "kind: gpt, " : "kind: markov, ", "", StringComparison.Ordinal);
        if (from == "lr: [0.1, 0.3]" && to.StartsWith("momentum", StringComparison.Ordinal))
            wrong = wrong.Replace("momentum: 0.9, ", "", StringComparison.Ordinal);
        Assert.Throws<InputException>(() => StudyFile.Parse("/s/right.yaml", wrong));
        Assert.True(EditorCheck.Objections(wrong).Length > 0, $"the schema takes {what}: {to}");
    }

    [Theory]
    [InlineData("model:\n", "a section whose keys are all comments")]
    [InlineData("model: {width: 1_024}", "digits in groups")]
    [InlineData("model: {width: 0x40}", "another base")]
    [InlineData("task: {path: a.txt}", "a kind that a key implies")]
    [InlineData("task: {source: a, target: b}\nmodel: {kind: t5}\nevaluation: {bleu: all, beam: 2}", "another implied kind")]
    [InlineData("task: {kind: shapes}\nmodel: {kind: lstm, layers: 1}", "a model of two families of samples, by the task")]
    [InlineData("task: {kind: shapes}\nmetric: validation-accuracy", "the task's own model")]
    [InlineData("study: 2024\nquestion: 7", "texts that look like numbers")]
    [InlineData("limits: {memory: 4000000000, time-per-pack: ~}", "a size in bytes, and a key without a value")]
    [InlineData("limits: {memory: .5 gib}", "a size as people write it")]
    [InlineData("optimizers: {sgd: {lr: 0.1}, twin: {kind: sgd, lr: {from: 0.1, to: 1, factor: 2}}}", "a name of one's own")]
    [InlineData("optimizers: {sgd: {kind: adam, lr: 0.1}}", "a name that is another kind's")]
    [InlineData("optimizers: {sgd: {lr: 0.1, momentum: [0, 0.9], clip: none}}", "lists, and a word for a number")]
    [InlineData("grid: {batch: 4, seeds: [0, 9], half-life: [100, 200]}", "single values, listed seeds")]
    [InlineData("probes: {runs: tuned, names: noise, shadows: {a: {kind: sgd, lr: [1]}}, noise: {samples: all}}", "probes")]
    [InlineData("factors: {optimizers.*.lr: [0.1, 0.2]}\noptimizers: {sgd: {}}", "a required key that a factor sets")]
    [InlineData(
        "factors: {budget.steps: [4, 8], b: {levels: {i: {task.kind: shapes, model.kind: vit}, j: {task.kind: barcodes}}}}\nbudget:",
        "kinds and a budget that factors set"
    )]
    [InlineData("settings: {a: {model: {width: 8}, traits: {n: 3}}, b: }\ndesign:", "settings")]
    [InlineData(
        "factors: {model.layers: [1, 2], a: {key: optimizers.sgd.clip, levels: {no: none, yes: 1}}}\ndesign: {kind: one-at-a-time}",
        "factors"
    )]
    public void What_the_reader_takes_the_schema_takes(string lines, string what)
    {
        string text = lines + "\n" + Least(lines);
        try
        {
            _ = StudyFile.Parse("/s/x.yaml", text);
        }
        catch (InputException e)
        {
            Assert.Fail($"{what}: the reader refuses: {e.Message}");
        }
        Assert.True(EditorCheck.Objections(text) is "", $"{what}: {EditorCheck.Objections(text)}");
    }

    [Fact]
    public void A_program_of_other_kinds_has_a_schema_that_knows_them_and_theirs_alone()
    {
        string text = File.ReadAllText(Repository.At("samples/OwnKinds/own.yaml"));
        Assert.Equal("", EditorCheck.Objections(text, SampleKinds.Catalogues));
        Assert.NotEqual("", EditorCheck.Objections(text.Replace("nu: 0.8", "nu: 1.5", StringComparison.Ordinal), SampleKinds.Catalogues));
        Assert.NotEqual("", EditorCheck.Objections(text));
    }

    [Fact]
    public void The_schema_is_the_same_twice() => Assert.Equal(StudySchema.Text(Catalogues.BuiltIn), StudySchema.Text(Catalogues.BuiltIn));

    // The sections that no study can do without, where these lines say them not.
    private static string Least(string lines) =>
        string.Concat(
            ((string[])["optimizers: {sgd: {lr: 0.1}}", "grid: {batch: 4}", "budget: {steps: 8}"])
                .Where(l => !Regex.IsMatch(lines, $"^{l.Split(':')[0]}:", RegexOptions.Multiline))
                .Select(l => l + "\n")
        );

    [GeneratedRegex("^```yaml\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
