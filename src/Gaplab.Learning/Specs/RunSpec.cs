// What one training run is: a run is a pure function of this record, and its canonical JSON is hashed into the run id.
namespace Gaplab.Learning.Specs;

/// <summary>One run. Every default is written out; the canonical form leaves out keys at their default.</summary>
public sealed record RunSpec
{
    /// <summary>Raised whenever the meaning of a key changes; it is part of the hash.</summary>
    public const int SpecVersion = 1;

    public required TaskSpec Task { get; init; }
    public required ModelSpec Model { get; init; }
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Samples (sequences, images, …) per optimizer step.</summary>
    public required int Batch { get; init; }

    /// <summary>Names every random stream of the run: initial weights, data order.</summary>
    public required long Seed { get; init; }
    public required BudgetSpec Budget { get; init; }
    public ScheduleSpec Schedule { get; init; } = new();
    public EvaluationSpec Evaluation { get; init; } = new();

    /// <summary>"float32" or "float64".</summary>
    public string Precision { get; init; } = "float32";

    /// <summary>A loss above this multiple of the loss at step 0 counts as diverged.</summary>
    public double DivergenceFactor { get; init; } = 4;
}

/// <summary>A task. Kind "text" (a UTF-8 file or folder), "tokens" (nanoGPT .bin files), "markov" (the synthetic Zipf–Markov source), "translation" (two aligned text files), "fasta", "genome" (generated), of graphs "molecules", "tu", "random-molecules", or of images: "idx" (MNIST's files), "cifar" (CIFAR's binary files), "image-folder" (PNG and JPEG, a folder a class), "shapes", "barcodes" (generated).</summary>
public sealed record TaskSpec
{
    public string Kind { get; init; } = "markov";

    /// <summary>File or folder; not hashed, its content is.</summary>
    [NotHashed] public string? Path { get; init; }

    /// <summary>For "tokens": the validation file, when it is not split off <see cref="Path"/>; not hashed, its content is.</summary>
    [NotHashed] public string? ValidationPath { get; init; }

    /// <summary>Translation: the aligned files of sentences to translate from and to, a sentence a line; not hashed, their content is.</summary>
    [NotHashed] public string? Source { get; init; }
    [NotHashed] public string? Target { get; init; }

    /// <summary>Translation: the validation files, when the pairs are not split off the training files; not hashed, their content is.</summary>
    [NotHashed] public string? ValidationSource { get; init; }
    [NotHashed] public string? ValidationTarget { get; init; }

    /// <summary>SHA-256 over the names-independent content of the inputs, lower-case hex; filled in when the study is planned.</summary>
    public string? Content { get; init; }

    /// <summary>"bytes", "chars" or "gpt2"; of a translation always "bpe", trained on its training pairs.</summary>
    public string Tokenizer { get; init; } = "bytes";

    /// <summary>GPT-2's vocab.bpe and encoder.json; not hashed, their content is (in <see cref="Content"/>).</summary>
    [NotHashed] public string? Merges { get; init; }
    [NotHashed] public string? Encoder { get; init; }

    /// <summary>Tokens a sequence is predicted over (T); a sample holds T+1 tokens. Of a translation: the longest target, its end token included.</summary>
    public int Context { get; init; } = 64;

    /// <summary>Translation: the longest source in tokens (S), its end token included; 0 is <see cref="Context"/>.</summary>
    public int SourceContext { get; init; }

    /// <summary>Translation: "drop" leaves out pairs with a sentence longer than its limit, "truncate" cuts the sentence.</summary>
    public string LongSentences { get; init; } = "drop";

    /// <summary>The last fraction of the text, by position, is validation.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Vocabulary size. 0 is 64 for "markov", 4000 for "translation" and the largest id + 1 for "tokens"; a text's tokenizer sets its own.</summary>
    public int Vocabulary { get; init; }

    /// <summary>Markov source and "barcodes": the Zipf exponent of the tokens or classes; 0 is uniform.</summary>
    public double Exponent { get; init; } = 1;

    /// <summary>Markov source: tokens generated, training and validation together.</summary>
    public long Tokens { get; init; } = 1_000_000;

    /// <summary>Markov source: weight of the context-dependent part of the transition, in [0, 1]; 0 is an i.i.d. Zipf source.</summary>
    public double Dependence { get; init; } = 0.7;

    /// <summary>Markov source: the seed of the language itself (its transitions and its text), apart from the seeds of the runs.</summary>
    public long SourceSeed { get; init; } = 1;

    /// <summary>Images: what the data turned out to be; filled in when they are loaded, and no part of the identity, since <see cref="Content"/> and the keys below decide it.</summary>
    [NotHashed] public ImageShape? Images { get; init; }

