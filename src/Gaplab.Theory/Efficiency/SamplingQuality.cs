// Whether populations that started apart agree: R̂ and the effective sample size.
namespace Gaplab.Theory.Efficiency;

/// <summary>How far several populations agree about the numbers that are read off them.</summary>
/// <param name="Draws">Of all populations.</param>
/// <param name="WorstRHat">The greatest R̂ = √((n−1)/n + V/W): V the variance between the populations' means, W that within (Gelman and
/// Rubin 1992; Vehtari and others 2021 for its reading). 1: they agree.</param>
/// <param name="EffectiveSize">Independent draws that would leave as much between the means: draws·(W/n)/V, V and W averaged over the
/// numbers.</param>
public sealed record SamplingQuality(int Draws, double WorstRHat, double EffectiveSize)
{
    public const double GreatestRHat = 1.1,
        LeastEffectiveSize = 100;

    /// <summary>Whether the posterior may be believed.</summary>
    public bool Mixed => WorstRHat <= GreatestRHat && EffectiveSize >= LeastEffectiveSize;

    /// <summary>What to say where it may not; null where it may.</summary>
    public string? Finding =>
        Mixed
            ? null
            : FormattableString.Invariant(
                $"the sampler's populations disagree (R̂ {WorstRHat:0.00}, {EffectiveSize:0} independent draws; wanted: at most "
            )
                + FormattableString.Invariant(
                    $"{GreatestRHat}, at least {LeastEffectiveSize}): probabilities below are uncertain by more than "
                )
                + FormattableString.Invariant($"{Math.Min(0.5, 1 / Math.Sqrt(Math.Max(1, EffectiveSize))):0.00}");

    /// <param name="numbers">[number][population][draw]; numbers that do not vary say nothing.</param>
    internal static SamplingQuality Of(IReadOnlyList<double[][]> numbers)
    {
        double worst = 1,
            within = 0,
            between = 0;
        int size = numbers[0][0].Length,
            populations = numbers[0].Length;
        foreach (double[][] number in numbers)
        {
            double[] means = [.. number.Select(p => p.Average())];
            double w = number.Zip(means, (p, m) => p.Sum(x => (x - m) * (x - m)) / (p.Length - 1)).Average(),
                grand = means.Average(),
                v = means.Sum(m => (m - grand) * (m - grand)) / (populations - 1);
            if (!(w + v > 1e-300))
                continue;
            worst = Math.Max(worst, Math.Sqrt((size - 1.0) / size + v / w));
            // Each number in units of its own spread.
            (within, between) = (within + 1, between + v / w);
        }
        double draws = (double)size * populations;
        return new SamplingQuality((int)draws, worst, between > 0 ? Math.Min(draws, populations * within / between) : draws);
    }
}
