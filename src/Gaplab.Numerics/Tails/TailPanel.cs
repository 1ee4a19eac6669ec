// What a tail panel found: plain records that go to JSON, text and reports as they are.
namespace Gaplab.Numerics.Tails;

/// <summary>The panel of one array along one axis.</summary>
public sealed record TailPanel
{
    /// <summary>What was measured, in the caller's words.</summary>
    public required string Name { get; init; }

    public required TailAxis Axis { get; init; }

    /// <summary>What was subtracted.</summary>
    public required TailCentre Centre { get; init; }

    /// <summary>Why that, in words: as asked, a default, or what the values are like.</summary>
    public required string CentreReason { get; init; }

    /// <summary>Whether the order of the values means anything.</summary>
    public required TailOrder Order { get; init; }

    /// <summary>How blocks of values were taken, as a sentence.</summary>
    public required string Blocks { get; init; }

    /// <summary>Iterations of the array.</summary>
    public required long Iterations { get; init; }

    /// <summary>Coordinates of the array.</summary>
    public required long Coordinates { get; init; }

    /// <summary>Values that the point estimates read.</summary>
    public required long Values { get; init; }

    /// <summary>Of them exact zeros.</summary>
    public required long Zeros { get; init; }

    /// <summary>How far a magnitude may be off in the estimates from order statistics, relative; 0 when every value was kept.</summary>
    public required double MagnitudeError { get; init; }

    /// <summary>Values kept for bootstrap, control and goodness of fit.</summary>
    public required long KeptValues { get; init; }

    public required double Mean { get; init; }

    public required double StandardDeviation { get; init; }

    public required double Skewness { get; init; }

    /// <summary>Fourth moment over squared variance, minus 3.</summary>
    public required double ExcessKurtosis { get; init; }

    /// <summary>Jarque and Bera's test of normality: n/6 (skewness² + kurtosis²/4), its probability under independent normal
    /// values.</summary>
    public required HypothesisTest JarqueBera { get; init; }

    /// <summary>Lag-1 correlation along the axis, of a Gaussian with the same concordance of signs; null of a set.</summary>
    public required double? Correlation { get; init; }

    /// <summary>AM/GM of σ² over coordinates and windows; null of a set.</summary>
    public required double? ArithmeticOverGeometric { get; init; }

    /// <summary>Every estimator, in the catalogue's order.</summary>
    public required IReadOnlyList<PanelEstimate> Estimates { get; init; }

    /// <summary>Log-moment against K₁.</summary>
    public required IReadOnlyList<ProfilePoint> BlockProfile { get; init; }

    /// <summary>Hill, Pickands and moment estimator against the number of order statistics.</summary>
    public required IReadOnlyList<ProfilePoint> TailProfile { get; init; }

    /// <summary>α(Ka, Kb): constant for stable values, towards 2 for a finite variance.</summary>
    public required IReadOnlyList<LocalIndex> LocalIndices { get; init; }

    /// <summary>z = (1/α̂(10) − 1/α̂(1000))/√(se² + se²): large where values are not stable; null without 1000-blocks.</summary>
    public required HypothesisTest? StabilityContrast { get; init; }

    public required IReadOnlyList<LawFit> Fits { get; init; }

    /// <summary>The fitted power law's own test and its comparison with a log-normal tail; null with too few values.</summary>
    public required PowerLawTest? PowerLaw { get; init; }

    /// <summary>P(|X| &gt; x): measured, and the control's range over its draws.</summary>
    public required IReadOnlyList<TailPoint> TailPlot { get; init; }

    /// <summary>Draws of the negative control; 0 when there is none.</summary>
    public required int ControlDraws { get; init; }

    public required TailVerdict Verdict { get; init; }
}

/// <summary>A test statistic and its probability under the hypothesis.</summary>
public sealed record HypothesisTest(double Statistic, double Probability);

