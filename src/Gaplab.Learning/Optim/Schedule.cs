// The learning rate over time, as a factor of its peak.
namespace Gaplab.Learning.Optim;

/// <summary>A factor s_k in [0, 1] for step k of K.</summary>
/// <remarks>With W = max(1, ⌈w·K − 1e-9⌉) warm-up steps, s_k = (k+1)/W for k &lt; W; the cosine is f + (1−f)·½(1 + cos(π(k−W)/(K−W))) after; the last D = max(1, ⌈d·K − 1e-9⌉) steps of "warmup-stable-decay" are f + (1−f)(K−k)/D (theory C1; Loshchilov and Hutter 2017).</remarks>
/// <param name="Kind">constant, linear-warmup, cosine, warmup-cosine or warmup-stable-decay.</param>
/// <param name="Steps">K.</param>
/// <param name="Warmup">w, the fraction of steps that warm up (not in "constant" and "cosine").</param>
/// <param name="Decay">d, the last fraction of steps, falling linearly ("warmup-stable-decay").</param>
/// <param name="Final">f, the factor the decay ends near.</param>
public sealed record Schedule(string Kind, long Steps, double Warmup = 0.1, double Decay = 0.2, double Final = 0)
{
    public static IReadOnlyList<string> Kinds { get; } = ["constant", "linear-warmup", "cosine", "warmup-cosine", "warmup-stable-decay"];

    public static Schedule Constant { get; } = new("constant", 1);

    /// <summary>s_k for k = 0 … K-1; beyond its end a schedule stays at its last factor.</summary>
    public double At(long step)
    {
        step = Math.Min(step, Math.Max(Steps, 1) - 1);
        long warm = Kind is "constant" or "cosine" ? 0 : Math.Max(1, (long)Math.Ceiling(Warmup * Steps - 1e-9));
        if (step < warm) return (step + 1) / (double)warm;
        switch (Kind)
        {
            case "constant" or "linear-warmup":
                return 1;
            case "cosine" or "warmup-cosine":
                return Steps <= warm ? 1 : Final + (1 - Final) * 0.5 * (1 + Math.Cos(Math.PI * (step - warm) / (Steps - warm)));
            case "warmup-stable-decay":
                long fall = Math.Max(1, (long)Math.Ceiling(Decay * Steps - 1e-9));
                return step < Steps - fall ? 1 : Final + (1 - Final) * (Steps - step) / fall;
            default:
                throw new InvalidOperationException($"schedule is '{Kind}'; expected one of {string.Join(", ", Kinds)}");
        }
    }
}
