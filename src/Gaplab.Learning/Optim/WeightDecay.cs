// Weight decay: coupled (added to what it meets) or fully decoupled from the learning rate's size.
using Gaplab.Learning.Params;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>u ← u + λ·p. Before the accumulators this is L2 regularisation; between the preconditioner and <see cref="Descend"/> it is
/// AdamW's p ← p·(1 − lr_t·λ) (Loshchilov and Hutter 2019).</summary>
/// <param name="Rate">λ.</param>
/// <param name="RestFactor">Where given: λ is multiplied by it outside the hidden matrices, because those parameters have a learning rate
/// of their own (Muon).</param>
internal sealed record AddDecay(Hyper Rate, Hyper? RestFactor = null) : Link
{
    public override string Name => "decay";

    public override LinkNeeds Needs => RestFactor is null ? LinkNeeds.Elementwise : LinkNeeds.Layout;

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        T rate = T.CreateChecked(Rate.At(context.Replica, context.Step));
        if (RestFactor is null)
        {
            TensorPrimitives.MultiplyAdd(chunk.Parameters, rate, chunk.Update, chunk.Update);
            return;
        }
        T rest = rate * T.CreateChecked(RestFactor.Peak(context.Replica));
        foreach (ParamSlice slice in context.Layout.Slices)
        {
            int at = checked((int)slice.Offset),
                count = checked((int)slice.Count);
            Span<T> u = chunk.Update.Slice(at, count);
            TensorPrimitives.MultiplyAdd(chunk.Parameters.Slice(at, count), HiddenMatrices.Contains(slice) ? rate : rest, u, u);
        }
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        if (RestFactor is null)
        {
            rows.Add(update, rows.Parameters, r => Rate.At(r, rows.Step));
            return;
        }
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            bool hidden = HiddenMatrices.Contains(slice);
            rows.Add(
                DeviceRows.Piece(update, slice),
                DeviceRows.Piece(rows.Parameters, slice),
                r => Rate.At(r, rows.Step) * (hidden ? 1 : RestFactor.Peak(r))
            );
        }
    }
}

/// <summary>After <see cref="Descend"/>: p ← (p + u)·(1 − λ·lr_t/lr_max), the 2026 study's decay, independent of the learning rate's size
/// and, as in its published code, after the step. The hyper's schedule is the rate's.</summary>
internal sealed record ScheduledDecay(Hyper Rate) : Link
{
    public override string Name => "scheduled-decay";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        T rate = T.CreateChecked(Rate.At(context.Replica, context.Step));
        TensorPrimitives.Multiply(chunk.Update, T.One - rate, chunk.Update);
        TensorPrimitives.MultiplyAdd(chunk.Parameters, -rate, chunk.Update, chunk.Update);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        rows.Scale(update, r => 1 - Rate.At(r, rows.Step));
        rows.Add(update, rows.Parameters, r => -Rate.At(r, rows.Step));
    }
}
