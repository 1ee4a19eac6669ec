// What an escape study found, in the shape of its JSON.
using Gaplab.Theory.Levy;

namespace Gaplab.Studies.Escape;

/// <summary>Leading order, its mean exit, and the rate corrected for finite noise; null where no prediction is known.</summary>
public sealed record PredictedExit(double? Rate, double? Mean, double? CorrectedMean, double Error);

/// <summary>What the ensemble gave; null means infinite or not reached.</summary>
public sealed record SimulatedExit(double? Mean, double? Stderr, double? Median, int Censored, int Paths, int Diverged);

/// <summary>Distance from the exponential law; the p-value is null where too few or censored paths allow no test.</summary>
public sealed record ExitLaw(double? Statistic, double? P);

/// <summary>One case, predicted and simulated. Times: of the SDE, or steps.</summary>
/// <param name="Epsilon">As given in the study (SGD's).</param>
/// <param name="Used">ε that the algorithm ran with, after matching.</param>
/// <param name="Correction">kΛ.</param>
/// <param name="Valid">Whether the prediction may be used: not refused and kΛ ≤ 0.15.</param>
public sealed record EscapeRow(
    string Experiment,
    string Minimum,
    string Algorithm,
    string? Matching,
    double Alpha,
    double Epsilon,
    double Used,
    double Width,
    PredictedExit Predicted,
    SimulatedExit Simulated,
    double Correction,
    bool Valid,
    double? DMax,
    double Nearest,
    bool Refused,
    string? Reason,
    ExitLaw Ks
)
{
    /// <summary>The survival curve, thinned to about 80 points.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<(double Time, double Survival)> Survival { get; init; } = [];
}

/// <summary>A fitted exponent: log mean exit against log ε or log width.</summary>
/// <param name="Theory">∓α.</param>
/// <param name="Corrected">The exponent of the corrected predictions at the same points; null where one has none.</param>
public sealed record ExponentFit(
    string Experiment,
    string Minimum,
    string Algorithm,
    string? Matching,
    double Alpha,
    string Against,
    double Exponent,
    double Low,
    double High,
    double Theory,
    double? Corrected,
    int Points
);

/// <summary>A claim of the paper, what was measured and whether it held; null: the cases do not decide it.</summary>
public sealed record EscapeClaim(string Claim, string Measured, bool? Held);

/// <summary>The conventions' predictions for one minimum and α.</summary>
public sealed record MatchingRow(string Minimum, double Alpha, string Matching, double RateRatio, double TimeRatio);

/// <summary>All of it.</summary>
public sealed record EscapeResults(
    string Study,
    string Question,
    IReadOnlyList<EscapeRow> Cases,
    IReadOnlyList<ExponentFit> Fits,
    IReadOnlyList<MatchingRow> Matchings,
    IReadOnlyList<EscapeClaim> Claims
)
{
    internal static double? Finite(double value) => double.IsFinite(value) ? value : null;

    internal static SimulatedExit Of(ExitSample sample) =>
        new(Finite(sample.Mean), Finite(sample.StandardError), sample.Median, sample.Censored, sample.Paths, sample.Diverged);
}
