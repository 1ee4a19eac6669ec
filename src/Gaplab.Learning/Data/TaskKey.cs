// The keys of "task" that several kinds of task have, each once; what a kind has of its own stands in its file.
using static Gaplab.Learning.Specs.SpecKey;
using Key = Gaplab.Learning.Specs.SpecKey<Gaplab.Learning.Specs.TaskSpec>;
using T = Gaplab.Learning.Specs.TaskSpec;

namespace Gaplab.Learning.Data;

/// <summary>Keys for the rows of tasks.</summary>
public static class TaskKey
{
    public static readonly Key ValidationPath = Path<T>(
        "validation-path",
        t => t.ValidationPath,
        (t, v) => t with { ValidationPath = v },
        "validation data, when they are not a part of `path`"
    );

    public static readonly Key ValidationFraction = Number<T>(
        "validation-fraction",
        0,
        1,
        t => t.ValidationFraction,
        (t, v) => t with { ValidationFraction = v },
        "the part held out where there are no validation files: the last of a text or genome, a random part of images, graphs and arrays",
        open: true
    );

    public static readonly Key Context = Whole<T>(
        "context",
        1,
        1 << 20,
        t => t.Context,
        (t, v) => t with { Context = v },
        "T: tokens predicted by a sample; translation: the longest target, its end token counted"
    );

    public static readonly Key Vocabulary = Whole<T>(
        "vocabulary",
        2,
        65536,
        t => t.Vocabulary,
        (t, v) => t with { Vocabulary = v },
        "how many tokens there are; of token files an upper bound of the ids, of translations the size of the trained vocabulary"
    );

    public static readonly Key Tokens = Long<T>(
        "tokens",
        1,
        Array.MaxLength,
        t => t.Tokens,
        (t, v) => t with { Tokens = v },
        "tokens or bases made, training and validation together"
    );

    public static readonly Key Dependence = Number<T>(
        "dependence",
        0,
        1,
        t => t.Dependence,
        (t, v) => t with { Dependence = v },
        "how much of a transition depends on the context; 0 is i.i.d."
    );

    public static readonly Key Exponent = Number<T>(
        "exponent",
        0,
        10,
        t => t.Exponent,
        (t, v) => t with { Exponent = v },
        "Zipf's exponent of the tokens or classes; 0 is uniform"
    );

    public static readonly Key SourceSeed = Long<T>(
        "source-seed",
        0,
        long.MaxValue,
        t => t.SourceSeed,
        (t, v) => t with { SourceSeed = v },
        "names what is generated, held out or chosen at random of the data; the runs' seeds do not change it"
    );

    public static readonly Key LabelNoise = Number<T>(
        "label-noise",
        0,
        1,
        t => t.LabelNoise,
        (t, v) => t with { LabelNoise = v },
        "share of training targets that are replaced at random: of images by another class, of sequences by a uniform token, anew in every "
            + "sample; inputs and evaluations stay clean"
    );

    public static readonly Key Objective = Word<T>(
        "objective",
        ["next", "masked"],
        t => t.Objective,
        (t, v) => t with { Objective = v },
        "each base from those before it, or hidden bases from both sides"
    );

    public static readonly Key ReverseComplement = Flag<T>(
        "reverse-complement",
        t => t.ReverseComplement,
        (t, v) => t with { ReverseComplement = v },
        "a training sample is its other strand with probability ½"
    );

    public static readonly Key Classes = Whole<T>(
        "classes",
        2,
        65536,
        t => t.Classes,
        (t, v) => t with { Classes = v },
        "how many classes; of files, what their labels are checked against"
    ) with
    {
        DefaultText = null,
    };

    public static readonly Key ImageCount = Whole<T>(
        "images",
        2,
        1 << 24,
        t => t.ImageCount,
        (t, v) => t with { ImageCount = v },
        "images made, training and validation together"
    );

    public static readonly Key Side = Whole<T>(
        "side",
        4,
        4096,
        t => t.Side,
        (t, v) => t with { Side = v },
        "height and width that images are made with or brought to"
    );

    /// <summary>Of every kind of images: which are used, and how training sees them.</summary>
    public static readonly IReadOnlyList<Key> Images =
    [
        Whole<T>(
            "train-size",
            1,
            int.MaxValue,
            t => t.TrainSize,
            (t, v) => t with { TrainSize = v },
            "training images used, a random subset"
        ) with
        {
            DefaultText = "all",
        },
        Number<T>(
            "imbalance",
            0,
            10,
            t => t.Imbalance,
            (t, v) => t with { Imbalance = v },
            "Zipf's exponent of the classes among the training images that are kept; 0 keeps all"
        ),
        LabelNoise,
        Flag<T>("flip", t => t.Flip, (t, v) => t with { Flip = v }, "training images are mirrored with probability ½"),
        Whole<T>(
            "crop",
            0,
            512,
            t => t.Crop,
            (t, v) => t with { Crop = v },
            "black pixels around a training image, out of which it is cut"
        ),
        Number<T>("mixup", 0, 2, t => t.Mixup, (t, v) => t with { Mixup = v }, "α of mixup, λ ~ Beta(α, α); 0 is off"),
        Flag<T>(
            "normalise",
            t => t.Normalise,
            (t, v) => t with { Normalise = v },
            "by the training images' mean and deviation of each channel"
        ),
        SourceSeed,
    ];

    public static readonly Key Error = Word<T>(
        "error",
        ["mae", "mse"],
        t => t.Error,
        (t, v) => t with { Error = v },
        "loss of a target that is a number: the mean absolute or squared error"
    );

    /// <summary>The file or folder of the data.</summary>
    /// <param name="says">What it must be.</param>
    /// <param name="required">What an error expects that finds none.</param>
    public static Key FilePath(string says, string? required = null) =>
        Path<T>("path", t => t.Path, (t, v) => t with { Path = v }, says) with
        {
            Required = required ?? says,
        };
}
