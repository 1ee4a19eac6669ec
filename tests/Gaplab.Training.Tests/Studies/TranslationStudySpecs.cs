// Studies of translation: what their keys mean, which keys have no meaning, and the ready study.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class TranslationStudySpecs
{
    private const string Small = """
        task: {source: a.de, target: b.en}
        optimizers: {sgd: {lr: 0.1}, adam: {lr: 0.01}}
        grid: {batch: 8}
        budget: {samples: 64}
        """;

    [Fact]
    public void Two_aligned_files_make_a_translation_and_its_model_an_encoder_and_decoder()
    {
        StudySpec study = StudyFile.Parse("/s/x.yaml", Small);
        Assert.Equal(
            new TaskSpec
            {
                Kind = "translation",
                Tokenizer = "bpe",
                Source = "/s/a.de",
                Target = "/s/b.en",
            },
            study.Task
        );
        Assert.Equal(
            new ModelSpec
            {
                Kind = "t5",
                Activation = "relu",
                TiedHead = true,
                WeightInit = "fan-in",
                EmbeddingStd = 1,
            },
            study.Model
        );
        Assert.Equal(new EvaluationSpec { Bleu = 256 }, study.Evaluation);
        Assert.NotEqual(0, ModelCatalogue.BuiltIn.ParameterCount(study.Model, 300, 64));
    }

    [Fact]
    public void Every_key_is_read()
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            """
            task: {kind: translation, source: a, target: b, validation-source: /c, validation-target: d, context: 30, source-context: 20,
              long-sentences: truncate, vocabulary: 500, validation-fraction: 0.2}
            model: {kind: t5, layers: 3, decoder-layers: 1, heads: 4, width: 48, mlp-ratio: 2, activation: geglu, norm: layernorm,
              norm-gain: false, tied-head: false, head-init: xavier-uniform, embedding-std: 0.5, weight-init: normal, weight-std: 0.1,
              relative-buckets: 16, relative-distance: 40, label-smoothing: 0.2}
            optimizers: {sgd: {lr: 0.1}}
            grid: {batch: 8}
            budget: {samples: 64}
            evaluation: {bleu: all, beam: 4}
            metric: validation-bleu
            """
        );
        Assert.Equal(
            new TaskSpec
            {
                Kind = "translation",
                Tokenizer = "bpe",
                Source = "/s/a",
                Target = "/s/b",
                ValidationSource = "/c",
                ValidationTarget = "/s/d",
                Context = 30,
                SourceContext = 20,
                LongSentences = "truncate",
                Vocabulary = 500,
                ValidationFraction = 0.2,
            },
            study.Task
        );
        Assert.Equal(
            new ModelSpec
            {
                Kind = "t5",
                Layers = 3,
                DecoderLayers = 1,
                Heads = 4,
                Width = 48,
                MlpRatio = 2,
                Activation = "geglu",
                Norm = "layernorm",
                NormGain = false,
                TiedHead = false,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 0.5,
                WeightInit = "normal",
                WeightStd = 0.1,
                RelativeBuckets = 16,
                RelativeDistance = 40,
                LabelSmoothing = 0.2,
            },
            study.Model
        );
        Assert.Equal(new EvaluationSpec { Bleu = 0, Beam = 4 }, study.Evaluation);
        Assert.True(StudySpec.IsHigherBetter(study.Metric));
    }

    [Theory]
    [InlineData("task={source: a}", "'task.target' is missing")]
    [InlineData("task.validation-source=a", "'task.validation-target' is missing; expected both")]
    [InlineData("task.vocabulary=200", "expected a whole number from 259 to 65536")]
    [InlineData("task.tokenizer=bytes", "'task.tokenizer' has no meaning for a task of kind translation; it belongs to text")]
    [InlineData("task.path=a", "'task.path' has no meaning for a task of kind translation")]
    [InlineData("model.kind=gpt", "'model.kind' is 'gpt', but 'task.kind' is 'translation'; expected t5")]
    [InlineData("model.rope-theta=3", "'model.rope-theta' has no meaning for a model of kind t5; it belongs to gpt")]
    [InlineData("model.relative-buckets=6", "expected a multiple of 4")]
    [InlineData("model.relative-distance=16", "a distance above half of it")]
    [InlineData("model.heads=3", "not divisible by 'model.heads' 3")]
    [InlineData("evaluation={bleu: none, beam: 0}", "'evaluation.beam' is '0'")]
    public void A_mistake_is_answered_with_its_key(string change, string part) =>
        Assert.Contains(
            part,
            Assert.Throws<InputException>(() => StudyFile.Parse("/s/x.yaml", Small, change)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("model.kind=t5", "t5 is for tasks of kind translation")]
    [InlineData("model.label-smoothing=0.1", "'model.label-smoothing' has no meaning for a model of kind gpt")]
    [InlineData("evaluation.bleu=10", "'evaluation.bleu' has no meaning for a task of kind markov")]
    [InlineData("task.long-sentences=drop", "'task.long-sentences' has no meaning for a task of kind markov")]
    [InlineData("metric=validation-bleu", "no sentences are translated")]
    public void A_key_of_translation_elsewhere_is_answered(string change, string part) =>
        Assert.Contains(
            part,
            Assert.Throws<InputException>(() => StudyFile.Parse("/s/x.yaml", StudyFileSpecs.Small, change)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_ready_study_asks_for_its_files_and_is_whole_with_them()
    {
        string path = Repository.At("studies/translation.yaml");
        Assert.Contains(
            "'task.source' is missing",
            Assert.Throws<InputException>(() => StudyFile.Load(path)).Message,
            StringComparison.Ordinal
        );
        StudySpec study = StudyFile.Load(path, "task.source=/a", "task.target=/b");
        Assert.Equal(("t5", 0.1, 200), (study.Model.Kind, study.Model.LabelSmoothing, study.Evaluation.Bleu));
    }
}
