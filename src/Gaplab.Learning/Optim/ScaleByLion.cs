// Lion: the sign of an interpolation between momentum and gradient.
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>Lion without its learning rate and decay.</summary>
/// <remarks><c>u = sgn(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g</c>. Chen et al. 2023, Algorithm 2; its weight decay is the decoupled one of
/// <see cref="AddDecay"/>. With β₁ = β₂ it is Signum.</remarks>
internal sealed record ScaleByLion(Hyper Beta1, Hyper Beta2) : Link
{
    public override string Name => "lion";

    public override IReadOnlyList<string> Memory => ["m"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double beta1 = Beta1.At(context.Replica, context.Step),
            beta2 = Beta2.At(context.Replica, context.Step);
        Span<T> u = chunk.Update,
            m = chunk.Memory0,
            gradient = stackalloc T[u.Length];
        u.CopyTo(gradient);
        Mix(m, gradient, beta1, u);
        Mix(m, gradient, beta2, m);
        Sign.Of(u);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        Tensor m = rows.Memory(0),
            gradient = update.Clone();
        rows.Scale(update, r => 1 - Beta1.At(r, rows.Step));
        rows.Add(update, m, r => Beta1.At(r, rows.Step));
        update.SignInPlace();
        rows.Average(m, gradient, r => Beta2.At(r, rows.Step));
    }

    // target ← β·m + (1−β)·g; the target may be m, or neither.
    private static void Mix<T>(ReadOnlySpan<T> m, ReadOnlySpan<T> g, double beta, Span<T> target)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        Span<T> taken = stackalloc T[g.Length];
        TensorPrimitives.Multiply(g, T.CreateChecked(1 - beta), taken);
        TensorPrimitives.MultiplyAdd(m, T.CreateChecked(beta), taken, target);
    }

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "lion",
            Says = "u = sgn(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g",
            Keys = [OptimizerKey.Beta1, OptimizerKey.Beta2],
            Averages = [OptimizerKey.Beta1, OptimizerKey.Beta2],
            GivesSigns = true,
            Defaults = o => o with { Beta2 = 0.99 },
            Decay = "lr",
            Rule = o => [new ScaleByLion(OptimizerKey.Beta1.Of(o), OptimizerKey.Beta2.Of(o))],
            StateRows = _ => 1,
            Memory = StepMemory.Sign,
        };
}
