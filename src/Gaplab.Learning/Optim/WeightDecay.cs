// Weight decay: coupled (added to what it meets) or fully decoupled from the learning rate's size.
using System.Numerics;

namespace Gaplab.Learning.Optim;

/// <summary>u ← u + λ·p. Before the accumulators this is L2 regularisation; between the preconditioner and <see cref="Descend"/> it is AdamW's p ← p·(1 − lr_t·λ) (Loshchilov and Hutter 2019).</summary>
public sealed record AddDecay(Hyper Rate) : Link
{
    public override string Name => "decay";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) =>
        AddScaled.Parameters(chunk, T.CreateChecked(Rate.At(context.Replica, context.Step)));
}

/// <summary>After <see cref="Descend"/>: p ← p·(1 − λ·lr_t/lr_max) + u, the 2026 study's decay, independent of the learning rate's size. The hyper's schedule is the rate's.</summary>
public sealed record ScheduledDecay(Hyper Rate) : Link
{
    public override string Name => "scheduled-decay";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) =>
        AddScaled.Parameters(chunk, -T.CreateChecked(Rate.At(context.Replica, context.Step)));
}

internal static class AddScaled
{
    public static void Parameters<T>(in Chunk<T> chunk, T scale) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (scale != T.Zero) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(chunk.Parameters, scale, chunk.Update, chunk.Update);
    }
}