    /// <summary>Images: classes; filled in when they are loaded. Of "cifar" 10 or 100; of "idx" the labels are checked against it; of generated images how many there are. 0: as the files say, 10 for "shapes" and 64 for "barcodes".</summary>
    public int Classes { get; init; }

    /// <summary>Images: training images used, a random subset named by <see cref="SourceSeed"/>; 0 is all.</summary>
    public int TrainSize { get; init; }

    /// <summary>Images: class c keeps a share ∝ (c+1)^−s of the training images; 0 keeps all.</summary>
    public double Imbalance { get; init; }

    /// <summary>Images: the share of training labels that are replaced by one of the other classes, uniformly. Tokens and bases: the share of training targets that are replaced by a token drawn uniformly.</summary>
    public double LabelNoise { get; init; }

    /// <summary>Images: training images are mirrored with probability ½.</summary>
    public bool Flip { get; init; }

    /// <summary>Images: training images are cut at random out of a frame of this many black pixels around them; 0 is off.</summary>
    public int Crop { get; init; }

    /// <summary>Images: α of mixup, λ ~ Beta(α, α); 0 is off.</summary>
    public double Mixup { get; init; }

    /// <summary>Images: models see them normalised by the training images' mean and deviation of each channel; else only as fractions of 255.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>"shapes", "barcodes": images made, training and validation together.</summary>
    public int ImageCount { get; init; } = 10_000;

    /// <summary>"shapes", "barcodes": height and width made; 0 is 16. "image-folder": height and width that every image is brought to; 0 is 32.</summary>
    public int Side { get; init; }

    /// <summary>"shapes": the probability that an image shows another class than its label's.</summary>
    public double Overlap { get; init; }

    /// <summary>"barcodes": the probability that a bar is flipped.</summary>
    public double BarNoise { get; init; } = 0.05;

    /// <summary>"fasta" and "genome": a training sample is replaced by its reverse complement with probability ½.</summary>
    public bool ReverseComplement { get; init; }

    /// <summary>"fasta" and "genome": "next" (each base from those before it) or "masked" (hidden bases from those around them).</summary>
    public string Objective { get; init; } = "next";

    /// <summary>"fasta": lower-case (soft-masked) bases are read as bases ("keep") or as N ("hide").</summary>
    public string Repeats { get; init; } = "keep";

    /// <summary>"genome": the order k of its Markov chain, planted motifs, their length in bases, and the probability that one begins at a base outside motifs.</summary>
    public int Order { get; init; } = 3;
    public int Motifs { get; init; } = 8;
    public int MotifLength { get; init; } = 12;
    public double MotifRate { get; init; } = 0.01;

    /// <summary>Graphs: what the data turned out to be; filled in when they are loaded.</summary>
    [NotHashed] public GraphShape? Graphs { get; init; }

    /// <summary>"molecules": the columns of SMILES and of the target.</summary>
    public string SmilesColumn { get; init; } = "smiles";
    public string? TargetColumn { get; init; }

    /// <summary>Graphs with a number as target: "mae" (mean absolute error) or "mse", in the target's units.</summary>
    public string Error { get; init; } = "mae";

    /// <summary>"random-molecules": graphs made, and the most nodes of one.</summary>
    public int GraphCount { get; init; } = 2000;
    public int GraphNodes { get; init; } = 20;
}

/// <summary>A model. Kind "gpt" (decoder only), "t5" (encoder and decoder), "gcnn", "gated-delta-net", of graphs "gat", "grit", or of images "mlp", "alexnet", "resnet", "vit"; "lstm" takes text and images. Defaults are the GPT of the 2026 study; every departure is a named option.</summary>
public sealed record ModelSpec
{
    public string Kind { get; init; } = "gpt";
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

    /// <summary>gpt: "softmax", "linear", "sigmoid", "mean" (of the values so far, no queries and keys) or "none" (blocks without attention: tokens are not mixed).</summary>
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

    /// <summary>Initialise query, key and value as parts of one matrix [D, 3D], as the study's code does: Xavier's bound is then √(6/4D), not √(6/2D).</summary>
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

    /// <summary>t5: ε of the training loss (1−ε)·(cross-entropy) + ε·(mean over the vocabulary of −log p); evaluations are without.</summary>
    public double LabelSmoothing { get; init; }
}

/// <summary>An optimizer with its numbers; a chain is built from it. Which keys a kind uses stands in the catalogue of optimizers.</summary>
public sealed record OptimizerSpec
{
    /// <summary>The name the study gives it ("sgd", "adam", "adam-noclip"); part of no formula and not hashed.</summary>
    [NotHashed] public required string Name { get; init; }
    public required string Kind { get; init; }
    public required double LearningRate { get; init; }

