// Adam whose average of gradients takes them clipped at the top fraction, while the average of squares takes them raw.
using Gaplab.Learning.Params;
using Gaplab.Numerics.Linear;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary><see cref="ScaleByAdam"/> with <see cref="ClipTop"/> on the way into m alone.</summary>
/// <remarks><c>m ← β₁m + (1−β₁)·clip_p(g); v ← β₂v + (1−β₂)g²</c>: the denominators keep the sizes that the numerators lose. With
/// <paramref name="EachTensor"/> every tensor has its own threshold.</remarks>
internal sealed record ScaleByAdamClippedMean(Hyper Beta1, Hyper Beta2, Hyper Fraction, bool EachTensor, double Epsilon = 1e-8) : Link
{
    public override string Name => "adam";

    public override LinkNeeds Needs => EachTensor ? LinkNeeds.Layout : LinkNeeds.RowStatistic;

    public override IReadOnlyList<string> Memory => ["m", "v"];

    /// <summary>As <see cref="ClipTop.Counters"/>; "clipped" is not counted here and stays 0.</summary>
    public override IReadOnlyList<string> Counters => ClipTop.ClipCounters;

    public override IReadOnlyList<LinkMetric> Metrics => ClipTop.ClipMetrics;

    public override double Statistic<T>(ReadOnlySpan<T> row, in RowContext context) =>
        ClipTop.Threshold(row, Fraction.At(context.Replica, context.Step), context.Counters.Span);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        AdamStep<T> adam = AdamStep<T>.At(
            Beta1.At(context.Replica, context.Step),
            Beta2.At(context.Replica, context.Step),
            Epsilon,
            context.Step
        );
        if (!EachTensor)
        {
            adam.Apply(chunk.Update, chunk.Memory0, chunk.Memory1, T.CreateChecked(context.Statistic));
            return;
        }
        double fraction = Fraction.At(context.Replica, context.Step),
            largest = 0;
        bool fellBack = false;
        foreach (ParamSlice slice in context.Layout.Slices)
        {
            int at = checked((int)slice.Offset),
                count = checked((int)slice.Count);
            T threshold = TopThreshold.Of<T>(chunk.Update.Slice(at, count), fraction);
            largest = Math.Max(largest, double.CreateChecked(threshold));
            fellBack |= threshold == T.Zero;
            adam.Apply(
                chunk.Update.Slice(at, count),
                chunk.Memory0.Slice(at, count),
                chunk.Memory1.Slice(at, count),
                threshold == T.Zero ? T.PositiveInfinity : threshold
            );
        }
        Span<double> counters = context.Counters.Span;
        if (fellBack)
            counters[0]++;
        counters[1] = largest;
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        (Tensor m, Tensor v) = (rows.Memory(0), rows.Memory(1));
        if (!EachTensor)
        {
            ScaleByAdam.Step(update, m, v, rows, Beta1, Beta2, Epsilon, ClipTop.Limits(update, rows, Fraction));
            return;
        }
        var tally = new ClipTally(rows);
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            Tensor u = DeviceRows.Piece(update, slice);
            Tensor limit = tally.Limits(u, Fraction);
            ScaleByAdam.Step(u, DeviceRows.Piece(m, slice), DeviceRows.Piece(v, slice), rows, Beta1, Beta2, Epsilon, limit);
        }
        tally.Count();
    }
}
