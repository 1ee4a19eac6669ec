// The row divided by its 2-norm: normalised SGD.
using System.Numerics.Tensors;

namespace Gaplab.Learning.Optim;

/// <summary>u ← u / ‖u‖₂; a zero row stays zero.</summary>
/// <remarks>Behind <see cref="Momentum"/> it is normalised SGD with momentum (Cutkosky and Mehta 2020, Algorithm 1; their factor 1−β on the
/// gradient cancels in the norm). Others normalise the gradient before the momentum, or each layer by itself.</remarks>
public sealed record NormaliseRow : Link
{
    public override string Name => "normalise";

    public override LinkNeeds Needs => LinkNeeds.RowStatistic;

    public override double Statistic<T>(ReadOnlySpan<T> row, in RowContext context) => RowNorm.Of(row);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        if (context.Statistic != 0)
            TensorPrimitives.Divide(chunk.Update, T.CreateChecked(context.Statistic), chunk.Update);
    }
}
