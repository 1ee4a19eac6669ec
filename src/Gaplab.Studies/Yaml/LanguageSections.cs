// The study file's keys of text, tokens and translation, and of the transformers that read them.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "task" of kinds text, tokens, markov and translation, and "model" of kinds gpt and t5.</summary>
internal static class LanguageSections
{
    public static TaskSpec ReadTask(StudySection s, string kind)
    {
        var byDefault = new TaskSpec();
        TaskKeys.RefuseForeign(
            s,
            kind,
            ("path", "text tokens"),
            ("validation-path", "tokens"),
            ("tokenizer", "text"),
            ("merges", "text"),
            ("encoder", "text"),
            ("vocabulary", "markov tokens translation"),
            ("exponent", "markov"),
            ("tokens", "markov"),
            ("dependence", "markov"),
            ("source-seed", "markov"),
            ("label-noise", "text tokens markov"),
            ("source", "translation"),
            ("target", "translation"),
            ("validation-source", "translation"),
            ("validation-target", "translation"),
            ("source-context", "translation"),
            ("long-sentences", "translation")
        );
        var task = new TaskSpec
        {
            Kind = kind,
            Path = s.File("path"),
            ValidationPath = s.File("validation-path"),
            Source = s.File("source"),
            Target = s.File("target"),
            ValidationSource = s.File("validation-source"),
            ValidationTarget = s.File("validation-target"),
            Tokenizer = kind == "translation" ? "bpe" : s.Choice("tokenizer", byDefault.Tokenizer, "bytes", "chars", "gpt2"),
            Merges = s.File("merges"),
            Encoder = s.File("encoder"),
            Context = (int)s.Integer("context", byDefault.Context, 1, 1 << 20),
            SourceContext = (int)s.Integer("source-context", byDefault.SourceContext, 2, 1 << 20),
            LongSentences = s.Choice("long-sentences", byDefault.LongSentences, "drop", "truncate"),
            ValidationFraction = s.Number("validation-fraction", byDefault.ValidationFraction, 0, 1, open: true),
            Vocabulary = (int)s.Integer("vocabulary", byDefault.Vocabulary, 2, 65536),
            Exponent = s.Number("exponent", byDefault.Exponent, 0, 10),
            Tokens = s.Integer("tokens", byDefault.Tokens, 1, Array.MaxLength),
            Dependence = s.Number("dependence", byDefault.Dependence, 0, 1),
            SourceSeed = s.Integer("source-seed", byDefault.SourceSeed, 0),
            LabelNoise = s.Number("label-noise", byDefault.LabelNoise, 0, 1),
        };
        if (kind == "translation")
            CheckTranslation(s, task);
        else if (kind != "markov" && task.Path is null)
            throw s.Missing(
                "path",
                kind == "text" ? "a UTF-8 text file or a folder of them" : "a .bin file or a folder with train.bin and val.bin"
            );
        if (task.Tokenizer != "gpt2" && (s.Has("merges") || s.Has("encoder")))
            throw s.Error(s.Has("merges") ? "merges" : "encoder", "'task.merges' and 'task.encoder' belong to 'task.tokenizer: gpt2'");
        if (task.Merges is null != task.Encoder is null)
            throw s.Missing(task.Merges is null ? "merges" : "encoder", "vocab.bpe and encoder.json both, or neither for GPT-2's own");
        s.Finish();
        return task;
    }

    private static void CheckTranslation(StudySection s, TaskSpec task)
    {
        if (task.Source is null)
            throw s.Missing("source", "a file of sentences to translate, one a line (--set task.source=FILE)");
        if (task.Target is null)
            throw s.Missing("target", "the file of their translations, line by line (--set task.target=FILE)");
        if (task.ValidationSource is null != task.ValidationTarget is null)
            throw s.Missing(task.ValidationSource is null ? "validation-source" : "validation-target", "both validation files or neither");
        int smallest = Gaplab.Learning.Data.Text.BpeTokenizer.Smallest;
        if (task.Vocabulary != 0 && task.Vocabulary < smallest)
            throw s.Error(
                "vocabulary",
                $"'task.vocabulary' is {task.Vocabulary}; expected at least {smallest}: 256 bytes and 3 special tokens"
            );
        if (task.Context < 2)
            throw s.Error("context", $"'task.context' is {task.Context}; expected at least 2: a token and the end token");
    }

