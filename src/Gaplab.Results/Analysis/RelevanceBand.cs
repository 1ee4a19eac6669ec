// The band within which a difference of losses does not matter: one rule for what is measured, advised, predicted and scored.
using Gaplab.Numerics;

namespace Gaplab.Results.Analysis;

/// <summary>Two losses are level where the larger exceeds the smaller by at most a share of it, both taken above the floor.</summary>
/// <param name="Share">δ, e.g. 0.01.</param>
/// <param name="Floor">The least that a loss can be, such as the entropy rate of the data; null: not known, and counted as 0.</param>
public sealed record RelevanceBand(double Share = RelevanceBand.DefaultShare, double? Floor = null)
{
    public const double DefaultShare = 0.01;

    /// <summary>Half of the band in ln of the ratio of both losses above the floor: ln(1 + δ).</summary>
    public double LogHalfWidth => Math.Log(1 + Share);

    /// <summary>Half of the band around equality in the metric's unit: δ times the smaller loss above the floor.</summary>
    public double HalfWidth(double first, double second) => Share * Math.Max(0, Math.Min(first, second) - (Floor ?? 0));

    /// <summary>ln of the ratio of both losses above the floor; positive: the second optimizer is ahead. NaN where a loss lies on or below
    /// it.</summary>
    public double LogGap(double first, double second) => Math.Log((first - (Floor ?? 0)) / (second - (Floor ?? 0)));

    /// <summary>−1: the first optimizer is ahead by more than δ; +1: the second; 0: level.</summary>
    public int Side(double logGap) => Math.Abs(logGap) > LogHalfWidth ? Math.Sign(logGap) : 0;

    /// <summary>What δ is measured by, e.g. "1 % of the loss above its floor of 1.2".</summary>
    public string Says =>
        $"{Percent} of the loss"
        + (Floor is { } floor ? $" above its floor of {Headlines.Number(floor)}" : " (its floor is not known and counted as 0)");

    /// <summary>δ in per cent.</summary>
    public string Percent => FormattableString.Invariant($"{100 * Share:0.##} %");

    /// <exception cref="InputException">A share that is none.</exception>
    public static RelevanceBand Of(double share, double? floor) =>
        share > 0 && double.IsFinite(share)
            ? new RelevanceBand(share, floor)
            : throw new InputException(
                FormattableString.Invariant($"a relevance of {share}; expected a part of the loss above 0, such as 0.01")
            );
}
