// Studies of genomes, molecules and the factors of language models: every key reaches its property, every mistake its line.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class SequenceStudySpecs
{
    private const string Rest =
        "optimizers: {sgd: {momentum: 0.9, lr: 0.1}, adam: {lr: 0.01}}\ngrid: {batch: 8, seeds: 2}\nbudget: {samples: 64}\n";

    [Fact]
    public void Every_key_of_a_genome_is_read()
    {
        Assert.Equal(
            new TaskSpec
            {
                Kind = "genome",
                Context = 32,
                ValidationFraction = 0.2,
                ReverseComplement = true,
                Tokens = 5000,
                Dependence = 0.4,
                SourceSeed = 3,
                Order = 2,
                Motifs = 5,
                MotifLength = 9,
                MotifRate = 0.05,
                LabelNoise = 0.1,
                Objective = "masked",
            },
            Task(
                "{kind: genome, context: 32, validation-fraction: 0.2, reverse-complement: true, tokens: 5000, dependence: 0.4, "
                    + "source-seed: 3, order: 2, motifs: 5, motif-length: 9, motif-rate: 0.05, label-noise: 0.1, objective: masked}"
            )
        );
        Assert.Equal(
            new TaskSpec
            {
                Kind = "fasta",
                Path = "/s/a.fa",
                ValidationPath = "/s/b.fa",
                Repeats = "hide",
                Context = 32,
                LabelNoise = 0.1,
            },
            Task("{kind: fasta, path: a.fa, validation-path: b.fa, repeats: hide, context: 32, label-noise: 0.1}")
        );
    }

    [Fact]
    public void Every_key_of_graphs_is_read()
    {
        Assert.Equal(
            new TaskSpec
            {
                Kind = "molecules",
                Context = 1,
                Path = "/s/a.csv",
                SmilesColumn = "SMILES",
                TargetColumn = "logP",
                Error = "mse",
                ValidationFraction = 0.3,
                SourceSeed = 2,
            },
            Task(
                "{kind: molecules, path: a.csv, smiles-column: SMILES, target-column: logP, error: mse, validation-fraction: 0.3, "
                    + "source-seed: 2}",
                "{kind: gat}"
            )
        );
        Assert.Equal(
            new TaskSpec
            {
                Kind = "molecules",
                Context = 1,
                Path = "/s/a.csv",
                Targets = "logP\nqed",
                Blank = "skip",
            },
            Task("{kind: molecules, path: a.csv, targets: [logP, qed], blank: skip}", "{kind: gat}")
        );
        // One target is one task, under either key.
        Assert.Equal(
            Task("{kind: molecules, path: a.csv, target-column: logP}", "{kind: gat}"),
            Task("{kind: molecules, path: a.csv, targets: [logP]}", "{kind: gat}")
        );
        Assert.Equal(
            new TaskSpec
            {
                Kind = "random-molecules",
                Context = 1,
                GraphCount = 50,
                GraphNodes = 7,
            },
            Task("{kind: random-molecules, graphs: 50, graph-nodes: 7}", "{kind: gat}")
        );
        Assert.Equal(
            new TaskSpec
            {
                Kind = "tu",
                Context = 1,
                Path = "/s/ENZYMES",
            },
            Task("{kind: tu, path: ENZYMES}", "{kind: gat}")
        );
    }

    [Fact]
    public void Noise_of_a_text_is_read() => Assert.Equal(new TaskSpec { LabelNoise = 0.25 }, Task("{label-noise: 0.25}"));

    [Fact]
    public void Every_key_of_the_models_is_read()
    {
        Assert.Equal(
            new ModelSpec
            {
                Kind = "gcnn",
                Layers = 3,
                Width = 24,
                Norm = "rmsnorm",
                FinalNorm = false,
                NormGain = false,
                Bias = false,
                TiedHead = true,
                HeadInit = "zero",
                EmbeddingStd = 0.3,
                WeightInit = "normal",
                WeightStd = 0.2,
                ResidualScale = true,
                Kernel = 5,
                WeightNorm = false,
            },
            Model(
                "genome",
                "{kind: gcnn, layers: 3, width: 24, norm: rmsnorm, final-norm: false, norm-gain: false, bias: false, tied-head: true, "
                    + "head-init: zero, embedding-std: 0.3, weight-init: normal, weight-std: 0.2, residual-scale: true, kernel: 5, "
                    + "weight-norm: false}"
            )
        );
        Assert.Equal(
            new ModelSpec
            {
                Kind = "gated-delta-net",
                Layers = 3,
                Heads = 4,
                Width = 24,
                MlpRatio = 2,
                Activation = "gelu",
                HeadInit = "xavier-uniform",
                EmbeddingStd = 0.3,
                Kernel = 3,
                ValueRatio = 1.5,
                Chunk = 16,
            },
            Model(
                "genome",
                "{kind: gated-delta-net, layers: 3, heads: 4, width: 24, mlp-ratio: 2, activation: gelu, head-init: xavier-uniform, "
                    + "embedding-std: 0.3, kernel: 3, value-ratio: 1.5, chunk: 16}"
            )
        );
        Assert.Equal(
            new ModelSpec
            {
                Kind = "gat",
                Layers = 3,
                Heads = 2,
                Width = 24,
                Norm = "layernorm",
                NormGain = false,
                Bias = true,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 0.3,
                WeightInit = "normal",
                WeightStd = 0.2,
                Readout = "sum",
            },
            Model(
                "random-molecules",
                "{kind: gat, layers: 3, heads: 2, width: 24, norm: layernorm, norm-gain: false, bias: true, head-init: xavier-uniform, "
                    + "embedding-std: 0.3, weight-init: normal, weight-std: 0.2, readout: sum}"
            )
        );
        Assert.Equal(
            new ModelSpec
            {
                Kind = "grit",
                Layers = 3,
                Heads = 2,
                Width = 24,
                MlpRatio = 3,
                Activation = "silu",
                Norm = "rmsnorm",
                FinalNorm = false,
                Bias = false,
                HeadInit = "zero",
                EmbeddingStd = 1,
                ResidualScale = false,
                Walk = 5,
                Readout = "sum",
            },
            Model(
                "random-molecules",
                "{kind: grit, layers: 3, heads: 2, width: 24, mlp-ratio: 3, activation: silu, norm: rmsnorm, final-norm: false, bias: "
                    + "false, residual-scale: false, walk: 5, readout: sum}"
            )
        );
    }

    [Theory]
    [InlineData("{kind: fasta}", "", "'task.path' is missing")]
    [InlineData("{kind: fasta, path: x, motifs: 3}", "", "'task.motifs' has no meaning for a task of kind fasta; it belongs to genome")]
    [InlineData("{kind: genome, repeats: hide}", "", "'task.repeats' has no meaning for a task of kind genome; it belongs to fasta")]
    [InlineData("{kind: genome, objective: bert}", "", "expected next, masked")]
    [InlineData("{objective: masked}", "", "unknown key 'task.objective'")]
    [InlineData("{kind: genome, label-noise: 2}", "", "'task.label-noise' is '2'; expected a number from 0 to 1")]
    [InlineData(
        "{kind: translation, source: a, target: b, label-noise: 0.1}",
        "",
        "'task.label-noise' has no meaning for a task of kind translation"
    )]
    [InlineData("{kind: genome, objective: masked}", "{kind: gcnn}", "'task.objective' is masked; expected model.kind gpt")]
    [InlineData("{kind: genome, objective: masked}", "{attention: none}", "'model.attention' is none, but 'task.objective' is masked")]
    [InlineData("{kind: genome}", "{attention: relu}", "expected softmax, linear, sigmoid, mean, none")]
    [InlineData("{kind: genome}", "{kind: gcnn, attention: linear}", "unknown key 'model.attention'")]
    [InlineData("{kind: genome}", "{kind: gcnn, heads: 2}", "'model.heads' has no meaning for a model of kind gcnn")]
    [InlineData(
        "{kind: genome}",
        "{kind: gated-delta-net, weight-norm: false}",
        "'model.weight-norm' has no meaning for a model of kind gated-delta-net"
    )]
    [InlineData("{kind: molecules, path: a}", "{kind: gat}", "'task.target-column' is missing")]
    [InlineData(
        "{kind: molecules, path: a, target-column: y, targets: [y, z]}",
        "{kind: gat}",
        "'task.targets' names the columns to predict, and so does 'task.target-column'"
    )]
    [InlineData("{kind: molecules, path: a, targets: [y, y]}", "{kind: gat}", "'task.targets' holds y twice")]
    [InlineData(
        "{kind: molecules, path: a, target-column: y, blank: drop}",
        "{kind: gat}",
        "'task.blank' is 'drop'; expected refuse, skip"
    )]
    [InlineData("{kind: random-molecules, blank: skip}", "{kind: gat}", "'task.blank' has no meaning for a task of kind random-molecules")]
    [InlineData("{kind: tu}", "{kind: gat}", "'task.path' is missing")]
    [InlineData("{kind: random-molecules, path: a}", "{kind: gat}", "'task.path' has no meaning for a task of kind random-molecules")]
    [InlineData(
        "{kind: random-molecules}",
        "{kind: gat, walk: 3}",
        "'model.walk' has no meaning for a model of kind gat; it belongs to grit"
    )]
    [InlineData("{kind: random-molecules}", "{kind: grit, width: 10}", "'model.width' 10 is not divisible by 'model.heads' 4")]
    public void A_mistake_is_answered_in_one_line(string task, string model, string part)
    {
        string message = Assert
            .Throws<InputException>(() => StudyFile.Parse("s.yaml", $"task: {task}\n{(model.Length > 0 ? $"model: {model}\n" : "")}{Rest}"))
            .Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Epsilon_momentum_and_rotation_are_factors_like_any_other()
    {
        StudySpec study = StudyFile.Parse(
            "s.yaml",
            Rest.Replace("momentum: 0.9, ", "", StringComparison.Ordinal)
                + """
                factors:
                  optimizers.adam.epsilon: [1e-8, 1e-3]
                  momentum:
                    levels:
                      without: {optimizers.sgd.momentum: 0, optimizers.adam.beta1: 0}
                      with: {optimizers.sgd.momentum: 0.9, optimizers.adam.beta1: 0.9}
                  rotation: {key: optimizers.*.rotation, levels: [0, 1]}
                  model.attention: [softmax, none]
                design: one-at-a-time
                """
        );
        Assert.Equal(
            [
                (1e-8, 0.0, 0.0, 0L, 0L, "softmax"),
                (1e-3, 0, 0, 0, 0, "softmax"),
                (1e-8, 0.9, 0.9, 0, 0, "softmax"),
                (1e-8, 0, 0, 1, 1, "softmax"),
                (1e-8, 0, 0, 0, 0, "none"),
            ],
            study
                .Comparisons.Select(c => (Sgd: c.Study.Optimizers[0], Adam: c.Study.Optimizers[1], c.Study.Model.Attention))
                .Select(c =>
                    (
                        c.Adam.Template.Epsilon,
                        c.Sgd.Momenta[0],
                        c.Adam.Beta1s[0],
                        c.Sgd.Template.Rotation,
                        c.Adam.Template.Rotation,
                        c.Attention
                    )
                )
        );
    }

    [Theory, InlineData("attention", 4, 4, 4), InlineData("suite-cpu", 8, 4, 3), InlineData("suite-backtest", 8, 7, 4)]
    public void A_ready_study_has_the_comparisons_batch_sizes_and_seeds_it_promises(string name, int cells, int batches, int seeds)
    {
        StudySpec study = StudyFile.Load(Path.Combine(Path.GetDirectoryName(StudyFileSpecs.Quickstart())!, name + ".yaml"));
        Assert.Equal(cells, study.Comparisons.Count);
        Assert.All(
            study.Comparisons,
            c =>
            {
                Assert.True(c.Study.Grid.Batches.Count >= batches);
                Assert.Equal(seeds, c.Study.Grid.Seeds.Count);
                Assert.Equal(["sgd", "adam"], c.Study.Optimizers.Select(o => o.Name));
            }
        );
    }

    private static TaskSpec Task(string task, string? model = null) =>
        StudyFile.Parse("/s/x.yaml", $"task: {task}\n{(model is null ? "" : $"model: {model}\n")}{Rest}").Task;

    private static ModelSpec Model(string task, string model) =>
        StudyFile.Parse("/s/x.yaml", $"task: {{kind: {task}}}\nmodel: {model}\n{Rest}").Model;
}
