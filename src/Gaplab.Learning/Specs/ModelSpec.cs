// What a run trains.
namespace Gaplab.Learning.Specs;

/// <summary>A model. Kind "gpt" (decoder only), "t5" (encoder and decoder), "gcnn", "gated-delta-net", of graphs "gat", "grit", or of
/// images "mlp", "alexnet", "resnet", "vit"; "lstm" takes text and images. Defaults are the GPT of the 2026 study; every departure is a
/// named option.</summary>
public sealed record ModelSpec : IOwnKeys<ModelSpec>
{
    public string Kind { get; init; } = "gpt";

    /// <summary>A safetensors file that all seeds start from, in place of weights drawn by the seed; not hashed, its content is.</summary>
    [NotHashed]
    public string? Weights { get; init; }

    /// <summary>SHA-256 over the numbers of <see cref="Weights"/> by their names; filled in when the study is planned.</summary>
    public string? WeightsContent { get; init; }
    public int Layers { get; init; } = 2;

    /// <summary>t5: layers of the decoder; 0 is as many as the encoder's <see cref="Layers"/>.</summary>
    public int DecoderLayers { get; init; }
    public int Heads { get; init; } = 2;
    public int Width { get; init; } = 64;

    /// <summary>Hidden width of the MLP as a multiple of <see cref="Width"/>.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>"relu2", "relu", "gelu", "tanh", or gated: "swiglu", "geglu", "reglu".</summary>
    public string Activation { get; init; } = "relu2";

    /// <summary>"rmsnorm", "layernorm" or "none"; used in the blocks, after the embedding and at the end.</summary>
    public string Norm { get; init; } = "rmsnorm";

    /// <summary>"pre" or "post".</summary>
    public string NormPlacement { get; init; } = "pre";
    public bool EmbeddingNorm { get; init; } = true;
    public bool FinalNorm { get; init; } = true;

    /// <summary>Norms carry a learned gain (initially 1).</summary>
    public bool NormGain { get; init; } = true;

    /// <summary>gpt: "softmax", "linear", "sigmoid", "mean" (of the values so far, no queries and keys) or "none" (blocks without
    /// attention: tokens are not mixed).</summary>
    public string Attention { get; init; } = "softmax";
    public bool QkNorm { get; init; } = true;

    /// <summary>The QK-norm carries a learned gain for queries and one for keys, shared by the heads (initially 1).</summary>
    public bool QkGain { get; init; } = true;

    /// <summary>"rope", "learned" or "none".</summary>
    public string Positions { get; init; } = "rope";
    public double RopeTheta { get; init; } = 1e4;
    public bool Bias { get; init; }
    public bool TiedHead { get; init; }

    /// <summary>"zero" or "xavier-uniform"; of the untied output head.</summary>
    public string HeadInit { get; init; } = "zero";
    public double EmbeddingStd { get; init; } = 0.02;

    /// <summary>"xavier-uniform", "normal" (std <see cref="WeightStd"/>) or, for t5, "fan-in" (variance 1/inputs).</summary>
    public string WeightInit { get; init; } = "xavier-uniform";
    public double WeightStd { get; init; } = 0.02;

    /// <summary>Initialise query, key and value as parts of one matrix [D, 3D], as the study's code does: Xavier's bound is then √(6/4D),
    /// not √(6/2D).</summary>
    public bool FusedQkvInit { get; init; } = true;

    /// <summary>Scale residual outputs' initial weights by 1/√(2·Layers).</summary>
    public bool ResidualScale { get; init; } = true;

    /// <summary>t5: buckets of the relative position bias, and the distance from which all share the last one.</summary>
    public int RelativeBuckets { get; init; } = 32;
    public int RelativeDistance { get; init; } = 128;

    /// <summary>resnet, alexnet: groups of a group norm; 0 is as many as channels and 32 have as greatest common divisor.</summary>
    public int Groups { get; init; }

    /// <summary>resnet: "padded" (parameter-free, zeros for new channels) or "projection" (a 1x1 convolution).</summary>
    public string Shortcut { get; init; } = "padded";

    /// <summary>vit: height and width of a patch.</summary>
    public int Patch { get; init; } = 4;

    /// <summary>lstm: the forget gates' initial bias.</summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>gcnn: positions a convolution sees. gated-delta-net: of the short convolutions.</summary>
    public int Kernel { get; init; } = 4;

    /// <summary>gcnn: a weight is a direction times a learned length.</summary>
    public bool WeightNorm { get; init; } = true;

    /// <summary>gated-delta-net: width of a head's values as a multiple of its keys'.</summary>
    public double ValueRatio { get; init; } = 2;

    /// <summary>gated-delta-net: positions computed together; only speed depends on it.</summary>
    public int Chunk { get; init; } = 32;

    /// <summary>grit: steps of the random walk that its encodings describe, the standing one included.</summary>
    public int Walk { get; init; } = 8;

    /// <summary>gat, grit: "mean" or "sum" of the nodes.</summary>
    public string Readout { get; init; } = "mean";

    /// <summary>t5: ε of the training loss (1−ε)·(cross-entropy) + ε·(mean over the vocabulary of −log p); evaluations are
    /// without.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Of kind "command": what is run in place of a model of Gaplab's.</summary>
    [OmittedAtDefault]
    public CommandSpec? Command { get; init; }

    /// <summary>Keys that kinds from outside have of their own.</summary>
    [OmittedAtDefault]
    public OwnKeys Own { get; init; } = OwnKeys.None;

    public ModelSpec WithOwn(OwnKeys own) => this with { Own = own };
}