    public static ModelSpec ReadModel(StudySection s, string kind, TaskSpec task)
    {
        string[] foreign =
            kind == "t5"
                ?
                [
                    "norm-placement",
                    "embedding-norm",
                    "final-norm",
                    "attention",
                    "qk-norm",
                    "qk-gain",
                    "fused-qkv-init",
                    "positions",
                    "rope-theta",
                    "bias",
                    "residual-scale",
                ]
                : ["decoder-layers", "relative-buckets", "relative-distance", "label-smoothing"];
        foreach (string key in foreign.Where(s.Has))
            throw s.Error(key, $"'model.{key}' has no meaning for a model of kind {kind}; it belongs to {(kind == "t5" ? "gpt" : "t5")}");
        var byDefault =
            kind == "gpt"
                ? new ModelSpec()
                : new ModelSpec
                {
                    Kind = "t5",
                    Activation = "relu",
                    TiedHead = true,
                    WeightInit = "fan-in",
                    EmbeddingStd = 1,
                };
        ModelSpec common = ModelKeys.ReadWithBlocks(
            s,
            byDefault,
            weightInits: kind == "t5" ? ["fan-in", .. ModelKeys.WeightInits] : null,
            activations: ["relu2", "relu", "gelu", "tanh", "swiglu", "geglu", "reglu"]
        );
        ModelSpec model = common with
        {
            DecoderLayers = (int)s.Integer("decoder-layers", byDefault.DecoderLayers, 1, 1000),
            NormPlacement = s.Choice("norm-placement", byDefault.NormPlacement, "pre", "post"),
            EmbeddingNorm = s.Flag("embedding-norm", byDefault.EmbeddingNorm),
            Attention = s.Choice("attention", byDefault.Attention, "softmax", "linear", "sigmoid", "mean", "none"),
            QkNorm = s.Flag("qk-norm", byDefault.QkNorm),
            QkGain = s.Flag("qk-gain", byDefault.QkGain),
            Positions = s.Choice("positions", byDefault.Positions, "rope", "learned", "none"),
            RopeTheta = s.Number("rope-theta", byDefault.RopeTheta, 0, double.PositiveInfinity, open: true),
            TiedHead = s.Flag("tied-head", byDefault.TiedHead),
            FusedQkvInit = s.Flag("fused-qkv-init", byDefault.FusedQkvInit),
            RelativeBuckets = (int)s.Integer("relative-buckets", byDefault.RelativeBuckets, 4, 1 << 16),
            RelativeDistance = (int)s.Integer("relative-distance", byDefault.RelativeDistance, 3, 1 << 20),
            LabelSmoothing = s.Number("label-smoothing", byDefault.LabelSmoothing, 0, 0.99),
        };
        ModelKeys.CheckHeads(s, model);
        if (model.Attention == "none" && task.Objective == "masked")
            throw s.Error(
                "attention",
                "'model.attention' is none, but 'task.objective' is masked: a hidden base is known by its neighbours alone; expected "
                    + "softmax, linear, sigmoid or mean"
            );
        if (model.RelativeBuckets % 4 != 0 || model.RelativeDistance <= model.RelativeBuckets / 2)
            throw s.Error(
                "relative-buckets",
                $"'model.relative-buckets' is {model.RelativeBuckets} and 'model.relative-distance' {model.RelativeDistance}; expected a "
                    + $"multiple of 4, and a distance above half of it"
            );
        if (kind == "gpt" && model.Positions == "rope" && model.Width / model.Heads % 2 != 0)
            throw s.Error(
                s.Has("heads") ? "heads" : "width",
                $"a head is {model.Width / model.Heads} wide ('model.width' / 'model.heads'); rotary positions need an even width"
            );
        s.Finish();
        return model;
    }
}
