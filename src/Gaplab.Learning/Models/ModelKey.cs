// The keys of "model" that several kinds of model have, each once; what a kind has of its own stands in its file.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using static Gaplab.Learning.Specs.SpecKey;
using Key = Gaplab.Learning.Specs.SpecKey<Gaplab.Learning.Specs.ModelSpec>;
using M = Gaplab.Learning.Specs.ModelSpec;

namespace Gaplab.Learning.Models;

/// <summary>Keys for the rows of models.</summary>
public static class ModelKey
{
    /// <summary>Of matrices.</summary>
    public static readonly IReadOnlyList<string> WeightInits = ["xavier-uniform", "normal"];

    /// <summary>Of an MLP between attention layers.</summary>
    public static readonly IReadOnlyList<string> Activations = ["relu2", "relu", "gelu", "tanh", "silu", "swiglu", "geglu", "reglu"];

    /// <summary>Those that are not gated.</summary>
    public static readonly IReadOnlyList<string> PlainActivations = ["relu2", "relu", "gelu", "tanh", "silu"];

    /// <summary>Of every model: <see cref="ModelKind.Keys"/> adds it.</summary>
    public static readonly Key WeightsFile = SpecKey.Path<M>(
        "weights",
        m => m.Weights,
        (m, v) => m with { Weights = v },
        "a safetensors file to start from; the seed then sets the order of the data alone"
    );

    /// <summary>Keys that say how weights are drawn, which a file of weights makes void.</summary>
    public static readonly IReadOnlyList<string> Drawing =
    [
        "weight-init",
        "weight-std",
        "head-init",
        "embedding-std",
        "fused-qkv-init",
        "forget-bias",
    ];

    public static readonly Key Layers = Whole<M>("layers", 1, 1000, m => m.Layers, (m, v) => m with { Layers = v }, "depth");

    public static readonly Key Width = Whole<M>("width", 1, 1 << 20, m => m.Width, (m, v) => m with { Width = v }, "numbers in a state");

    public static readonly Key Heads = Whole<M>(
        "heads",
        1,
        1000,
        m => m.Heads,
        (m, v) => m with { Heads = v },
        "attention heads; they divide the width"
    );

    public static readonly Key MlpRatio = SpecKey.Number<M>(
        "mlp-ratio",
        0,
        100,
        m => m.MlpRatio,
        (m, v) => m with { MlpRatio = v },
        "hidden width of the MLP over the width",
        open: true
    );

    public static readonly Key Activation = Word<M>(
        "activation",
        Activations,
        m => m.Activation,
        (m, v) => m with { Activation = v },
        "nonlinearity of the hidden layers; `swiglu`, `geglu` and `reglu` are gated"
    );

    public static readonly Key Norm = Word<M>(
        "norm",
        ["rmsnorm", "layernorm", "none"],
        m => m.Norm,
        (m, v) => m with { Norm = v },
        "normalisation of layers"
    );

    public static readonly Key NormPlacement = Word<M>(
        "norm-placement",
        ["pre", "post"],
        m => m.NormPlacement,
        (m, v) => m with { NormPlacement = v },
        "before or after what a layer computes"
    );

    public static readonly Key NormGain = SpecKey.Flag<M>(
        "norm-gain",
        m => m.NormGain,
        (m, v) => m with { NormGain = v },
        "norms learn a gain"
    );

    public static readonly Key FinalNorm = SpecKey.Flag<M>(
        "final-norm",
        m => m.FinalNorm,
        (m, v) => m with { FinalNorm = v },
        "a norm at the end"
    );

    public static readonly Key EmbeddingNorm = SpecKey.Flag<M>(
        "embedding-norm",
        m => m.EmbeddingNorm,
        (m, v) => m with { EmbeddingNorm = v },
        "a norm after the embedding"
    );

    public static readonly Key QkNorm = SpecKey.Flag<M>(
        "qk-norm",
        m => m.QkNorm,
        (m, v) => m with { QkNorm = v },
        "queries and keys are normalised before positions"
    );

