// Quasi-hyperbolic momentum: a mean of the gradient and its average; the rule, its own key and its row.
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;

/// <remarks><c>m ← βm + (1−β)g; u = (1−ν)g + νm</c>. Ma and Yarats 2019, equations 3 and 4; ν = 0 is SGD, ν = 1 is momentum.</remarks>
internal sealed record QuasiHyperbolic(Hyper Beta, Hyper Nu) : Link
{
    private static readonly OptimizerKey NuKey = OptimizerKey.Own(OwnKey.Number<OptimizerSpec>("nu", 0.7, 0, 1, "ν, the average's share"));

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "qhm",
            Says = "m ← βm + (1−β)g; u = (1−ν)g + νm",
            Keys = [OptimizerKey.Beta1, NuKey],
            Averages = [OptimizerKey.Beta1],
            Defaults = spec => spec with { Beta1 = 0.99 },
            Rule = runs => [new QuasiHyperbolic(OptimizerKey.Beta1.Of(runs), NuKey.Of(runs))],
            StateRows = _ => 1,
        };

    public override string Name => "qhm";
    public override IReadOnlyList<string> Memory => ["m"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        T beta = T.CreateChecked(Beta.At(context.Replica, context.Step)),
            nu = T.CreateChecked(Nu.At(context.Replica, context.Step));
        for (int i = 0; i < chunk.Update.Length; i++)
        {
            T g = chunk.Update[i];
            T m = chunk.Memory0[i] = beta * chunk.Memory0[i] + (T.One - beta) * g;
            chunk.Update[i] = (T.One - nu) * g + nu * m;
        }
    }
}
