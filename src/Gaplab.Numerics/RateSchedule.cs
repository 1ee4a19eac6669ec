// The learning rate over time, as a factor of its peak: the one formula, of what is trained and of what is modelled.
using System.Globalization;

namespace Gaplab.Numerics;

/// <summary>A factor s_k in [0, 1] for step k of K.</summary>
/// <remarks>
/// With W = max(1, ⌈w·K − 1e-9⌉) warm-up steps, s_k = (k+1)/W for k &lt; W. What falls, falls from 1 to f: as f + (1−f)·½(1 +
/// cos(π(k−W)/(K−W))) ("cosine" is that without a warm-up), as f + (1−f)(K−k)/(K−W) ("warmup-linear"), or over the last D = max(1, ⌈d·K −
/// 1e-9⌉) steps as f + (1−f)(K−k)/D ("warmup-stable-decay") (theory C1; Loshchilov and Hutter 2017).
/// </remarks>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Warmup">w, the fraction of steps that warm up (not in "constant" and "cosine").</param>
/// <param name="Decay">d, the last fraction of steps, falling linearly ("warmup-stable-decay").</param>
/// <param name="Final">f, the factor the decay ends near.</param>
public sealed record RateSchedule(string Kind, double Warmup = 0.1, double Decay = 0.2, double Final = 0)
{
    public static RateSchedule Constant { get; } = new("constant");

    /// <summary>10% warm-up, then half a cosine to 0.</summary>
    public static RateSchedule Cosine { get; } = new("warmup-cosine");

    public static IReadOnlyList<string> Kinds { get; } =
    ["constant", "linear-warmup", "cosine", "warmup-cosine", "warmup-linear", "warmup-stable-decay"];

    /// <summary>Whether <see cref="Warmup"/> has a meaning.</summary>
    public bool WarmsUp => Kind is not ("constant" or "cosine");

    /// <summary>In words: the kind, and where it ends if that is not 0.</summary>
    public string Description =>
        Final > 0 && Kind is not ("constant" or "linear-warmup")
            ? string.Create(CultureInfo.InvariantCulture, $"{Kind} (final {Final})")
            : Kind;

    /// <summary>s_k for k = 0 … K−1; beyond its end a schedule stays at its last factor.</summary>
    /// <param name="step">k.</param>
    /// <param name="steps">K.</param>
    public double At(long step, long steps)
    {
        step = Math.Min(step, Math.Max(steps, 1) - 1);
        long warm = !WarmsUp ? 0 : Math.Max(1, (long)Math.Ceiling(Warmup * steps - 1e-9));
        if (step < warm)
            return (step + 1) / (double)warm;
        switch (Kind)
        {
            case "constant" or "linear-warmup":
                return 1;
            case "cosine" or "warmup-cosine":
                return steps <= warm ? 1 : Final + (1 - Final) * 0.5 * (1 + Math.Cos(Math.PI * (step - warm) / (steps - warm)));
            case "warmup-linear":
                return steps <= warm ? 1 : Final + (1 - Final) * (1 - (double)(step - warm) / (steps - warm));
            case "warmup-stable-decay":
                long fall = Math.Max(1, (long)Math.Ceiling(Decay * steps - 1e-9));
                return step < steps - fall ? 1 : Final + (1 - Final) * (steps - step) / fall;
            default:
                throw new InvalidOperationException($"schedule is '{Kind}'; expected one of {string.Join(", ", Kinds)}");
        }
    }

    /// <summary>s_0 … s_{K−1}.</summary>
    /// <param name="steps">K.</param>
    /// <exception cref="InputException">No step, or a fraction that is none.</exception>
    public double[] Factors(int steps)
    {
        if (steps < 1)
            throw new InputException($"a budget of {steps} steps; expected at least one");
        if (Warmup is not (>= 0 and <= 1))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"a warm-up of {Warmup} of all steps; expected 0 to 1"));
        double[] factors = new double[steps];
        for (int k = 0; k < steps; k++)
            factors[k] = At(k, steps);
        return factors;
    }
}
