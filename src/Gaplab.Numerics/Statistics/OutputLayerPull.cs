// How far Adam's fixed point misses the frequencies of classes when its mean of squares remembers few of them.
namespace Gaplab.Numerics.Statistics;

/// <summary>The output layer of a softmax classifier under Adam, noise-dominated and stationary: m and v average the same gradients, so
/// that E[m/√v] ≈ ḡ/s − κμ₃/(2s³B²), and skewed gradients pull the fixed point off the minimum. Logits move together without effect, so
/// that the pull is what differs between classes:
/// <c>π_k − p_k = (κ/2T)·[(K−2)·s_k/Σs_j − (1−2p_k)]</c>, s_k = √(p_k(1−p_k)), T targets a step, κ = (1−β₁)(1−β₂)/(1−β₁β₂)
/// (<see cref="Kappa"/>). First order in κ/(2Tp_k); 0 of equally frequent classes. Ours, held against a simulation of such logits
/// (docs/statistics.md).</summary>
public static class OutputLayerPull
{
    /// <summary>κ: the covariance of m and v when each is an average of the same gradients, over that of one gradient with its
    /// square.</summary>
    public static double Kappa(double beta1, double beta2) => (1 - beta1) * (1 - beta2) / (1 - beta1 * beta2);

    /// <summary>The share of all targets that are of classes whose frequency the fixed point misses by more than
    /// <paramref name="shift"/> times itself.</summary>
    /// <param name="classes">Their frequencies.</param>
    /// <param name="kappa">κ.</param>
    /// <param name="targets">T.</param>
    /// <param name="shift">|π_k − p_k|/p_k, above 0.</param>
    public static double MassBeyond(ClassFrequencies classes, double kappa, double targets, double shift)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return Pulls(classes, kappa, targets).Where(c => Math.Abs(c.Pull) > shift * c.Bin.Each).Sum(c => c.Bin.Mass);
    }

    /// <summary>What the pull adds to the loss, KL(p ‖ π) ≈ ½ Σ (π_k − p_k)²/p_k, in nats a target; an overestimate where pulls are no
    /// longer small beside p.</summary>
    public static double Penalty(ClassFrequencies classes, double kappa, double targets)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return 0.5 * Pulls(classes, kappa, targets).Sum(c => c.Bin.Classes * c.Pull * c.Pull / c.Bin.Each);
    }

    private static IEnumerable<(FrequencyBin Bin, double Pull)> Pulls(ClassFrequencies classes, double kappa, double targets)
    {
        static double Spread(double p) => Math.Sqrt(p * (1 - p));
        double count = classes.Count,
            spreads = classes.Bins.Sum(b => b.Classes * Spread(b.Each));
        return classes.Bins.Select(b => (b, kappa / (2 * targets) * ((count - 2) * Spread(b.Each) / spreads - (1 - 2 * b.Each))));
    }
}
