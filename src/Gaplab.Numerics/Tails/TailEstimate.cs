// One estimator's answer: the extreme-value index γ = 1/α with its interval, and the same as a tail index α.
namespace Gaplab.Numerics.Tails;

/// <summary>A point estimate with an analytic 95% interval for independent values, where the estimator has one.</summary>
/// <param name="Estimator">The estimator's id.</param>
/// <param name="Setting">Block length, number of order statistics and the like, as text; empty when there is no choice.</param>
/// <param name="Inverse">γ̂ = 1/α̂; at or below 0: lighter than every power law.</param>
/// <param name="InverseLow">Lower end for γ, or null without an analytic interval.</param>
/// <param name="InverseHigh">Upper end for γ, or null.</param>
public sealed record TailEstimate(string Estimator, string Setting, double Inverse, double? InverseLow = null, double? InverseHigh = null)
{
    /// <summary>α̂ = 1/γ̂; +∞ where γ̂ ≤ 0.</summary>
    public double Alpha => Inverted(Inverse);

    /// <summary>Lower end of the interval for α.</summary>
    public double? AlphaLow => InverseHigh is { } high ? Inverted(high) : null;

    /// <summary>Upper end of the interval for α; +∞ where γ may be 0.</summary>
    public double? AlphaHigh => InverseLow is { } low ? Inverted(low) : null;

    /// <summary>An estimate γ̂ ± 1.96 standard errors.</summary>
    public static TailEstimate FromInverse(string estimator, string setting, double inverse, double standardError) =>
        new(estimator, setting, inverse, inverse - Z * standardError, inverse + Z * standardError);

    /// <summary>1/γ, +∞ for γ ≤ 0.</summary>
    public static double Inverted(double inverse) => inverse > 0 ? 1 / inverse : double.PositiveInfinity;

    /// <summary>The two-sided 95% point of the standard normal.</summary>
    internal const double Z = 1.959963984540054;
}
