// The decays of an optimizer's averages: what of an arm is tuned beside its learning rate.
using System.Globalization;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>What tells the trials of one optimizer, batch size and learning rate apart.</summary>
/// <param name="First">Momentum, or β₁; null when unknown or not used.</param>
/// <param name="Second">β₂, the decay of a running mean of squared gradients; null when unknown, or of a rule without one.</param>
/// <param name="Other">What else a study varies in the optimizer, as "key=value"; null where nothing.</param>
public readonly record struct Moments(double? First, double? Second = null, string? Other = null)
{
    /// <summary>The mean of squares keeps about this many steps, 1/(1 − β₂).</summary>
    public double? Steps => 1 / (1 - Second);

    /// <summary><see cref="OutputLayerPull.Kappa"/>; null where β₂ is not known. An unknown β₁ is 0.9.</summary>
    public double? Kappa => Second is { } beta2 ? OutputLayerPull.Kappa(First ?? UsualFirst, beta2) : null;

    private const double UsualFirst = 0.9;

    /// <summary>" momentum 0.9, beta2 0.99": of <paramref name="momentum"/> and <paramref name="beta2"/> those that are asked for and
    /// known.</summary>
    internal string Text(bool momentum, bool beta2) =>
        string.Join(
            ", ",
            new[]
            {
                momentum && First is { } m ? $"momentum {Number(m)}" : "",
                beta2 && Second is { } b ? $"beta2 {Number(b)}" : "",
                Other ?? "",
            }.Where(t => t.Length > 0)
        );

    /// <summary>Ordered by momentum, then β₂: ties of tuned trials go to the shorter memory.</summary>
    internal (double, double, string) Order => (First ?? double.NegativeInfinity, Second ?? double.NegativeInfinity, Other ?? "");

    internal static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
