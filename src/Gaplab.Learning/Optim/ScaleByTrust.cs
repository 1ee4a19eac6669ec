// Layer-wise trust: every tensor's update scaled to the size of the tensor itself, for large batches.
using Gaplab.Learning.Params;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>u ← u·η‖p‖₂/‖u‖₂, tensor by tensor.</summary>
/// <remarks>A tensor that is zero, or has no update, keeps its update as it is, as in optax's scale_by_trust_ratio. With η = 1 behind
/// Adam and its decay it is LAMB: You et al. 2020, Algorithm 2, φ(z) = z. Others leave vectors (gains and biases) out of it.</remarks>
/// <param name="Coefficient">η.</param>
internal sealed record ScaleByTrust(Hyper Coefficient) : Link
{
    public override string Name => "trust";

    public override LinkNeeds Needs => LinkNeeds.Layout;

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double coefficient = Coefficient.At(context.Replica, context.Step);
        foreach (ParamSlice slice in context.Layout.Slices)
        {
            int at = checked((int)slice.Offset),
                count = checked((int)slice.Count);
            Span<T> u = chunk.Update.Slice(at, count);
            double size = RowNorm.Of(chunk.Parameters.Slice(at, count)),
                norm = RowNorm.Of<T>(u);
            if (size > 0 && norm > 0)
                TensorPrimitives.Multiply(u, T.CreateChecked(coefficient * size / norm), u);
        }
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            Tensor u = DeviceRows.Piece(update, slice);
            double[] sizes = DeviceRows.Norms(DeviceRows.Piece(rows.Parameters, slice)),
                norms = DeviceRows.Norms(u);
            rows.Scale(u, r => sizes[r] > 0 && norms[r] > 0 ? Coefficient.At(r, rows.Step) * sizes[r] / norms[r] : 1);
        }
    }

    /// <summary>LAMB, Adam with its decay at the size of each tensor.</summary>
    public static OptimizerKind Lamb { get; } =
        ScaleByAdam.Adam with
        {
            Name = "lamb",
            Says = "r = adam's u + `weight-decay`·p; u = r·‖p‖₂/‖r‖₂, tensor by tensor",
            Defaults = o => o with { Epsilon = 1e-6 },
            Decay = "lr",
            AfterDecay = _ => [new ScaleByTrust(1)],
        };
}
