// Values of study files as YAML 1.2 has them, and habits of other formats answered with what to write instead.
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class YamlValueSpecs
{
    private const string Base = """
        study: yq
        task: {kind: markov, tokens: 20000}
        model: {layers: 1, heads: 1, width: 16}
        optimizers:
          sgd: {momentum: 0.9, lr: [0.1, 0.3]}
          adam: {lr: [0.003, 0.01]}
        grid: {batch: [8, 32], seeds: 2}
        budget: {samples: 512}
        """;

    [Theory]
    [InlineData("batch: [8, 32]", "batch: [010, 32]", 10)]
    [InlineData("batch: [8, 32]", "batch: [0o10, 32]", 8)]
    [InlineData("batch: [8, 32]", "batch: [0x10, 32]", 16)]
    [InlineData("batch: [8, 32]", "batch: [8.0, 3.2e1]", 8)]
    [InlineData("batch: [8, 32]", "batch: [1_0, 32]", 10)]
    [InlineData("batch: [8, 32]", "batch: [+8, 32]", 8)]
    public void A_number_has_the_value_of_YAML_1_2(string from, string to, int smallest) =>
        Assert.Equal([smallest, 32], StudyFile.Parse("/s/a.yaml", Base.Replace(from, to, StringComparison.Ordinal)).Grid.Batches);

    [Fact]
    public void Exponents_and_shared_lists_and_names_that_other_versions_take_for_truth_are_read()
    {
        Assert.Equal([0.003, 0.01], Parse("[0.003, 0.01]", "[3e-3, 1E-2]").Optimizers[1].Rates);
        Assert.Equal(512, Parse("samples: 512", "samples: 5.12e2").Budget.Amount);
        Assert.Equal("no", Parse("  sgd: {", "  no: {kind: sgd, ").Optimizers[0].Name);
        StudySpec shared = Parse("lr: [0.1, 0.3]}\n", "lr: &rates [0.1, 0.3]}\n  lion: {lr: *rates}\n");
        Assert.Equal(shared.Optimizers[0].Rates, shared.Optimizers[1].Rates);
        Assert.Equal([0.9], Parse("momentum: 0.9", "momentum: null").Optimizers[0].Momenta.Count == 1 ? [0.9] : []);
        Assert.Equal(Parse("momentum: 0.9, ", "").Optimizers[0].Momenta, Parse("momentum: 0.9", "momentum: null").Optimizers[0].Momenta);
        Assert.Equal("50% of runs @ B=8 & more", StudyFile.Parse("/s/a.yaml", "question: 50% of runs @ B=8 & more\n" + Base).Question);
    }

    [Theory]
    [InlineData("---\n", "\n...\n")]
    [InlineData("\uFEFF", "\r\n")]
    [InlineData("# a remark\n", "\n# another\n")]
    public void Marks_of_one_document_change_nothing(string before, string after)
    {
        using var folder = new TestFolder();
        string text = before + Base + after;
        string path = folder.Write(
            "yq.yaml",
            after == "\r\n" ? text.Replace("\n", "\r\n", StringComparison.Ordinal).Replace("\r\r", "\r", StringComparison.Ordinal) : text
        );
        Assert.Equal(RunId.OfStudy(StudyFile.Parse(path, Base)), RunId.OfStudy(StudyFile.Load(path)));
    }

    [Fact]
    public void JSON_is_YAML() =>
        Assert.Equal(
            RunId.OfStudy(StudyFile.Parse("/s/yq.yaml", Base)),
            RunId.OfStudy(
                StudyFile.Parse(
                    "/s/yq.yaml",
                    """{"study":"yq","task":{"kind":"markov","tokens":20000},"model":{"layers":1,"heads":1,"width":16}"""
                        + ""","optimizers":{"sgd":{"momentum":0.9,"lr":[0.1,0.3]},"adam":{"lr":[0.003,0.01]}}"""
                        + ""","grid":{"batch":[8,32],"seeds":2},"budget":{"samples":512}}"""
                )
            )
        );

    [Theory]
    [InlineData("samples: 512", "samples: 1,024", "/s/a.yaml:8: '024' stands behind a comma")]
    [InlineData("momentum: 0.9", "momentum: 0,9", "/s/a.yaml:5: '9' stands behind a comma")]
    [InlineData("samples: 512", "samples: '1,024'", "without commas")]
    [InlineData("samples: 512", "samples: '512'", "is the text '512'; expected a whole number of at least 1: without quotes")]
    [InlineData("samples: 512", "samples: 65k", "'budget.samples' is '65k'; expected a whole number of at least 1: written out, 65000")]
    [InlineData("samples: 512", "samples: 1:30", "'budget.samples' is '1:30'; expected a whole number")]
    [InlineData("samples: 512", "samples: 0x", "'budget.samples' is '0x'; expected a whole number")]
    [InlineData("samples: 512", "samples: 1__0", "'budget.samples' is '1__0'; expected a whole number")]
    [InlineData("samples: 512", "samples: .inf", "'budget.samples' is '.inf'; expected a whole number")]
    [InlineData("momentum: 0.9", "momentum: .nan", "'optimizers.sgd.momentum' is '.nan'; expected a number from 0 to below 1")]
    [InlineData("seeds: 2", "seeds: 0..3", "a range is written out, [0, …, 3]")]
    [InlineData("lr: [0.1, 0.3]", "lr: [0.1, 0.3], lr: [1, 3]", "/s/a.yaml:5: not valid YAML: Duplicate key lr")]
    [InlineData("  sgd: {", "\tsgd: {", "/s/a.yaml:5: not valid YAML: a tab stands before the first word")]
    [InlineData("study: yq", "question: lr: which?", "/s/a.yaml:1: not valid YAML: a second ': ' in one value; quote")]
    [InlineData("  adam: {", "  heavy: {<<: *s, kind: sgd}\n  adam: {", "/s/a.yaml:6: 'optimizers.heavy.<<' would merge keys")]
    [InlineData(
        "budget: {samples: 512}",
        "budget: {samples: 512}\n---\nstudy: other",
        "/s/a.yaml:9: a second document begins here; expected one"
    )]
    [InlineData("grid: {", "? [1, 2]\n: 3\ngrid: {", "/s/a.yaml:7: a key is a list, a mapping or an alias; expected a name")]
    [InlineData("task: {", "task: &t {path: *t, ", "/s/a.yaml:2: *t stands inside what it refers to")]
    public void What_YAML_reads_otherwise_than_meant_is_said(string from, string to, string expected) => Refused(from, to, expected);

    [Theory]
    [InlineData("kind: markov", "kind: mnist", "nearest valid name 'idx'")]
    [InlineData("kind: markov", "kind: Fashion-MNIST", "nearest valid name 'idx'")]
    [InlineData("kind: markov", "kind: CIFAR100", "nearest valid name 'cifar'")]
    [InlineData("study: yq", "study: yq\nmetric: accuracy", "nearest valid name 'validation-accuracy'")]
    [InlineData("study: yq", "study: yq\nmetric: val_loss", "nearest valid name 'validation-loss'")]
    [InlineData("samples: 512", "epochs: 3", "a budget is given in samples, tokens or steps: samples = epochs x training samples")]
    [InlineData("samples: 512", "max_steps: 3, samples: 4", "unknown key 'budget.max_steps'; nearest valid name 'steps'")]
    [InlineData("  adam: {", "  Adam: {", "nearest valid name 'adam'")]
    [InlineData("  adam: {", "  torch.optim.AdamW: {", "nearest valid name 'adamw'")]
    [InlineData("  adam: {", "  mine: {kind: torch.optim.Adam, ", "nearest valid name 'adam'")]
    [InlineData("  adam: {", "  mine: {kind: RMSprop, ", "nearest valid name 'rmsprop'")]
    [InlineData("  adam: {", "  mine: {kind: NAdam, ", "none of them is the same as NAdam")]
    [InlineData("  adam: {", "  nadam: {", "none of them is the same as nadam")]
    [InlineData("momentum: 0.9", "weight_decay: 0.1", "nearest valid name 'weight-decay'")]
    [InlineData("momentum: 0.9", "betas: 0.9", "nearest valid name 'beta1'")]
    [InlineData("width: 16", "n_embd: 16", "nearest valid name 'width'")]
    [InlineData("seeds: 2", "seeds: 2, batch_size: 4", "nearest valid name 'batch'")]
    public void Names_of_other_programs_are_answered_with_ours(string from, string to, string expected) => Refused(from, to, expected);

    [Fact]
    public void Every_name_of_other_programs_stands_for_one_that_there_is()
    {
        foreach (
            (IReadOnlyDictionary<string, string> elsewhere, IReadOnlyList<string> valid) in ((
                IReadOnlyDictionary<string, string>,
                IReadOnlyList<string>
            )[])
                [
                    (Learning.Data.TaskCatalogue.BuiltIn.Elsewhere, Learning.Data.TaskCatalogue.BuiltIn.Kinds),
                    (Learning.Training.OptimizerCatalogue.Elsewhere, Learning.Training.OptimizerCatalogue.BuiltIn.Kinds),
                    (StudySpec.MetricsElsewhere, StudySpec.Metrics),
                ]
        )
        foreach ((string name, string meant) in elsewhere)
        {
            Assert.Equal(NearestName.Plain(name), name);
            Assert.True(meant.Length == 0 || valid.Contains(meant), $"{name}: {meant}");
            Assert.DoesNotContain(name, valid);
        }
        foreach ((string name, string _) in KeysElsewhere.Names)
            Assert.Equal(NearestName.Plain(name), name);
    }

    [Theory]
    [InlineData(".yaml")]
    [InlineData("..yaml")]
    public void A_file_without_a_name_needs_one_in_it(string file)
    {
        string message = Assert
            .Throws<InputException>(() => StudyFile.Parse("/s/" + file, Base.Replace("study: yq\n", "", StringComparison.Ordinal)))
            .Message;
        Assert.Contains("'study' is ", message, StringComparison.Ordinal);
        Assert.Equal("yq", StudyFile.Parse("/s/" + file, Base).Name);
    }

    private static StudySpec Parse(string from, string to)
    {
        Assert.Contains(from, Base, StringComparison.Ordinal);
        return StudyFile.Parse("/s/a.yaml", Base.Replace(from, to, StringComparison.Ordinal));
    }

    private static void Refused(string from, string to, string expected)
    {
        // The anchor that some of them use.
        string text = to.Contains("*s", StringComparison.Ordinal) ? Base.Replace("sgd: {", "sgd: &s {", StringComparison.Ordinal) : Base;
        Assert.Contains(from, text, StringComparison.Ordinal);
        string message = Assert
            .Throws<InputException>(() => StudyFile.Parse("/s/a.yaml", text.Replace(from, to, StringComparison.Ordinal)))
            .Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
