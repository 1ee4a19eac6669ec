// What a run learns from.
namespace Gaplab.Learning.Specs;

/// <summary>A task. Kind "text" (a UTF-8 file or folder), "tokens" (nanoGPT .bin files), "markov" (the synthetic Zipf–Markov source),
/// "translation" (two aligned text files), "fasta", "genome" (generated), of graphs "molecules", "tu", "random-molecules", or of images:
/// "idx" (MNIST's files), "cifar" (CIFAR's binary files), "image-folder" (PNG and JPEG, a folder a class), "shapes", "barcodes"
/// (generated); or arrays of others: "arrays" (images or vectors with classes), "token-arrays".</summary>
public sealed record TaskSpec : IOwnKeys<TaskSpec>
{
    public string Kind { get; init; } = "markov";

    /// <summary>File or folder; not hashed, its content is.</summary>
    [NotHashed]
    public string? Path { get; init; }

    /// <summary>For "tokens": the validation file, when it is not split off <see cref="Path"/>; not hashed, its content is.</summary>
    [NotHashed]
    public string? ValidationPath { get; init; }

    /// <summary>Translation: the aligned files of sentences to translate from and to, a sentence a line; not hashed, their content
    /// is.</summary>
    [NotHashed]
    public string? Source { get; init; }

    [NotHashed]
    public string? Target { get; init; }

    /// <summary>Translation: the validation files, when the pairs are not split off the training files; not hashed, their content
    /// is.</summary>
    [NotHashed]
    public string? ValidationSource { get; init; }

    [NotHashed]
    public string? ValidationTarget { get; init; }

    /// <summary>Arrays: FILE or FILE:NAME of the inputs and of what is to be predicted, and of the validation rows, when they are not held
    /// out; not hashed, their content is.</summary>
    [NotHashed]
    public string? Inputs { get; init; }

    [NotHashed]
    public string? TargetArray { get; init; }

    [NotHashed]
    public string? ValidationInputs { get; init; }

    [NotHashed]
    public string? ValidationTargetArray { get; init; }

    /// <summary>The first of its files, for messages.</summary>
    public string? Origin() => Path ?? Source ?? Inputs;

    /// <summary>SHA-256 over the names-independent content of the inputs, lower-case hex; filled in when the study is planned.</summary>
    public string? Content { get; init; }

    /// <summary>"bytes", "chars" or "gpt2"; of a translation always "bpe", trained on its training pairs.</summary>
    public string Tokenizer { get; init; } = "bytes";

    /// <summary>Files in the form of GPT-2's vocab.bpe and encoder.json, both, or neither for GPT-2's own; not hashed, their content is (in
    /// <see cref="Content"/>), that of GPT-2's own too.</summary>
    [NotHashed]
    public string? Merges { get; init; }

    [NotHashed]
    public string? Encoder { get; init; }

    /// <summary>Tokens a sequence is predicted over (T); a sample holds T+1 tokens. Of a translation: the longest target, its end token
    /// included.</summary>
    public int Context { get; init; } = 64;

    /// <summary>Translation: the longest source in tokens (S), its end token included; 0 is <see cref="Context"/>.</summary>
    public int SourceContext { get; init; }

    /// <summary>Translation: "drop" leaves out pairs with a sentence longer than its limit, "truncate" cuts the sentence.</summary>
    public string LongSentences { get; init; } = "drop";

    /// <summary>The last fraction of the text, by position, is validation.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Vocabulary size. 0 is 64 for "markov", 4000 for "translation" and the largest id + 1 for "tokens"; a text's tokenizer sets
    /// its own.</summary>
    public int Vocabulary { get; init; }

    /// <summary>Markov source and "barcodes": the Zipf exponent of the tokens or classes; 0 is uniform.</summary>
    public double Exponent { get; init; } = 1;

    /// <summary>Markov source: tokens generated, training and validation together.</summary>
    public long Tokens { get; init; } = 1_000_000;

