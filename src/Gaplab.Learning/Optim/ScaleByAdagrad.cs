// Adagrad's preconditioner: the gradient over the root of the sum of all squared gradients.
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>Adagrad without its learning rate.</summary>
/// <remarks><c>s ← s + g²; u = g / (√(s₀ + s) + ε)</c>. Duchi, Hazan and Singer 2011, the diagonal form; ε outside the root and s₀ its
/// initial_accumulator_value, as PyTorch. PyTorch's own decay of the rate is left to the schedule.</remarks>
internal sealed record ScaleByAdagrad(double Epsilon = 1e-10, double Initial = 0) : Link
{
    public override string Name => "adagrad";

    public override IReadOnlyList<string> Memory => ["sum"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        Span<T> u = chunk.Update,
            sum = chunk.Memory0,
            root = stackalloc T[u.Length];
        TensorPrimitives.MultiplyAdd<T>(u, u, sum, sum);
        TensorPrimitives.Add(sum, T.CreateChecked(Initial), root);
        TensorPrimitives.Sqrt(root, root);
        TensorPrimitives.Add(root, T.CreateChecked(Epsilon), root);
        TensorPrimitives.Divide(u, root, u);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        Tensor sum = rows.Memory(0);
        sum.AddProductInPlace(update, update);
        Tensor root = (sum + Initial).Sqrt();
        root.AddInPlace(Epsilon);
        update.DivideInPlace(root);
    }

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "adagrad",
            Says = "s ← s + g²; u = g/(√(s₀ + s) + ε)",
            Keys =
            [
                OptimizerKey.Epsilon,
                new(
                    SpecKey.Number<OptimizerSpec>(
                        "initial-accumulator",
                        0,
                        double.PositiveInfinity,
                        s => s.InitialAccumulator,
                        (s, v) => s with { InitialAccumulator = v },
                        "s₀, the initial value of the sum of squares"
                    )
                ),
            ],
            Defaults = o => o with { Epsilon = 1e-10 },
            Rule = o => [new ScaleByAdagrad(o[0].Epsilon, o[0].InitialAccumulator)],
            StateRows = _ => 1,
            Memory = StepMemory.Endless,
        };
}
