// The row divided by its 2-norm: normalised SGD.
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>u ← u / ‖u‖₂; a zero row stays zero.</summary>
/// <remarks>Behind <see cref="Momentum"/> it is normalised SGD with momentum (Cutkosky and Mehta 2020, Algorithm 1; their factor 1−β on the
/// gradient cancels in the norm). Others normalise the gradient before the momentum, or each layer by itself.</remarks>
internal sealed record NormaliseRow : Link
{
    public override string Name => "normalise";

    public override LinkNeeds Needs => LinkNeeds.RowStatistic;

    public override double Statistic<T>(ReadOnlySpan<T> row, in RowContext context) => RowNorm.Of(row);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        if (context.Statistic != 0)
            TensorPrimitives.Divide(chunk.Update, T.CreateChecked(context.Statistic), chunk.Update);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        double[] norms = DeviceRows.Norms(update);
        rows.Scale(update, r => norms[r] == 0 ? 1 : 1 / norms[r]);
    }

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "normalised-sgd",
            Says = "u = v/‖v‖₂ over the whole row, v as for `sgd`; 0 stays 0",
            Keys = Momentum.Keys,
            Averages = [OptimizerKey.Momentum],
            Rule = o => [.. Momentum.Of(o), new NormaliseRow()],
            StateRows = Momentum.Rows,
            RateGrowth = (0.5, 0.25),
            Objection = ForgetsSize,
        };

    /// <summary>Without momentum and coupled decay the rule forgets a common factor of the gradient, which is all that a norm limit
    /// is.</summary>
    internal static (OptimizerKey Key, string Why)? ForgetsSize(OptimizerSpec spec) =>
        spec is { ClipNorm: > 0, Momentum: 0, Decay: not "coupled" }
            ? (
                OptimizerKey.ClipNorm,
                $"scales the gradient, which {spec.Kind} without momentum forgets; expected a momentum above 0, or no clip"
            )
            : null;
}
