// Coordinate-wise clipping at the top fraction of the magnitudes, over the whole row or tensor by tensor.
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Linear;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>The largest fraction p of the row's coordinates is clipped to the size of the largest of the others.</summary>
/// <remarks><c>τ = the k-th (from 0) largest |u|, k = min(⌊d·p + 1e-9⌋, d−1); u_i ← sgn(u_i)·min(|u_i|, τ)</c>: Pan and Li 2023 ("Toward
/// understanding why Adam converges faster than SGD for transformers"), the rank made exact (theory.md D2). p = 0 switches a replica's clip
/// off; coordinates equal to τ stay. A τ of 0 would leave nothing: the step is then not clipped, and counted.</remarks>
internal sealed record ClipTop(Hyper Fraction) : Link
{
    internal static readonly IReadOnlyList<string> ClipCounters = ["fell-back", "threshold", "clipped"];
    internal static readonly IReadOnlyList<LinkMetric> ClipMetrics = [new("clip-top-fell-back", "fell-back", MetricOf.Run)];

    public override string Name => "clip-top";

    public override LinkNeeds Needs => LinkNeeds.RowStatistic;

    /// <summary>"fell-back": steps at which τ was 0; "threshold": the last τ; "clipped": coordinates strictly above it at the last
    /// step.</summary>
    public override IReadOnlyList<string> Counters => ClipCounters;

    public override IReadOnlyList<LinkMetric> Metrics => ClipMetrics;

    public override double Statistic<T>(ReadOnlySpan<T> row, in RowContext context) =>
        Threshold(row, Fraction.At(context.Replica, context.Step), context.Counters.Span);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) =>
        context.Counters.Span[2] += TopThreshold.Clip(chunk.Update, T.CreateChecked(context.Statistic));

    /// <summary>τ with the fall-back: +∞ where it would be 0.</summary>
    internal static double Threshold<T>(ReadOnlySpan<T> row, double fraction, Span<double> counters)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double threshold = double.CreateChecked(TopThreshold.Of(row, fraction));
        counters[1] = threshold;
        counters[2] = 0;
        if (threshold != 0)
            return threshold;
        counters[0]++;
        return double.PositiveInfinity;
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        Tensor limit = Limits(update, rows, Fraction);
        long[] clipped = update.RowCounts(limit).ToArray<long>();
        update.ClipInPlace(limit);
        foreach (int r in rows.Active)
            rows.Counters(r)[2] = clipped[r];
    }

    /// <summary>τ of every row [R, 1] with the fall-back, counted.</summary>
    internal static Tensor Limits(Tensor update, DeviceRows rows, Hyper fraction)
    {
        double[] thresholds = rows.Thresholds(update, fraction);
        foreach (int r in rows.Active)
        {
            Span<double> counters = rows.Counters(r);
            (counters[1], counters[2]) = (thresholds[r], 0);
            if (thresholds[r] == 0)
                counters[0]++;
        }
        return rows.Column(r => thresholds[r] == 0 ? double.PositiveInfinity : thresholds[r], update.Type);
    }
}

/// <summary>What the clips of a step's tensors, each with its own threshold, add up to, row by row.</summary>
internal sealed class ClipTally(DeviceRows rows)
{
    private readonly double[] _largest = new double[rows.Replicas];
    private readonly bool[] _fellBack = new bool[rows.Replicas];

    /// <summary>τ of every row [R, 1] of one tensor's piece [R, n]; +∞ where it would be 0.</summary>
    public Tensor Limits(Tensor piece, Hyper fraction)
    {
        double[] thresholds = rows.Thresholds(piece, fraction);
        for (int r = 0; r < thresholds.Length; r++)
        {
            _largest[r] = Math.Max(_largest[r], thresholds[r]);
            _fellBack[r] |= thresholds[r] == 0;
        }
        return rows.Column(r => thresholds[r] == 0 ? double.PositiveInfinity : thresholds[r], piece.Type);
    }

    /// <summary>At the end of the step, into the link's counters.</summary>
    public void Count()
    {
        foreach (int r in rows.Active)
        {
            Span<double> counters = rows.Counters(r);
            counters[0] += _fellBack[r] ? 1 : 0;
            counters[1] = _largest[r];
        }
    }
}

/// <summary><see cref="ClipTop"/> with a threshold for each named tensor.</summary>
/// <remarks>"threshold" is the largest of the step; "fell-back" counts steps at which any tensor's τ was 0, which alone is then left as it
/// was.</remarks>
internal sealed record ClipEachTop(Hyper Fraction) : Link
{
    public override string Name => "clip-top";

    public override LinkNeeds Needs => LinkNeeds.Layout;

    public override IReadOnlyList<string> Counters => ClipTop.ClipCounters;

    public override IReadOnlyList<LinkMetric> Metrics => ClipTop.ClipMetrics;

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double fraction = Fraction.At(context.Replica, context.Step),
            largest = 0;
        long clipped = 0;
        bool fellBack = false;
        foreach (ParamSlice slice in context.Layout.Slices)
        {
            Span<T> piece = chunk.Update.Slice(checked((int)slice.Offset), checked((int)slice.Count));
            T threshold = TopThreshold.Of<T>(piece, fraction);
            largest = Math.Max(largest, double.CreateChecked(threshold));
            if (threshold == T.Zero)
                fellBack = true;
            else
                clipped += TopThreshold.Clip(piece, threshold);
        }
        Span<double> counters = context.Counters.Span;
        if (fellBack)
            counters[0]++;
        (counters[1], counters[2]) = (largest, clipped);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        var tally = new ClipTally(rows);
        long[] clipped = new long[rows.Replicas];
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            Tensor piece = DeviceRows.Piece(update, slice),
                limit = tally.Limits(piece, Fraction);
            long[] above = piece.RowCounts(limit).ToArray<long>();
            for (int r = 0; r < above.Length; r++)
                clipped[r] += above[r];
            piece.ClipInPlace(limit);
        }
        tally.Count();
        foreach (int r in rows.Active)
            rows.Counters(r)[2] = clipped[r];
    }
}