    /// <summary>Markov source: weight of the context-dependent part of the transition, in [0, 1]; 0 is an i.i.d. Zipf source.</summary>
    public double Dependence { get; init; } = 0.7;

    /// <summary>Markov source: the seed of the language itself (its transitions and its text), apart from the seeds of the runs.</summary>
    public long SourceSeed { get; init; } = 1;

    /// <summary>Images: what the data turned out to be; filled in when they are loaded, and no part of the identity, since
    /// <see cref="Content"/> and the keys below decide it.</summary>
    [NotHashed]
    public ImageShape? Images { get; init; }

    /// <summary>Images: classes; filled in when they are loaded. Of "cifar" 10 or 100; of "idx" the labels are checked against it; of
    /// generated images how many there are. 0: as the files say, 10 for "shapes" and 64 for "barcodes".</summary>
    public int Classes { get; init; }

    /// <summary>Images: training images used, a random subset named by <see cref="SourceSeed"/>; 0 is all.</summary>
    public int TrainSize { get; init; }

    /// <summary>Images: class c keeps a share ∝ (c+1)^−s of the training images; 0 keeps all.</summary>
    public double Imbalance { get; init; }

    /// <summary>Images: the share of training labels that are replaced by one of the other classes, uniformly. Tokens and bases: the share
    /// of training targets that are replaced by a token drawn uniformly.</summary>
    public double LabelNoise { get; init; }

    /// <summary>Images: training images are mirrored with probability ½.</summary>
    public bool Flip { get; init; }

    /// <summary>Images: training images are cut at random out of a frame of this many black pixels around them; 0 is off.</summary>
    public int Crop { get; init; }

    /// <summary>Images: α of mixup, λ ~ Beta(α, α); 0 is off.</summary>
    public double Mixup { get; init; }

    /// <summary>Images: models see them normalised by the training images' mean and deviation of each channel; else only as fractions of
    /// 255.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>"shapes", "barcodes": images made, training and validation together.</summary>
    public int ImageCount { get; init; } = 10_000;

    /// <summary>"shapes", "barcodes": height and width made; 0 is 16. "image-folder": height and width that every image is brought to; 0 is
    /// 32.</summary>
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

    /// <summary>"genome": the order k of its Markov chain, planted motifs, their length in bases, and the probability that one begins at a
    /// base outside motifs.</summary>
    public int Order { get; init; } = 3;
    public int Motifs { get; init; } = 8;
    public int MotifLength { get; init; } = 12;
    public double MotifRate { get; init; } = 0.01;

    /// <summary>Graphs: what the data turned out to be; filled in when they are loaded.</summary>
    [NotHashed]
    public GraphShape? Graphs { get; init; }

    /// <summary>"molecules": the columns of SMILES and of the target.</summary>
    public string SmilesColumn { get; init; } = "smiles";
    public string? TargetColumn { get; init; }

    /// <summary>"molecules": the columns of several targets, in place of <see cref="TargetColumn"/>; at least two, a line each.</summary>
    public string? Targets { get; init; }

    /// <summary>"molecules": a row without a value for a target is refused ("refuse") or left out ("skip").</summary>
    public string Blank { get; init; } = "refuse";

    /// <summary>Graphs with a number as target: "mae" (mean absolute error) or "mse", in the target's units; of several targets the mean
    /// over them, each in units of its own training mean absolute deviation.</summary>
    public string Error { get; init; } = "mae";

    /// <summary>"random-molecules": graphs made, and the most nodes of one.</summary>
    public int GraphCount { get; init; } = 2000;
    public int GraphNodes { get; init; } = 20;

    /// <summary>Keys that kinds from outside have of their own.</summary>
    [OmittedAtDefault]
    public OwnKeys Own { get; init; } = OwnKeys.None;

    public TaskSpec WithOwn(OwnKeys own) => this with { Own = own };
}
