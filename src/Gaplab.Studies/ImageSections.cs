// The study file's keys of image tasks and of the models that classify images.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies;

/// <summary>Reads "task" and "model" where the samples are images.</summary>
internal static class ImageSections
{
    public static IReadOnlyList<string> Kinds { get; } = ["idx", "cifar"];

    public static bool IsImages(string kind) => Kinds.Contains(kind);

    public static TaskSpec ReadTask(StudySection s, string kind)
    {
        foreach (string key in (string[])["validation-path", "validation-fraction", "classes"])
            if (kind != "cifar" && s.Has(key)) throw s.Error(key, $"'task.{key}' has no meaning for a task of kind {kind}; it belongs to cifar");
        var byDefault = new TaskSpec();
        var task = new TaskSpec
        {
            Kind = kind,
            Context = 1,
            Path = s.File("path"),
            ValidationPath = s.File("validation-path"),
            ValidationFraction = s.Number("validation-fraction", byDefault.ValidationFraction, 0, 1, open: true),
            Classes = (int)s.Integer("classes", byDefault.Classes, 2, 4096),
            TrainSize = (int)s.Integer("train-size", byDefault.TrainSize, 1, int.MaxValue),
            Imbalance = s.Number("imbalance", byDefault.Imbalance, 0, 10),
            LabelNoise = s.Number("label-noise", 0, 0, 1),
            Flip = s.Flag("flip", false),
            Crop = (int)s.Integer("crop", 0, 0, 512),
            Mixup = s.Number("mixup", 0, 0, 2),
            Normalise = s.Flag("normalise", true),
            SourceSeed = s.Integer("source-seed", byDefault.SourceSeed, 0),
        };
        if (task.Path is null)
            throw s.Missing("path", (kind == "idx" ? "the folder of the IDX files" : "the folder of CIFAR's .bin files, or one of them") + " (--set task.path=FOLDER)");
        if (kind == "cifar" && task.Classes is not (0 or 10 or 100)) throw s.Error("classes", $"'task.classes' is {task.Classes}; CIFAR has 10 or 100");
        s.Finish();
        return task;
    }

    public static ModelSpec ReadModel(StudySection s)
    {
        string kind = s.Choice("kind", "mlp", [.. ModelCatalogue.ImageKinds]);
        ModelSpec byDefault = Defaults(kind);
        bool mlp = kind == "mlp", alexnet = kind == "alexnet", resnet = kind == "resnet", vit = kind == "vit", conv = alexnet || resnet;
        (string Key, bool Valid)[] only =
        [
            ("layers", !alexnet), ("heads", vit), ("mlp-ratio", vit), ("norm-placement", !alexnet), ("final-norm", vit), ("qk-norm", vit), ("qk-gain", vit), ("positions", vit),
            ("embedding-std", vit), ("fused-qkv-init", vit), ("residual-scale", !alexnet), ("groups", conv), ("shortcut", resnet), ("patch", vit), ("embedding-norm", vit),
        ];
        foreach ((string key, _) in only.Where(o => !o.Valid && s.Has(o.Key))) throw s.Error(key, $"'model.{key}' has no meaning for a model of kind {kind}");
        var model = byDefault with
        {
            Layers = (int)s.Integer("layers", byDefault.Layers, mlp ? 0 : 1, 1000),
            Heads = (int)s.Integer("heads", byDefault.Heads, 1, 1000),
            Width = (int)s.Integer("width", byDefault.Width, 1, 1 << 20),
            MlpRatio = s.Number("mlp-ratio", byDefault.MlpRatio, 0, 100, open: true),
            Activation = s.Choice("activation", byDefault.Activation, vit ? ["relu2", "relu", "gelu", "tanh", "silu", "swiglu", "geglu", "reglu"] : ["relu2", "relu", "gelu", "tanh", "silu"]),
            Norm = s.Choice("norm", byDefault.Norm, conv ? ["batch", "group", "none"] : ["rmsnorm", "layernorm", "none"]),
            NormPlacement = s.Choice("norm-placement", byDefault.NormPlacement, "pre", "post"),
            EmbeddingNorm = s.Flag("embedding-norm", byDefault.EmbeddingNorm),
            FinalNorm = s.Flag("final-norm", byDefault.FinalNorm),
            NormGain = s.Flag("norm-gain", byDefault.NormGain),
            QkNorm = s.Flag("qk-norm", byDefault.QkNorm),
            QkGain = s.Flag("qk-gain", byDefault.QkGain),
            Positions = s.Choice("positions", byDefault.Positions, "sincos", "learned", "none"),
            Bias = s.Flag("bias", byDefault.Bias),
            HeadInit = s.Choice("head-init", byDefault.HeadInit, "zero", "xavier-uniform"),
            EmbeddingStd = s.Number("embedding-std", byDefault.EmbeddingStd, 0, double.PositiveInfinity, open: true),
            WeightInit = s.Choice("weight-init", byDefault.WeightInit, vit ? ["xavier-uniform", "normal"] : ["he", "xavier-uniform", "normal"]),
            WeightStd = s.Number("weight-std", byDefault.WeightStd, 0, double.PositiveInfinity, open: true),
            FusedQkvInit = s.Flag("fused-qkv-init", byDefault.FusedQkvInit),
            ResidualScale = s.Flag("residual-scale", byDefault.ResidualScale),
            Groups = (int)s.Integer("groups", byDefault.Groups, 1, 1 << 20),
            Shortcut = s.Choice("shortcut", byDefault.Shortcut, "padded", "projection"),
            Patch = (int)s.Integer("patch", byDefault.Patch, 1, 1024),
        };
        if (vit && model.Width % model.Heads != 0)
            throw s.Error(s.Has("heads") ? "heads" : "width", $"'model.width' {model.Width} is not divisible by 'model.heads' {model.Heads}; expected a multiple");
        if (vit && model.Positions == "sincos" && model.Width % 4 != 0)
            throw s.Error(s.Has("positions") ? "positions" : "width", $"'model.width' is {model.Width}; sines and cosines of two coordinates need a multiple of 4");
        s.Finish();
        return model;
    }

    /// <summary>What a kind of model is without options: its paper's.</summary>
    internal static ModelSpec Defaults(string kind) => kind switch
    {
        "mlp" => new ModelSpec { Kind = kind, Layers = 2, Width = 128, Activation = "relu", Norm = "none", NormPlacement = "post", Bias = true, HeadInit = "xavier-uniform", WeightInit = "he", ResidualScale = false },
        "alexnet" => new ModelSpec { Kind = kind, Width = 16, Activation = "relu", Norm = "none", NormPlacement = "post", Bias = true, HeadInit = "xavier-uniform", WeightInit = "he", ResidualScale = false },
        "resnet" => new ModelSpec { Kind = kind, Layers = 3, Width = 16, Activation = "relu", Norm = "batch", NormPlacement = "post", Bias = true, HeadInit = "xavier-uniform", WeightInit = "he", ResidualScale = false },
        _ => new ModelSpec { Kind = kind, Layers = 4, Heads = 4, Width = 64, Activation = "gelu", Norm = "layernorm", EmbeddingNorm = false, QkNorm = false, QkGain = false, Positions = "sincos", Bias = true, HeadInit = "zero", ResidualScale = false },
    };
}
