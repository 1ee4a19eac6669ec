// The learning rate and the only change of sign: u = −lr_t · u.
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>u ← −lr_t·u; the chain adds the result to θ.</summary>
internal sealed record Descend(Hyper LearningRate) : Link
{
    public override string Name => "descend";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) =>
        TensorPrimitives.Multiply(chunk.Update, -T.CreateChecked(LearningRate.At(context.Replica, context.Step)), chunk.Update);

    public override void Apply(Tensor update, DeviceRows rows) => rows.Scale(update, r => -LearningRate.At(r, rows.Step));
}
