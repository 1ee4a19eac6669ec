// The study file's keys of genomes, and of the sequence models beside the GPT.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "task" where the samples are windows of a genome, and "model" of kinds gcnn and gated-delta-net.</summary>
internal static class SequenceSections
{
    public static IReadOnlyList<string> TaskKinds { get; } = ["fasta", "genome"];

    public static IReadOnlyList<string> ModelKinds { get; } = ["gcnn", "gated-delta-net"];

    public static TaskSpec ReadTask(StudySection s, string kind)
    {
        bool generated = kind == "genome";
        TaskKeys.RefuseForeign(
            s,
            kind,
            ("path", "fasta"),
            ("validation-path", "fasta"),
            ("repeats", "fasta"),
            ("tokens", "genome"),
            ("dependence", "genome"),
            ("source-seed", "genome"),
            ("order", "genome"),
            ("motifs", "genome"),
            ("motif-length", "genome"),
            ("motif-rate", "genome")
        );
        var byDefault = new TaskSpec();
        var task = new TaskSpec
        {
            Kind = kind,
            Path = s.File("path"),
            ValidationPath = s.File("validation-path"),
            Context = (int)s.Integer("context", byDefault.Context, 1, 1 << 20),
            ValidationFraction = s.Number("validation-fraction", byDefault.ValidationFraction, 0, 1, open: true),
            LabelNoise = s.Number("label-noise", byDefault.LabelNoise, 0, 1),
            Objective = s.Choice("objective", byDefault.Objective, "next", "masked"),
            ReverseComplement = s.Flag("reverse-complement", false),
            Repeats = s.Choice("repeats", byDefault.Repeats, "keep", "hide"),
            Tokens = s.Integer("tokens", byDefault.Tokens, 1, Array.MaxLength),
            Dependence = s.Number("dependence", byDefault.Dependence, 0, 1),
            SourceSeed = s.Integer("source-seed", byDefault.SourceSeed, 0),
            Order = (int)s.Integer("order", byDefault.Order, 0, 8),
            Motifs = (int)s.Integer("motifs", byDefault.Motifs, 0, 1000),
            MotifLength = (int)s.Integer("motif-length", byDefault.MotifLength, 1, 1000),
            MotifRate = s.Number("motif-rate", byDefault.MotifRate, 0, 1),
        };
        if (!generated && task.Path is null)
            throw s.Missing("path", "a FASTA file (.fa or .fa.gz) (--set task.path=FILE)");
        s.Finish();
        return task;
    }

    public static ModelSpec ReadModel(StudySection s, string kind, TaskSpec task)
    {
        bool delta = kind == "gated-delta-net";
        if (task.Objective == "masked")
            throw s.Error(
                "kind",
                $"'model.kind' is '{kind}', which predicts from what came before, but 'task.objective' is masked; expected model.kind "
                    + $"gpt, which then sees both sides, or task.objective: next"
            );
        ModelKeys.RefuseForeign(
            s,
            kind,
            ("heads", delta),
            ("mlp-ratio", delta),
            ("activation", delta),
            ("value-ratio", delta),
            ("chunk", delta),
            ("weight-norm", !delta)
        );
        ModelSpec byDefault = Defaults(kind);
        ModelSpec model = ModelKeys.ReadWithBlocks(s, byDefault) with
        {
            TiedHead = s.Flag("tied-head", byDefault.TiedHead),
            Kernel = (int)s.Integer("kernel", byDefault.Kernel, 1, 1024),
            WeightNorm = s.Flag("weight-norm", byDefault.WeightNorm),
            ValueRatio = s.Number("value-ratio", byDefault.ValueRatio, 0, 100, open: true),
            Chunk = (int)s.Integer("chunk", byDefault.Chunk, 1, 4096),
        };
        if (delta)
            ModelKeys.CheckHeads(s, model);
        s.Finish();
        return model;
    }

    /// <summary>What a kind of model is without options.</summary>
    internal static ModelSpec Defaults(string kind) =>
        kind == "gcnn"
            ? new ModelSpec
            {
                Kind = kind,
                Layers = 4,
                Norm = "none",
                Bias = true,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
                ResidualScale = false,
            }
            : new ModelSpec
            {
                Kind = kind,
                Activation = "swiglu",
                HeadInit = "zero",
                EmbeddingStd = 1,
            };
}