    public static readonly Key QkGain = SpecKey.Flag<M>(
        "qk-gain",
        m => m.QkGain,
        (m, v) => m with { QkGain = v },
        "with a gain of their own"
    );

    public static readonly Key FusedQkvInit = SpecKey.Flag<M>(
        "fused-qkv-init",
        m => m.FusedQkvInit,
        (m, v) => m with { FusedQkvInit = v },
        "query, key and value start as parts of one matrix [D, 3D], so that Xavier's bound is √(6/4D) and not √(6/2D)"
    );

    public static readonly Key ResidualScale = SpecKey.Flag<M>(
        "residual-scale",
        m => m.ResidualScale,
        (m, v) => m with { ResidualScale = v },
        "residual outputs start scaled by 1/√(2·layers); of an mlp, layers from the second on are residual, scaled by 1/√layers"
    );

    public static readonly Key Bias = SpecKey.Flag<M>("bias", m => m.Bias, (m, v) => m with { Bias = v }, "biases in linear layers");

    public static readonly Key TiedHead = SpecKey.Flag<M>(
        "tied-head",
        m => m.TiedHead,
        (m, v) => m with { TiedHead = v },
        "the output head is the embedding"
    );

    public static readonly Key HeadInit = Word<M>(
        "head-init",
        ["zero", "xavier-uniform"],
        m => m.HeadInit,
        (m, v) => m with { HeadInit = v },
        "of the output head, where it is not tied"
    );

    public static readonly Key EmbeddingStd = Positive<M>(
        "embedding-std",
        m => m.EmbeddingStd,
        (m, v) => m with { EmbeddingStd = v },
        "standard deviation of the initial embedding"
    );

    public static readonly Key WeightInit = Word<M>(
        "weight-init",
        WeightInits,
        m => m.WeightInit,
        (m, v) => m with { WeightInit = v },
        "of matrices: `normal` has `weight-std`, `he` the variance 2/inputs, `fan-in` 1/inputs"
    );

    public static readonly Key WeightStd = Positive<M>(
        "weight-std",
        m => m.WeightStd,
        (m, v) => m with { WeightStd = v },
        "standard deviation of `weight-init: normal`"
    );

    public static readonly Key Positions = Word<M>(
        "positions",
        ["rope", "learned", "none"],
        m => m.Positions,
        (m, v) => m with { Positions = v },
        "how a model knows where a token or patch stands"
    );

    public static readonly Key Kernel = Whole<M>(
        "kernel",
        1,
        1024,
        m => m.Kernel,
        (m, v) => m with { Kernel = v },
        "positions that a convolution sees; of gated-delta-net, its short convolutions"
    );

    public static readonly Key ForgetBias = SpecKey.Number<M>(
        "forget-bias",
        -100,
        100,
        m => m.ForgetBias,
        (m, v) => m with { ForgetBias = v },
        "initial bias of the forget gates"
    );

    public static readonly Key Readout = Word<M>(
        "readout",
        ["mean", "sum"],
        m => m.Readout,
        (m, v) => m with { Readout = v },
        "of the nodes, before the head"
    );

    public static readonly Key Groups = Whole<M>(
        "groups",
        1,
        1 << 20,
        m => m.Groups,
        (m, v) => m with { Groups = v },
        "of a group norm"
    ) with
    {
        DefaultText = "the greatest common divisor of channels and 32",
    };

    /// <summary>How the weights of any model start.</summary>
    public static readonly IReadOnlyList<Key> Weights = [Bias, HeadInit, WeightInit, WeightStd];

    /// <summary>The error of heads that do not divide the width; null when they do.</summary>
    public static InputException? HeadsDivide(IKeys s, M model) =>
        model.Width % model.Heads == 0
            ? null
            : s.Error(
                s.Has("heads") ? "heads" : "width",
                $"'model.width' {model.Width} is not divisible by 'model.heads' {model.Heads}; expected a multiple"
            );
}