/// <summary>One estimator on all values, on the kept values, and on the control.</summary>
/// <param name="All">On all values, with the analytic interval.</param>
/// <param name="Kept">On the kept values.</param>
/// <param name="BootstrapLow">Lower end for α of the bootstrap's 95% percentile interval on the kept values; null without one, and where
/// the percentiles lie on one side of the kept values' own estimate.</param>
/// <param name="BootstrapHigh">Its upper end.</param>
/// <param name="BootstrapError">Standard deviation of 1/α̂ over the resamples.</param>
/// <param name="Control">On the control, or null without one.</param>
public sealed record PanelEstimate(
    string Id,
    string Title,
    TailEvidence Evidence,
    TailEstimate? All,
    TailEstimate? Kept,
    double? BootstrapLow,
    double? BootstrapHigh,
    double? BootstrapError,
    ControlEstimate? Control
);

/// <summary>An estimator over the draws of the control, and how far the kept values lie from them.</summary>
/// <param name="Alpha">1 over the mean of 1/α̂.</param>
/// <param name="Low">Smallest α̂ of a draw.</param>
/// <param name="High">Largest α̂ of a draw.</param>
/// <param name="Distance">t = (1/α̂ − mean)/√(sd²(1 + 1/R) + bootstrap error²); positive is heavier.</param>
/// <param name="Probability">One-sided, Student's t with R − 1 degrees of freedom.</param>
/// <param name="Leaves">Whether this estimator leaves the control on the heavy side, after Holm's correction.</param>
public sealed record ControlEstimate(double Alpha, double Low, double High, double Distance, double Probability, bool Leaves);

/// <summary>A point of a profile: α̂ at a block length or number of order statistics, with the analytic interval, beside the control's mean
/// on the kept values.</summary>
public sealed record ProfilePoint(string Estimator, double At, double Alpha, double? Low, double? High, double? Control);

/// <summary>α(Ka, Kb).</summary>
public sealed record LocalIndex(int From, int To, double Alpha);

/// <summary>A point of the tail plot, at a magnitude in units of the array.</summary>
/// <param name="Share">P(|X| &gt; x) of the kept values.</param>
/// <param name="ControlLow">Smallest share of a draw of the control at this magnitude.</param>
/// <param name="ControlHigh">Largest.</param>
public sealed record TailPoint(double Magnitude, double Share, double? ControlLow, double? ControlHigh);

/// <summary>A law fitted to kept values.</summary>
/// <param name="Law">gaussian, student-t, stable, log-normal (of the magnitudes).</param>
/// <param name="Parameters">By name.</param>
/// <param name="Values">How many values were fitted.</param>
/// <param name="Distance">Kolmogorov–Smirnov D.</param>
/// <param name="Probability">Share of samples of the fitted law, fitted anew, that are as far from their fit.</param>
public sealed record LawFit(string Law, IReadOnlyDictionary<string, double> Parameters, int Values, double Distance, double Probability);

/// <summary>Clauset's tests of the fitted tail.</summary>
/// <param name="Probability">Of a distance as large under the power law, semiparametric bootstrap; below 0.1 the power law is
/// rejected.</param>
/// <param name="LikelihoodRatio">Log-likelihood of the power law minus that of a log-normal tail; positive favours the power law.</param>
/// <param name="RatioProbability">Vuong's two-sided probability that the ratio's sign is chance.</param>
public sealed record PowerLawTest(PowerLawSummary Fit, int Values, double Probability, double? LikelihoodRatio, double? RatioProbability);

/// <summary>The power law of a tail.</summary>
public sealed record PowerLawSummary(long Tail, double Threshold, double Alpha, double Distance);

/// <summary>What may be said.</summary>
/// <param name="HeavyTailed">True only where the measurement leaves the control; null where there is no control.</param>
/// <param name="Variance">infinite, finite or undetermined: the moment estimator's and Hill's intervals on the same side of α = 2, and only
/// for heavy tails.</param>
/// <param name="Sentence">In words.</param>
public sealed record TailVerdict(bool? HeavyTailed, string Variance, string Sentence, IReadOnlyList<string> Notes);
