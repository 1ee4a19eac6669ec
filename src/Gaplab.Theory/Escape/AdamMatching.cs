// SGD against Adam under four ways of saying that their learning rates are equal.
namespace Gaplab.Theory.Escape;

/// <summary>What is held equal when SGD and Adam are compared.</summary>
public enum Matching
{
    /// <summary>The α-scale of one update, Σᵢ(ησᵢ/qᵢ)^α.</summary>
    Update,

    /// <summary>The slowest rate of relaxation, η min hᵢ/qᵢ.</summary>
    Slowest,

    /// <summary>The fastest rate of relaxation, η max hᵢ/qᵢ: the margin to instability.</summary>
    Fastest,

    /// <summary>The stationary Σᵢ hᵢ^(α/2) scaleᵢ^α: the loss at which both hover.</summary>
    Loss,
}

/// <summary>One convention's verdict.</summary>
/// <param name="RateRatio">η_Adam/η_SGD that it implies.</param>
/// <param name="TimeRatio">T_SGD/T_Adam in steps: below 1 SGD leaves sooner.</param>
public sealed record MatchedEscape(Matching Matching, double RateRatio, double TimeRatio);

/// <summary>Mean exit times in steps from a diagonal quadratic minimum {½Σhᵢxᵢ² &lt; b} under independent stable noise of scales
/// σᵢ.</summary>
public static class AdamMatching
{
    /// <summary>All four conventions (<see cref="Matching.Loss"/> is left out at α = 1, where the stationary loss does not depend on
    /// η).</summary>
    /// <param name="h">Curvatures, positive.</param>
    /// <param name="sigma">Noise scales, positive.</param>
    /// <param name="q">Adam's preconditioner, positive.</param>
    public static IReadOnlyList<MatchedEscape> Of(
        double alpha,
        IReadOnlyList<double> h,
        IReadOnlyList<double> sigma,
        IReadOnlyList<double> q
    )
    {
        ArgumentNullException.ThrowIfNull(h);
        ArgumentNullException.ThrowIfNull(sigma);
        ArgumentNullException.ThrowIfNull(q);
        double Sum(Func<double, double, double, double> term) => Enumerable.Range(0, h.Count).Sum(i => term(h[i], sigma[i], q[i]));
        // Exit rates for η = 1: the barrier and the constant cancel in the ratio.
        double sgd = Sum((c, s, _) => Math.Pow(s * Math.Sqrt(c), alpha)),
            adam = Sum((c, s, p) => Math.Pow(s * Math.Sqrt(c) / p, alpha));
        var rates = new List<(Matching, double)>
        {
            (Matching.Update, Math.Pow(Sum((_, s, _) => Math.Pow(s, alpha)) / Sum((_, s, p) => Math.Pow(s / p, alpha)), 1 / alpha)),
            (Matching.Slowest, h.Min() / h.Zip(q, (c, p) => c / p).Min()),
            (Matching.Fastest, h.Max() / h.Zip(q, (c, p) => c / p).Max()),
        };
        if (alpha != 1)
            rates.Add(
                (
                    Matching.Loss,
                    Math.Pow(
                        Sum((c, s, _) => Math.Pow(c, alpha / 2 - 1) * Math.Pow(s, alpha))
                            / Sum((c, s, p) => Math.Pow(c, alpha / 2 - 1) * Math.Pow(s, alpha) * Math.Pow(p, 1 - alpha)),
                        1 / (alpha - 1)
                    )
                )
            );
        return [.. rates.Select(r => new MatchedEscape(r.Item1, r.Item2, Math.Pow(r.Item2, alpha) * adam / sgd))];
    }
}
