// One optimizer's update at one point of one trajectory, over its seeds: a plain row that charts and tables are made from.
namespace Gaplab.Results.Report;

/// <summary>What probes measured, mean over the seeds that reached the point.</summary>
public sealed record SharpnessRow
{
    /// <summary>The comparison, of a study that has several; else empty.</summary>
    public string Comparison { get; init; } = "";

    /// <summary>The optimizer that moved, by its name in the study.</summary>
    public required string Geometry { get; init; }

    public required int Batch { get; init; }

    /// <summary>Momentum and the like where the study varies it; else empty.</summary>
    public required string Variant { get; init; }

    /// <summary>Where in the run, in [0, 1].</summary>
    public required double Fraction { get; init; }

    public required long Step { get; init; }

    /// <summary>The update's name in the probe files.</summary>
    public required string Name { get; init; }

    /// <summary>The name of its unclipped twin, or its own.</summary>
    public required string Optimizer { get; init; }

    public required bool Clipped { get; init; }

    /// <summary>Whether this is the optimizer that moves; the others are shadows.</summary>
    public required bool Moves { get; init; }

    public required double LearningRate { get; init; }

    /// <summary>vᵀHv.</summary>
    public required double Sharpness { get; init; }

    /// <summary>The square root of the mean square data error plus the squared standard error over seeds; without the latter for one
    /// seed.</summary>
    public required double SharpnessError { get; init; }

    /// <summary>Sharpness over that of the update named sgd at this point; NaN where that is not positive or not there.</summary>
    public double Ratio { get; init; } = double.NaN;

    /// <summary>First order, as if the two were independent.</summary>
    public double RatioError { get; init; } = double.NaN;

    public required double Cosine { get; init; }

    /// <summary>f(θ+Δ) − f(θ) and its error, formed as the sharpness's.</summary>
    public required double Change { get; init; }
    public required double ChangeError { get; init; }

    /// <summary>−η gᵀu, ½η² uᵀHu and what is left of the change.</summary>
    public required double Linear { get; init; }
    public required double Quadratic { get; init; }
    public required double Remainder { get; init; }

    /// <summary>The best length along v over ‖Δ‖, and the decrease it would give; NaN unless every seed has one.</summary>
    public required double BestStep { get; init; }
    public required double BestDecrease { get; init; }

    /// <summary>"convex", "non-convex direction", "uphill" or "undefined"; several where seeds differ.</summary>
    public required string Verdict { get; init; }

    /// <summary>Bins of |Δ_i|/rms(Δ): the middle of each, and its share of all coordinates.</summary>
    public required IReadOnlyList<(double Size, double Share)> Histogram { get; init; }

    /// <summary>f(θ + s·v) − f(θ) by s.</summary>
    public required IReadOnlyList<(double Step, double Change)> Landscape { get; init; }

    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>The trajectory as a panel's title.</summary>
    public string Panel =>
        $"{(Comparison.Length > 0 ? Comparison + ", " : "")}along {Geometry}, B = "
        + $"{NumberText.Count(Batch)}{(Variant.Length > 0 ? ", " + Variant : "")}";
}
