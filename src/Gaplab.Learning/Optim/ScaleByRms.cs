// RMSprop's preconditioner: the gradient over the root of its averaged square, or of its variance.
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>RMSprop without its learning rate; <see cref="Momentum"/> behind it is its momentum.</summary>
/// <remarks><c>v ← αv + (1−α)g²; u = g / (√v + ε)</c>; centred: <c>a ← αa + (1−α)g</c> and √(v − a²). Tieleman and Hinton 2012; centred:
/// Graves 2013. ε outside the root and momentum on the scaled gradient, as PyTorch (TensorFlow puts ε inside); a variance that rounding
/// made negative counts as 0.</remarks>
internal sealed record ScaleByRms(Hyper Alpha, double Epsilon = 1e-8, bool Centered = false) : Link
{
    public override string Name => "rms";

    public override IReadOnlyList<string> Memory => Centered ? ["v", "mean"] : ["v"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double alpha = Alpha.At(context.Replica, context.Step);
        T keep = T.CreateChecked(alpha),
            take = T.CreateChecked(1 - alpha);
        Span<T> u = chunk.Update,
            v = chunk.Memory0,
            root = stackalloc T[u.Length];
        Average(v, u, squared: true, keep, take, root);
        if (Centered)
        {
            Span<T> mean = chunk.Memory1;
            Average(mean, u, squared: false, keep, take, root);
            TensorPrimitives.Multiply<T>(mean, mean, root);
            TensorPrimitives.Subtract(v, root, root);
            TensorPrimitives.Max(root, T.Zero, root);
            TensorPrimitives.Sqrt(root, root);
        }
        else
        {
            TensorPrimitives.Sqrt(v, root);
        }
        TensorPrimitives.Add(root, T.CreateChecked(Epsilon), root);
        TensorPrimitives.Divide(u, root, u);
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        Tensor v = rows.Memory(0),
            root = v;
        rows.Average(v, update, r => Alpha.At(r, rows.Step), squared: true);
        if (Centered)
        {
            Tensor mean = rows.Memory(1);
            rows.Average(mean, update, r => Alpha.At(r, rows.Step));
            root = (v - mean.Square()).Relu();
        }
        root = root.Sqrt();
        root.AddInPlace(Epsilon);
        update.DivideInPlace(root);
    }

    // average ← keep·average + take·g, or with g².
    private static void Average<T>(Span<T> average, ReadOnlySpan<T> g, bool squared, T keep, T take, Span<T> scratch)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        TensorPrimitives.Multiply(g, take, scratch);
        if (squared)
            TensorPrimitives.Multiply(scratch, g, scratch);
        TensorPrimitives.MultiplyAdd(average, keep, scratch, average);
    }

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "rmsprop",
            Says = "v ← β₂v + (1−β₂)g²; u = g/(√v + ε), centred √(v − a²) with a ← β₂a + (1−β₂)g; then momentum on u",
            Keys =
            [
                OptimizerKey.Beta2,
                OptimizerKey.Epsilon,
                new(
                    SpecKey.Flag<OptimizerSpec>(
                        "centered",
                        s => s.Centered,
                        (s, v) => s with { Centered = v },
                        "divide by the standard deviation"
                    )
                ),
                OptimizerKey.Momentum,
            ],
            Averages = [OptimizerKey.Beta2],
            Defaults = o => o with { Beta2 = 0.99 },
            Rule = o => [new ScaleByRms(OptimizerKey.Beta2.Of(o), o[0].Epsilon, o[0].Centered), .. Momentum.Plain(o)],
            Memory = StepMemory.SecondMoment,
            StateRows = o => 1 + (o.Centered ? 1 : 0) + Momentum.Rows(o),
        };
}
