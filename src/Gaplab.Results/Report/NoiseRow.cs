// What gaplab noise found: plain rows that claims, charts and tables are made from.
namespace Gaplab.Results.Report;

/// <summary>The tail panel of one series of noise vectors of one run.</summary>
public sealed record NoiseRow
{
    /// <summary>Its heading, of a study that has several; else "".</summary>
    public string Comparison { get; init; } = "";

    /// <summary>The optimizer that moved, by its name in the study.</summary>
    public required string Geometry { get; init; }

    /// <summary>Of the run.</summary>
    public required int RunBatch { get; init; }

    /// <summary>Momentum and the like where the study varies it; else empty.</summary>
    public required string Variant { get; init; }

    /// <summary>Where in the run, in [0, 1], as asked for.</summary>
    public required double Fraction { get; init; }

    public required long Step { get; init; }

    public required string Run { get; init; }

    /// <summary>"sgd" or "adam": whose noise.</summary>
    public required string Noise { get; init; }

    /// <summary>"point": independent mini-batches at one θ; "window": one a step along the trajectory.</summary>
    public required string Place { get; init; }

    /// <summary>Samples a mini-batch.</summary>
    public required int Batch { get; init; }

    /// <summary>"iterations", "coordinates", "pooled" or "norm".</summary>
    public required string Axis { get; init; }

    /// <summary>"all" or one layer.</summary>
    public required string Layer { get; init; }

    /// <summary>α̂ of the log-moment estimator (of Hill's, for norms) with its bootstrap interval; NaN where there is none, the interval
    /// also where it does not hold α̂.</summary>
    public required double Alpha { get; init; }
    public required double Low { get; init; }
    public required double High { get; init; }

    /// <summary>The same estimator on the Gaussian control, mean over its draws.</summary>
    public required double ControlAlpha { get; init; }

    public required double McCulloch { get; init; }
    public required double Hill { get; init; }
    public required double Kurtosis { get; init; }

    /// <summary>Whether it leaves the control; null: not determined.</summary>
    public required bool? Heavy { get; init; }

    /// <summary>The verdict, or why there is none.</summary>
    public required string Verdict { get; init; }

    public string Panel =>
        $"{(Comparison.Length > 0 ? Comparison + ", " : "")}along {Geometry}, B = {NumberText.Count(RunBatch)}"
        + (Variant.Length > 0 ? ", " + Variant : "");
}

/// <summary>The simple noise scale of one run at one point.</summary>
/// <param name="Scale">tr(Σ)/|G|² from every sample's gradient, in samples, with its standard error.</param>
/// <param name="TwoBatch">The estimate from two batch sizes, with its standard error.</param>
public sealed record NoiseScaleRow(
    string Panel,
    double Fraction,
    long Step,
    string Run,
    double Scale,
    double Error,
    double TwoBatch,
    double TwoBatchError
);

/// <summary>Validation loss of SGD and Adam where their training losses are equal, of one seed.</summary>
/// <param name="TrainLoss">The lowest training loss that both reach.</param>
/// <param name="Difference">Validation loss of SGD minus Adam's there; negative: SGD generalises better.</param>
/// <param name="MeanDifference">Mean over the levels of training loss that both pass, from there up to where either starts.</param>
public sealed record MatchedLossRow(
    int Batch,
    long Seed,
    double TrainLoss,
    double Sgd,
    double Adam,
    double Difference,
    double MeanDifference
);

/// <summary>Predicted escape from the end of one run under one convention of matching.</summary>
/// <param name="Matching">"update", "slowest", "fastest" or "loss".</param>
/// <param name="RateRatio">η_Adam/η_SGD that it implies.</param>
/// <param name="TimeRatio">T_SGD/T_Adam: below 1 SGD leaves sooner.</param>
public sealed record MatchedEscapeRow(string Matching, double RateRatio, double TimeRatio);

/// <summary>A noise column's share of the risk.</summary>
/// <param name="Layer">Where most of the column lies.</param>
public sealed record RiskRow(int Column, string Layer, double Sharpness, double SgdShare, double AdamShare);

/// <summary>What the end of one run predicts.</summary>
public sealed record BasinEscapeRow
{
    public required string Panel { get; init; }
    public required string Run { get; init; }

    /// <summary>α of the noise, and whether the noise left its control.</summary>
    public required double Alpha { get; init; }
    public required bool? Heavy { get; init; }

    /// <summary>Assumed height of the barrier, in the loss's units.</summary>
    public required double Barrier { get; init; }

    /// <summary>Exits a step, at the tuned rates; NaN when refused.</summary>
    public required double SgdRate { get; init; }
    public required double AdamRate { get; init; }

    /// <summary>k(α)Λ of each rate, Λ the rate over the slowest relaxation measured: above 0.15 the rate is outside the theory's
    /// range.</summary>
    public required double SgdCorrection { get; init; }
    public required double AdamCorrection { get; init; }

    /// <summary>The largest move that one impulse gives Adam's coordinate, over the move it would need along the column that carries most
    /// of Adam's risk.</summary>
    public required double LargestMove { get; init; }

    /// <summary>Why there is no prediction, of both or of Adam; empty where there is one.</summary>
    public required string Refused { get; init; }

    /// <summary>Gradient norm, extreme eigenvalues: how near a minimum this is.</summary>
    public required double GradientNorm { get; init; }
    public required double LargestCurvature { get; init; }
    public required double SmallestCurvature { get; init; }

    /// <summary>Share of tr Σ in the columns.</summary>
    public required double Explained { get; init; }

    public required IReadOnlyList<MatchedEscapeRow> Matched { get; init; }
    public required IReadOnlyList<RiskRow> Risks { get; init; }
}

/// <summary>All of it.</summary>
public sealed record NoiseResults(
    IReadOnlyList<NoiseRow> Rows,
    IReadOnlyList<NoiseScaleRow> Scales,
    IReadOnlyList<MatchedLossRow> Losses,
    IReadOnlyList<BasinEscapeRow> Escapes
);

/// <summary>A claim of the paper, what was measured, and whether it held.</summary>
/// <param name="Verdict">"held", "held in part", "did not hold" or "not decided".</param>
internal sealed record ClaimResult(string Id, string Claim, string Measured, string Verdict);
