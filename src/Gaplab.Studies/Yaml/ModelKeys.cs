// The keys of "model" that several kinds of model have.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads them once for all; what a kind has of its own it reads itself.</summary>
internal static class ModelKeys
{
    /// <summary>Of an MLP between attention layers.</summary>
    public static IReadOnlyList<string> Activations { get; } = ["relu2", "relu", "gelu", "tanh", "silu", "swiglu", "geglu", "reglu"];

    /// <summary>Of states of one sample.</summary>
    public static IReadOnlyList<string> Norms { get; } = ["rmsnorm", "layernorm", "none"];

    /// <summary>Of matrices.</summary>
    public static IReadOnlyList<string> WeightInits { get; } = ["xavier-uniform", "normal"];

    /// <summary>What every kind has: size, biases, and how weights start.</summary>
    /// <param name="s">The section.</param>
    /// <param name="byDefault">What the kind is without options.</param>
    /// <param name="leastLayers">The fewest layers.</param>
    /// <param name="weightInits">Valid values of weight-init where they are not <see cref="WeightInits"/>.</param>
    /// <exception cref="Numerics.InputException">A value that is none of the key's.</exception>
    public static ModelSpec Read(StudySection s, ModelSpec byDefault, int leastLayers = 1, IReadOnlyList<string>? weightInits = null) =>
        byDefault with
        {
            Layers = (int)s.Integer("layers", byDefault.Layers, leastLayers, 1000),
            Width = (int)s.Integer("width", byDefault.Width, 1, 1 << 20),
            Bias = s.Flag("bias", byDefault.Bias),
            HeadInit = s.Choice("head-init", byDefault.HeadInit, "zero", "xavier-uniform"),
            EmbeddingStd = s.Number("embedding-std", byDefault.EmbeddingStd, 0, double.PositiveInfinity, open: true),
            WeightInit = s.Choice("weight-init", byDefault.WeightInit, weightInits ?? WeightInits),
            WeightStd = s.Number("weight-std", byDefault.WeightStd, 0, double.PositiveInfinity, open: true),
        };

    /// <summary><see cref="Read"/>, and what kinds with normalised layers or blocks have; activation and norm are of
    /// <see cref="Activations"/> and <see cref="Norms"/> unless others are given.</summary>
    public static ModelSpec ReadWithBlocks(
        StudySection s,
        ModelSpec byDefault,
        int leastLayers = 1,
        IReadOnlyList<string>? weightInits = null,
        IReadOnlyList<string>? activations = null,
        IReadOnlyList<string>? norms = null
    ) =>
        Read(s, byDefault, leastLayers, weightInits) with
        {
            Heads = (int)s.Integer("heads", byDefault.Heads, 1, 1000),
            MlpRatio = s.Number("mlp-ratio", byDefault.MlpRatio, 0, 100, open: true),
            Activation = s.Choice("activation", byDefault.Activation, activations ?? Activations),
            Norm = s.Choice("norm", byDefault.Norm, norms ?? Norms),
            FinalNorm = s.Flag("final-norm", byDefault.FinalNorm),
            NormGain = s.Flag("norm-gain", byDefault.NormGain),
            ResidualScale = s.Flag("residual-scale", byDefault.ResidualScale),
        };

    /// <exception cref="Numerics.InputException">A key that the kind has not.</exception>
    public static void RefuseForeign(StudySection s, string kind, params ReadOnlySpan<(string Key, bool Valid)> keys)
    {
        foreach ((string key, bool valid) in keys)
            if (!valid && s.Has(key))
                throw s.Error(key, $"'model.{key}' has no meaning for a model of kind {kind}");
    }

    /// <exception cref="Numerics.InputException">Heads that do not divide the width.</exception>
    public static void CheckHeads(StudySection s, ModelSpec model)
    {
        if (model.Width % model.Heads != 0)
            throw s.Error(
                s.Has("heads") ? "heads" : "width",
                $"'model.width' {model.Width} is not divisible by 'model.heads' {model.Heads}; expected a multiple"
            );
    }
}
