// Weight decay: coupled (added to what it meets) or fully decoupled from the learning rate's size.
using System.Numerics.Tensors;

namespace Gaplab.Learning.Optim;

/// <summary>u ← u + λ·p. Before the accumulators this is L2 regularisation; between the preconditioner and <see cref="Descend"/> it is AdamW's p ← p·(1 − lr_t·λ) (Loshchilov and Hutter 2019).</summary>
public sealed record AddDecay(Hyper Rate) : Link
{
    public override string Name => "decay";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) =>
        TensorPrimitives.MultiplyAdd(chunk.Parameters, T.CreateChecked(Rate.At(context.Replica, context.Step)), chunk.Update, chunk.Update);
}

/// <summary>After <see cref="Descend"/>: p ← (p + u)·(1 − λ·lr_t/lr_max), the 2026 study's decay, independent of the learning rate's size and, as in its published code, after the step. The hyper's schedule is the rate's.</summary>
public sealed record ScheduledDecay(Hyper Rate) : Link
{
    public override string Name => "scheduled-decay";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        T rate = T.CreateChecked(Rate.At(context.Replica, context.Step));
        TensorPrimitives.Multiply(chunk.Update, T.One - rate, chunk.Update);
        TensorPrimitives.MultiplyAdd(chunk.Parameters, -rate, chunk.Update, chunk.Update);
    }
}
