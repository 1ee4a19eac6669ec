// Findings about the memory of an optimizer's mean of squares: made here for a study before it runs and for every table after it.
using System.Globalization;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>What β₂ has to do with a gap. An optimizer without a known β₂ has none of these.</summary>
public static class MemoryFindings
{
    /// <summary>β₂ held fixed over batch sizes that span this factor has a memory, in samples, that spans as much.</summary>
    public const double WideRange = 8;

    /// <summary>With so few steps the mean of squares is noisy by itself: its relative spread √(2(1−β₂)/(1+β₂)) is 0.32 at 10.</summary>
    public const double FewestSteps = 10;

    /// <summary>A class counts as out of reach when the fixed point misses its frequency by this fraction of itself.</summary>
    private const double Shift = 0.3;

    /// <summary>So much of the targets may be out of reach.</summary>
    private const double Mass = 0.01;

    /// <summary>The usual values, from which a longer memory is proposed.</summary>
    private static readonly double[] s_usual = [0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 0.99999];

    /// <summary>One β₂ for a wide range of batch sizes; null where several were tried, or it follows the batch size.</summary>
    /// <param name="tried">β₂ of every trial of the optimizer.</param>
    /// <param name="batches">Ascending.</param>
    /// <param name="other">What it is compared with.</param>
    /// <param name="others">β₂ of every trial of that one; an optimizer with the same one β₂ is on equal terms.</param>
    /// <param name="crosses">Whether the gap changes sign: then the answer hangs on it.</param>
    public static Finding? Untuned(
        string optimizer,
        IEnumerable<double?> tried,
        IReadOnlyList<long> batches,
        string other,
        IEnumerable<double?> others,
        bool crosses
    )
    {
        ArgumentNullException.ThrowIfNull(batches);
        double?[] values = [.. tried.Distinct()];
        if (values is not [{ } beta2] || batches.Count < 2 || batches[^1] < WideRange * batches[0])
            return null;
        if (others.Distinct().ToArray() is [{ } same] && same == beta2)
            return null;
        double steps = 1 / (1 - beta2);
        return new(
            FindingKinds.Beta2Untuned,
            crosses ? Severity.Warning : Severity.Hint,
            $"{optimizer} has beta2 = {Moments.Number(beta2)} alone: its mean of squares remembers about {Samples(steps * batches[0])} "
                + $"samples at B={batches[0]} and {Samples(steps * batches[^1])} at B={batches[^1]}, while {other} is tuned at each; a "
                + $"gap that changes over this range may be that of the memory. Give it several, such as beta2: [0.95, 0.99, 0.999]."
        );
    }

    /// <summary>β₁ = β₂, one value throughout; null where they differ, are not known, or several values were tried.</summary>
    /// <param name="tried">Of every trial of the optimizer.</param>
    public static Finding? Tied(string optimizer, IEnumerable<Moments> tried) =>
        tried.Select(m => (m.First, m.Second)).Distinct().ToArray() is [({ } beta1, { } beta2)] && beta1 == beta2
            ? new(
                FindingKinds.TiedBeta,
                Severity.Hint,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"beta1 and beta2 of {optimizer} are one number, {beta1}: a fast mean of gradients is bought with a mean of squares "
                        + $"over only {1 / (1 - beta1):0.#} steps. Vary beta2 by itself before it is said which optimizer is ahead."
                )
            )
            : null;

    /// <summary>Batch sizes at which β₂ is too short for the data: where class frequencies are known, those at which more than 1% of the
    /// targets are of classes whose frequency the fixed point of the output layer misses by more than 30%
    /// (<see cref="OutputLayerPull"/>); elsewhere β₂ that average over no more than 10 steps.</summary>
    /// <param name="longest">The longest memory that was tried at each batch size.</param>
    /// <param name="classes">Null where they are not known.</param>
    public static Finding? Short(string optimizer, IEnumerable<(long Batch, Moments Moments)> longest, ClassFrequencies? classes)
    {
        (long Batch, Moments Moments)[] all = [.. longest.Where(l => l.Moments.Second is not null).OrderBy(l => l.Batch)];
        (long Batch, Moments Moments)[] few =
        [
            .. all.Where(l => classes is null ? l.Moments.Steps <= FewestSteps * (1 + 1e-9) : OutOfReach(l, classes) > Mass),
        ];
        if (few.Length == 0)
            return null;
        (long Batch, Moments Moments) first = few[0];
        double[] values = [.. few.Select(l => l.Moments.Second!.Value).Distinct()];
        string beta2 = values is [var one] ? $"beta2 = {Moments.Number(one)}" : "beta2",
            where = BatchSides.List([.. few.Select(l => l.Batch)]);
        if (classes is null)
            return new(
                FindingKinds.ShortMemory,
                Severity.Warning,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{optimizer} at {beta2} averages squares over {first.Moments.Steps:0.#} steps, "
                        + $"{Samples(first.Moments.Steps!.Value * first.Batch)} samples at B={first.Batch}: too few to tell rare large "
                        + $"gradients from frequent ones, so that a lead at small batch sizes "
                        + $"may be one over this beta2 and not over the optimizer."
                ),
                $"{optimizer}, B={where}"
            );
        string at = few.Length > 1 ? $"at B={first.Batch} " : "";
        double? enough = s_usual
            .Where(b => b > first.Moments.Second)
            .Cast<double?>()
            .FirstOrDefault(b => few.All(l => OutOfReach((l.Batch, l.Moments with { Second = b }), classes) <= Mass));
        return new(
            FindingKinds.ShortMemory,
            Severity.Warning,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{optimizer}'s {beta2} is too short at B={where}: {at}its mean of squares remembers about "
                    + $"{Samples(first.Moments.Steps!.Value * first.Batch * classes.PerSample)} targets, and classes with "
                    + $"{100 * OutOfReach(first, classes):0.#}% of them are too rare for that. The gap there is about beta2"
            ) + (enough is { } longer ? $"; {Moments.Number(longer)} would be long enough." : "."),
            $"{optimizer}, B={where}"
        );
    }

    private static double OutOfReach((long Batch, Moments Moments) arm, ClassFrequencies classes) =>
        OutputLayerPull.MassBeyond(classes, arm.Moments.Kappa!.Value, arm.Batch * classes.PerSample, Shift);

    /// <summary>Two significant digits.</summary>
    private static string Samples(double count)
    {
        double unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(count)) - 1));
        return (Math.Round(count / unit) * unit).ToString("#,0", CultureInfo.InvariantCulture);
    }
}
