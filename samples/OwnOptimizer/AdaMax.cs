// AdaMax: Adam with the largest recent gradient in place of the root mean square; the rule, and its row.
using Gaplab.Learning.Optim;

/// <remarks><c>m ← β₁m + (1−β₁)g; v ← max(β₂v, |g| + ε); u = m / ((1−β₁ᵗ)v)</c>. Kingma and Ba 2015, Algorithm 2; ε as PyTorch.</remarks>
internal sealed record AdaMax(Hyper Beta1, Hyper Beta2, double Epsilon) : Link
{
    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "adamax",
            Says = "m ← β₁m + (1−β₁)g; v ← max(β₂v, |g| + ε); u = m/((1−β₁ᵗ)v)",
            Keys = [OptimizerKey.Beta1, OptimizerKey.Beta2, OptimizerKey.Epsilon],
            Rule = runs => [new AdaMax(OptimizerKey.Beta1.Of(runs), OptimizerKey.Beta2.Of(runs), runs[0].Epsilon)],
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
