// Between which measured batch sizes a gap changes sign, and how sure that is: what a sweep can know of its crossover.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>Adjacent measured batch sizes between which the monotone fit of the gap changes sign. Where between them is a matter of the
/// curve's form, which no sweep shows.</summary>
public sealed record Bracket(long Low, long High)
{
    /// <summary>An interpolated B* is worth a number only where its bracket spans no more than this factor.</summary>
    public const double NarrowFactor = 4;

    public bool IsNarrow => High <= NarrowFactor * Low;
}

/// <summary>The sign change of one comparison in each resample of its seeds.</summary>
/// <param name="Low">Lower end of each resample's bracket, in log₂ B; −∞ below the range.</param>
/// <param name="High">Upper end; +∞ above the range.</param>
/// <param name="Crossing">Fraction of resamples with a crossing in range.</param>
/// <param name="Agreeing">Fraction of resamples in the same state as the point estimate.</param>
internal sealed record ResampledBrackets(double[] Low, double[] High, double Crossing, double Agreeing)
{
    /// <summary>Where between them the fit is zero, by interpolation; of no meaning where an end is infinite.</summary>
    public required double[] Interpolated { get; init; }

    /// <summary>
    /// Each resample's gaps are first moved away from the point estimates by √(S/(S−1)), which the spread of resamples of S seeds lacks;
    /// then each contributes the bracket in which its monotone fit changes sign. Brackets leave room of their own, so that t quantiles,
    /// which the interval of a single gap needs, would be too wide: in simulated sweeps of 2 to 25 batch sizes and 3 or 4 seeds this holds
    /// the truth 95 to 99 times in 100 (docs/statistics.md).
    /// </summary>
    /// <param name="x">log₂ of the batch sizes, ascending.</param>
    /// <param name="point">Fit of the point estimates <paramref name="gaps"/>.</param>
    /// <param name="resampled">For each batch size, its gap in each resample; finite.</param>
    public static ResampledBrackets Of(
        ReadOnlySpan<double> x,
        MonotoneGap point,
        ReadOnlySpan<double> gaps,
        IReadOnlyList<double[]> resampled,
        int seeds
    )
    {
        double factor = Math.Sqrt(seeds / (seeds - 1.0));
        var gap = new double[x.Length];
        var low = new double[resampled[0].Length];
        var high = new double[low.Length];
        var between = new double[low.Length];
        int crosses = 0,
            agrees = 0;
        for (int r = 0; r < low.Length; r++)
        {
            for (int i = 0; i < gap.Length; i++)
                gap[i] = gaps[i] + factor * (resampled[i][r] - gaps[i]);
            MonotoneGap fit = GapCrossings.Isotonic(x, gap);
            (low[r], high[r]) = Ends(x, fit);
            between[r] = fit.Log2Batch;
            if (fit.Crosses)
                crosses++;
            if (fit.State == point.State)
                agrees++;
        }
        return new(low, high, crosses / (double)low.Length, agrees / (double)low.Length) { Interpolated = between };
    }

    private const double Level = 0.95;

    /// <summary>The 95% interval in log₂ B: type-1 quantiles of lower ends and of upper ends, which always hold the bracket of the point
    /// estimates.</summary>
    /// <param name="point">Ends of the point estimate's bracket.</param>
    public static Interval Interval(double[] low, double[] high, (double Low, double High) point)
    {
        double[] lowest = [.. low.Order()],
            highest = [.. high.Order()];
        return PairedBootstrap.Ends(
            Math.Min(point.Low, Quantiles.Type1(lowest, (1 - Level) / 2)),
            Math.Max(point.High, Quantiles.Type1(highest, (1 + Level) / 2))
        );
    }

    /// <summary>log₂ of the batch sizes around a sign change; ∓∞ where it lies out of range.</summary>
    public static (double Low, double High) Ends(ReadOnlySpan<double> x, MonotoneGap fit) =>
        (fit.Below < 0 ? double.NegativeInfinity : x[fit.Below], fit.Above >= x.Length ? double.PositiveInfinity : x[fit.Above]);
}
