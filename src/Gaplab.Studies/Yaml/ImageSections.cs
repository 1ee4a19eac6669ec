// The study file's keys of image tasks and of the models that classify images.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "task" and "model" where the samples are images.</summary>
internal static class ImageSections
{
    public static IReadOnlyList<string> Kinds { get; } = ["idx", "cifar", "image-folder", "shapes", "barcodes"];

    public static bool IsImages(string kind) => Kinds.Contains(kind);

    public static TaskSpec ReadTask(StudySection s, string kind)
    {
        TaskKeys.RefuseForeign(
            s,
            kind,
            ("path", "idx cifar image-folder"),
            ("validation-path", "cifar image-folder"),
            ("validation-fraction", "cifar image-folder shapes barcodes"),
            ("classes", "idx cifar shapes barcodes"),
            ("images", "shapes barcodes"),
            ("side", "image-folder shapes barcodes"),
            ("overlap", "shapes"),
            ("exponent", "barcodes"),
            ("bar-noise", "barcodes")
        );
        var byDefault = new TaskSpec();
        bool generated = Learning.Data.TaskCatalogue.Generated.Contains(kind);
        var task = new TaskSpec
        {
            Kind = kind,
            Context = 1,
            Path = s.File("path"),
            ValidationPath = s.File("validation-path"),
            ValidationFraction = s.Number("validation-fraction", byDefault.ValidationFraction, 0, 1, open: true),
            Classes = (int)
                s.Integer(
                    "classes",
                    kind switch
                    {
                        "shapes" => 10,
                        "barcodes" => 64,
                        _ => 0,
                    },
                    2,
                    65536
                ),
            ImageCount = (int)s.Integer("images", byDefault.ImageCount, 2, 1 << 24),
            Side = (int)
                s.Integer(
                    "side",
                    kind == "image-folder" ? 32
                        : generated ? 16
                        : 0,
                    4,
                    4096
                ),
            Overlap = s.Number("overlap", byDefault.Overlap, 0, 1),
            Exponent = s.Number("exponent", byDefault.Exponent, 0, 10),
            BarNoise = s.Number("bar-noise", byDefault.BarNoise, 0, 1),
            TrainSize = (int)s.Integer("train-size", byDefault.TrainSize, 1, int.MaxValue),
            Imbalance = s.Number("imbalance", byDefault.Imbalance, 0, 10),
            LabelNoise = s.Number("label-noise", 0, 0, 1),
            Flip = s.Flag("flip", false),
            Crop = (int)s.Integer("crop", 0, 0, 512),
            Mixup = s.Number("mixup", 0, 0, 2),
            Normalise = s.Flag("normalise", true),
            SourceSeed = s.Integer("source-seed", byDefault.SourceSeed, 0),
        };
        if (!generated && task.Path is null)
            throw s.Missing(
                "path",
                kind switch
                {
                    "idx" => "the folder of the IDX files",
                    "cifar" => "the folder of CIFAR's .bin files, or one of them",
                    _ => "a folder with a folder of PNG or JPEG files for each class",
                } + " (--set task.path=FOLDER)"
            );
        if (kind == "cifar" && task.Classes is not (0 or 10 or 100))
            throw s.Error("classes", $"'task.classes' is {task.Classes}; CIFAR has 10 or 100");
        if (kind == "shapes" && task.Classes > 20)
            throw s.Error("classes", $"'task.classes' is {task.Classes}; shapes and textures make 2 to 20");
        s.Finish();
        return task;
    }

    public static ModelSpec ReadModel(StudySection s)
    {
        string kind = s.Choice("kind", "mlp", [.. ModelCatalogue.ImageKinds]);
        if (kind == "lstm")
            return LstmSection.Read(s, images: true);
        ModelSpec byDefault = Defaults(kind);
        bool mlp = kind == "mlp",
            alexnet = kind == "alexnet",
            resnet = kind == "resnet",
            vit = kind == "vit",
            conv = alexnet || resnet;
        ModelKeys.RefuseForeign(
            s,
            kind,
            ("layers", !alexnet),
            ("heads", vit),
            ("mlp-ratio", vit),
            ("norm-placement", !alexnet),
            ("final-norm", vit),
            ("qk-norm", vit),
            ("qk-gain", vit),
            ("positions", vit),
            ("embedding-std", vit),
            ("fused-qkv-init", vit),
            ("residual-scale", !alexnet),
            ("groups", conv),
            ("shortcut", resnet),
            ("patch", vit),
            ("embedding-norm", vit)
        );
        ModelSpec common = ModelKeys.ReadWithBlocks(
            s,
            byDefault,
            leastLayers: mlp ? 0 : 1,
            weightInits: vit ? null : ["he", .. ModelKeys.WeightInits],
            activations: vit ? null : ["relu2", "relu", "gelu", "tanh", "silu"],
            norms: conv ? ["batch", "group", "none"] : null
        );
        ModelSpec model = common with
        {
            NormPlacement = s.Choice("norm-placement", byDefault.NormPlacement, "pre", "post"),
            EmbeddingNorm = s.Flag("embedding-norm", byDefault.EmbeddingNorm),
            QkNorm = s.Flag("qk-norm", byDefault.QkNorm),
            QkGain = s.Flag("qk-gain", byDefault.QkGain),
            Positions = s.Choice("positions", byDefault.Positions, "sincos", "learned", "none"),
            FusedQkvInit = s.Flag("fused-qkv-init", byDefault.FusedQkvInit),
            Groups = (int)s.Integer("groups", byDefault.Groups, 1, 1 << 20),
            Shortcut = s.Choice("shortcut", byDefault.Shortcut, "padded", "projection"),
            Patch = (int)s.Integer("patch", byDefault.Patch, 1, 1024),
        };
        if (vit)
            ModelKeys.CheckHeads(s, model);
        if (vit && model.Positions == "sincos" && model.Width % 4 != 0)
            throw s.Error(
                s.Has("positions") ? "positions" : "width",
                $"'model.width' is {model.Width}; sines and cosines of two coordinates need a multiple of 4"
            );
        s.Finish();
        return model;
    }

    /// <summary>What a kind of model is without options: its paper's.</summary>
    internal static ModelSpec Defaults(string kind) =>
        kind switch
        {
            "mlp" => new ModelSpec
            {
                Kind = kind,
                Layers = 2,
                Width = 128,
                Activation = "relu",
                Norm = "none",
                NormPlacement = "post",
                Bias = true,
                HeadInit = "xavier-uniform",
                WeightInit = "he",
                ResidualScale = false,
            },
            "alexnet" => new ModelSpec
            {
                Kind = kind,
                Width = 16,
                Activation = "relu",
                Norm = "none",
                NormPlacement = "post",
                Bias = true,
                HeadInit = "xavier-uniform",
                WeightInit = "he",
                ResidualScale = false,
            },
            "resnet" => new ModelSpec
            {
                Kind = kind,
                Layers = 3,
                Width = 16,
                Activation = "relu",
                Norm = "batch",
                NormPlacement = "post",
                Bias = true,
                HeadInit = "xavier-uniform",
                WeightInit = "he",
                ResidualScale = false,
            },
            _ => new ModelSpec
            {
                Kind = kind,
                Layers = 4,
                Heads = 4,
                Width = 64,
                Activation = "gelu",
                Norm = "layernorm",
                EmbeddingNorm = false,
                QkNorm = false,
                QkGain = false,
                Positions = "sincos",
                Bias = true,
                HeadInit = "zero",
                ResidualScale = false,
            },
        };
}
