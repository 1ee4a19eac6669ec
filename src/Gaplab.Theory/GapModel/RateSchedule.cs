// Learning-rate schedules as factors of the peak rate.
using Gaplab.Numerics;

namespace Gaplab.Theory.GapModel;

/// <summary>Factors s₀ … s_{K−1} of the peak learning rate: a linear warm-up of W = ⌈wK⌉ steps (k+1)/W, then constant, cosine or linear decay to 0.</summary>
/// <param name="Kind">constant, cosine or linear.</param>
/// <param name="WarmUp">w, the fraction of all steps spent warming up, below 1; cosine and linear warm up for at least one step.</param>
public sealed record RateSchedule(string Kind, double WarmUp)
{
    public static readonly RateSchedule Constant = new("constant", 0);

    /// <summary>10% warm-up, then half a cosine.</summary>
    public static readonly RateSchedule Cosine = new("cosine", 0.1);

    public static IReadOnlyList<string> Kinds { get; } = ["constant", "cosine", "linear"];

    /// <summary>The factors of K steps.</summary>
    public double[] Factors(int steps)
    {
        if (steps < 1) throw new InputException($"a budget of {steps} steps; expected at least one");
        if (WarmUp is not (>= 0 and < 1)) throw new InputException(FormattableString.Invariant($"a warm-up of {WarmUp} of all steps; expected 0 or more and less than 1"));
        int warm = (int)Math.Ceiling(WarmUp * steps - 1e-9);
        if (Kind != "constant") warm = Math.Max(1, warm);
        double[] factors = new double[steps];
        for (int k = 0; k < steps; k++)
        {
            double left = steps == warm ? 1 : (double)(k - warm) / (steps - warm);
            factors[k] = k < warm ? (k + 1.0) / warm : Kind switch
            {
                "constant" => 1,
                "cosine" => 0.5 * (1 + Math.Cos(Math.PI * left)),
                "linear" => 1 - left,
                _ => throw new InputException($"unknown schedule '{Kind}'; expected {string.Join(", ", Kinds)}"),
            };
        }
        return factors;
    }
}
