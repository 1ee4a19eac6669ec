// log₂ B* of a comparison with what its batch sizes leave open, and sums of several.
namespace Gaplab.Results.Analysis;

/// <summary>The crossover of one comparison, or a weighted sum of several, in log₂ B.</summary>
/// <param name="Log2Batch">Interpolated; ±∞ out of range, NaN unknown.</param>
/// <param name="IsNarrow">Every bracket in it is narrow enough for a number (<see cref="Bracket"/>).</param>
/// <param name="Low">The lower end of what the brackets allow, with its resamples.</param>
/// <param name="High">The upper end.</param>
internal sealed record SampledCrossing(double Log2Batch, bool IsNarrow, ResampledNumber Low, ResampledNumber High)
{
    public static readonly SampledCrossing None = new(double.NaN, false, new(double.NaN, null), new(double.NaN, null));

    /// <summary>Σ w·log₂ B*; a negative weight takes the other end of its bracket, since both crossovers may lie anywhere in
    /// theirs.</summary>
    public static SampledCrossing Sum(IReadOnlyList<(double Weight, SampledCrossing Crossing)> parts) =>
        new(
            parts.Sum(p => p.Weight * p.Crossing.Log2Batch),
            parts.All(p => p.Crossing.IsNarrow),
            ResampledNumber.Sum([.. parts.Select(p => (p.Weight, p.Weight > 0 ? p.Crossing.Low : p.Crossing.High))]),
            ResampledNumber.Sum([.. parts.Select(p => (p.Weight, p.Weight > 0 ? p.Crossing.High : p.Crossing.Low))])
        );

    /// <summary>The number where the batch sizes allow one, and its interval; without a p-value, since where between two batch sizes a
    /// crossover lies has no distribution.</summary>
    public Effect ToEffect()
    {
        if (!double.IsFinite(Log2Batch))
            return Effect.None;
        double? value = IsNarrow ? Log2Batch : null;
        if (Low.Resampled is null || High.Resampled is null)
            return new(value, Interval.None, null, null);
        // Where two crossovers out of range meet, neither end is known.
        double[] low = [.. Low.Resampled.Select(v => double.IsNaN(v) ? double.NegativeInfinity : v)],
            high = [.. High.Resampled.Select(v => double.IsNaN(v) ? double.PositiveInfinity : v)];
        return new(value, ResampledBrackets.Interval(low, high, (Low.Value, High.Value)), null, null);
    }
}
