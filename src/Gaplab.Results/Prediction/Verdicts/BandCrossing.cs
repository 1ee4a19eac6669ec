// Where one curve of gaps leaves the band of relevance: its crossing, or the batch size from which one is ahead.
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>What one curve says of the range of batch sizes.</summary>
/// <param name="Changes">How often the lead passes from one optimizer to the other, leaving the band on both sides.</param>
/// <param name="Log2Batch">log₂ of the first such crossing (where the gap is zero); NaN where there is none.</param>
/// <param name="ToSecond">The second is ahead above it.</param>
/// <param name="FirstAhead">The first is ahead by more than δ somewhere.</param>
/// <param name="SecondAhead">The second is.</param>
/// <param name="OnsetLog2">log₂ of the batch size from which on the one at the largest size is ahead by more than δ; that of the smallest
/// size: it is ahead throughout; NaN: level at the largest.</param>
/// <param name="OnsetSide">Who is ahead at the largest size: −1, 0, +1.</param>
internal readonly record struct BandCrossing(
    int Changes,
    double Log2Batch,
    bool ToSecond,
    bool FirstAhead,
    bool SecondAhead,
    double OnsetLog2,
    int OnsetSide
)
{
    /// <param name="x">log₂ of the batch sizes, rising.</param>
    /// <param name="gap">ln ratios; NaN: no number.</param>
    /// <param name="half">Half of the band.</param>
    public static BandCrossing Of(ReadOnlySpan<double> x, ReadOnlySpan<double> gap, double half)
    {
        int changes = 0,
            last = -1,
            side = 0;
        double at = double.NaN;
        bool toSecond = false,
            first = false,
            second = false;
        for (int i = 0; i < gap.Length; i++)
        {
            if (!(Math.Abs(gap[i]) > half))
                continue;
            int here = Math.Sign(gap[i]);
            (first, second) = (first || here < 0, second || here > 0);
            if (last >= 0 && here != side)
            {
                if (changes++ == 0)
                {
                    // Between the two the gap may pass zero more than once: the middle passage is the crossing.
                    IReadOnlyList<SignChange> passages = GapCrossings.All(x[last..(i + 1)], gap[last..(i + 1)]);
                    (at, toSecond) = (passages[passages.Count / 2].Log2Batch, here > 0);
                }
            }
            (last, side) = (i, here);
        }
        (double onset, int ahead) = Onset(x, gap, half);
        return new BandCrossing(changes, at, toSecond, first, second, onset, ahead);
    }

    private static (double Log2, int Side) Onset(ReadOnlySpan<double> x, ReadOnlySpan<double> gap, double half)
    {
        int top = gap.Length - 1;
        if (!(Math.Abs(gap[top]) > half))
            return (double.NaN, 0);
        int side = Math.Sign(gap[top]),
            from = top;
        while (from > 0 && side * gap[from - 1] > half)
            from--;
        if (from == 0)
            return (x[0], side);
        double below = side * gap[from - 1],
            above = side * gap[from];
        double part = double.IsNaN(below) ? 1 : (half - below) / (above - below);
        return (x[from - 1] + part * (x[from] - x[from - 1]), side);
    }
}