    /// <summary>Heavy-ball momentum μ (v ← μv + g), PyTorch's convention with no dampening.</summary>
    public double Momentum { get; init; }
    public bool Nesterov { get; init; }
    public double Beta1 { get; init; } = 0.9;
    public double Beta2 { get; init; } = 0.999;
    public double Epsilon { get; init; } = 1e-8;
    public double WeightDecay { get; init; }

    /// <summary>"none", "coupled" (added to the gradient), "lr" (AdamW: p ← p·(1 − lr_t·wd)) or "schedule" (p ← p·(1 − wd·lr_t/lr_max)).</summary>
    public string Decay { get; init; } = "none";

    /// <summary>Clip the whole gradient's 2-norm to this; 0 is off.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Clip the largest fraction of the coordinates, in [0, 1], to the size of the largest of the others; 0 is off.</summary>
    public double ClipTop { get; init; }

    /// <summary>"gradient" (before the accumulators), "gradient-m" (Adam's m takes the clipped and v the raw gradient) or "update" (the rule's result).</summary>
    public string ClipTopAt { get; init; } = "gradient";

    /// <summary>"row": one threshold over all parameters; "tensor": one for each tensor.</summary>
    public string ClipTopScope { get; init; } = "row";

    /// <summary>0: the rule works in the parameters' own basis. Another number names random orthogonal bases, one for each side of every tensor, in which it works instead.</summary>
    public long Rotation { get; init; }

    /// <summary>RMSprop: divide by the root of the variance, not of the mean square.</summary>
    public bool Centered { get; init; }

    /// <summary>Adagrad: what the sum of squares starts from.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>Adafactor: c of β̂₂ = 1 − t^(−c).</summary>
    public double DecayRate { get; init; } = 0.8;

    /// <summary>Adafactor: d, the root mean square that a tensor's update may have.</summary>
    public double UpdateClip { get; init; } = 1;

    /// <summary>Adafactor: steps are relative to the root mean square of the tensor, at least <see cref="Epsilon2"/>.</summary>
    public bool RelativeStep { get; init; }
    public double Epsilon2 { get; init; } = 1e-3;

    /// <summary>Muon: Newton–Schulz steps.</summary>
    public int NewtonSchulz { get; init; } = 5;

    /// <summary>Muon: learning rate of Adam on embeddings, head and vectors; it follows the same schedule.</summary>
    public double AdamLearningRate { get; init; } = 3e-4;
}

/// <summary>How long a run is: in samples, tokens or steps ("unit"). Steps = max(1, ⌊amount/(samples or tokens per step)⌋).</summary>
public sealed record BudgetSpec
{
    public string Unit { get; init; } = "samples";
    public required long Amount { get; init; }

    /// <summary>Optimizer steps of a run with <paramref name="batch"/> samples a step and <paramref name="context"/> tokens a sample.</summary>
    public long Steps(int batch, int context) => Unit switch
    {
        "samples" => Math.Max(1, Amount / batch),
        "tokens" => Math.Max(1, Amount / ((long)batch * context)),
        "steps" => Amount,
        _ => throw new InvalidOperationException($"budget unit '{Unit}'; expected samples, tokens or steps"),
    };
}

/// <summary>The learning rate over time, as a factor of the peak: "constant", "linear-warmup", "cosine", "warmup-cosine" or "warmup-stable-decay".</summary>
public sealed record ScheduleSpec
{
    public string Kind { get; init; } = "warmup-cosine";

    /// <summary>Fraction of the steps that warm up.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Fraction of the steps that decay ("warmup-stable-decay").</summary>
    public double Decay { get; init; } = 0.2;

    /// <summary>Factor at the end of the decay.</summary>
    public double Final { get; init; }
}

/// <summary>When and on how much a run is evaluated.</summary>
public sealed record EvaluationSpec
{
    /// <summary>Evaluations of the validation loss spread evenly over the run, the last one at the end; 0 is at the end only.</summary>
    public int Points { get; init; } = 8;

    /// <summary>Validation sequences, evenly spaced over the validation part; 0 is all.</summary>
    public int Validation { get; init; } = 256;

    /// <summary>Training sequences of the final full-train evaluation; 0 is all, -1 is none.</summary>
    public int Train { get; init; } = 256;

    /// <summary>Translation: validation sentences, evenly spaced, that are translated at the end for their BLEU; 0 is all, -1 is none.</summary>
    public int Bleu { get; init; } = -1;

    /// <summary>Translation: hypotheses a beam search keeps; 1 is greedy.</summary>
    public int Beam { get; init; } = 1;

    /// <summary>Sequences per forward pass in an evaluation and the most per micro-batch in training (gradient accumulation above it).</summary>
    public int MicroBatch { get; init; } = 256;
}
