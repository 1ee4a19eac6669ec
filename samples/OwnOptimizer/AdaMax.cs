// AdaMax: Adam with the largest recent gradient in place of the root mean square; the rule, and its row.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;

/// <remarks><c>m ← β₁m + (1−β₁)g; v ← max(β₂v, |g| + ε); u = m / ((1−β₁ᵗ)v)</c>. Kingma and Ba 2015, Algorithm 2; ε as PyTorch.</remarks>
internal sealed record AdaMax(Hyper Beta1, Hyper Beta2, double Epsilon) : Link
{
    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "adamax",
            Keys = [nameof(OptimizerSpec.Beta1), nameof(OptimizerSpec.Beta2), nameof(OptimizerSpec.Epsilon)],
            Rule = runs => [new AdaMax(new([.. runs.Select(r => r.Beta1)]), new([.. runs.Select(r => r.Beta2)]), runs[0].Epsilon)],
            StateRows = _ => 2,
        };

    public override string Name => "adamax";
    public override IReadOnlyList<string> Memory => ["m", "v"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double beta1 = Beta1.At(context.Replica, context.Step);
        T b1 = T.CreateChecked(beta1),
            b2 = T.CreateChecked(Beta2.At(context.Replica, context.Step)),
            started = T.CreateChecked(1 - Math.Pow(beta1, context.Step + 1)),
            epsilon = T.CreateChecked(Epsilon);
        for (int i = 0; i < chunk.Update.Length; i++)
        {
            T g = chunk.Update[i];
            T m = chunk.Memory0[i] = b1 * chunk.Memory0[i] + (T.One - b1) * g;
            T v = chunk.Memory1[i] = T.Max(b2 * chunk.Memory1[i], T.Abs(g) + epsilon);
            chunk.Update[i] = m / (started * v);
        }
    }
}
