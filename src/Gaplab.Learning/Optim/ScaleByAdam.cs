// Adam's preconditioner: the averaged gradient over the root of the averaged squared gradient.
using System.Numerics;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>Adam without its learning rate.</summary>
/// <remarks><c>m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; u = m̂ / (√v̂ + ε)</c>, m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ), t = 1, 2, … Kingma and Ba
/// 2015, Algorithm 1; ε outside the root, as PyTorch.</remarks>
internal sealed record ScaleByAdam(Hyper Beta1, Hyper Beta2, double Epsilon = 1e-8) : Link
{
    public override string Name => "adam";

    public override IReadOnlyList<string> Memory => ["m", "v"];

    /// <summary>√v̂ + ε.</summary>
    public override double[]? Preconditioner(Func<string, double[]> memory, int replica, long step)
    {
        double[] d = memory("v");
        double unbias = 1 - Math.Pow(Beta2.At(replica, step), step + 1);
        for (int i = 0; i < d.Length; i++)
            d[i] = Math.Sqrt(d[i] / unbias) + Epsilon;
        return d;
    }

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) =>
        AdamStep<T>
            .At(Beta1.At(context.Replica, context.Step), Beta2.At(context.Replica, context.Step), Epsilon, context.Step)
            .Apply(chunk.Update, chunk.Memory0, chunk.Memory1, T.PositiveInfinity);

    public override void Apply(Tensor update, DeviceRows rows) =>
        Step(update, rows.Memory(0), rows.Memory(1), rows, Beta1, Beta2, Epsilon, null);

    /// <summary>u in: g, out: m̂/(√v̂ + ε), of pieces [R, n] of the rows. m takes g clipped to ±<paramref name="limit"/> [R, 1] where there
    /// is one, v takes g itself.</summary>
    internal static void Step(Tensor u, Tensor m, Tensor v, DeviceRows rows, Hyper beta1, Hyper beta2, double epsilon, Tensor? limit)
    {
        double t = rows.Step + 1;
        rows.Average(v, u, r => beta2.At(r, rows.Step), squared: true);
        if (limit is not null)
            u.ClipInPlace(limit);
        rows.Average(m, u, r => beta1.At(r, rows.Step));
        Tensor denominator = v.Sqrt();
        rows.Scale(denominator, r => 1 / Math.Sqrt(1 - Math.Pow(beta2.At(r, rows.Step), t)));
        denominator.AddInPlace(epsilon);
        u.CopyFrom(m);
        u.DivideInPlace(denominator);
        rows.Scale(u, r => 1 / (1 - Math.Pow(beta1.At(r, rows.Step), t)));
    }

    public static OptimizerKind Adam { get; } =
        new()
        {
            Name = "adam",
            Says = "m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; u = m̂/(√v̂ + ε)",
            Keys = [OptimizerKey.Beta1, OptimizerKey.Beta2, OptimizerKey.Epsilon],
            Averages = [OptimizerKey.Beta1, OptimizerKey.Beta2],
            ClipsMean = true,
            Rule = Of,
            StateRows = _ => 2,
            Memory = StepMemory.SecondMoment,
        };

    /// <summary>Adam with decay by the rate (Loshchilov and Hutter 2019).</summary>
    public static OptimizerKind AdamW { get; } =
        Adam with
        {
            Name = "adamw",
            Says = "adam, with decay by the rate",
            Defaults = o => o with { WeightDecay = 0.01 },
            Decay = "lr",
            AlwaysDecays = true,
        };

    private static IEnumerable<Link> Of(IReadOnlyList<OptimizerSpec> replicas)
    {
        OptimizerSpec first = replicas[0];
        Hyper beta1 = OptimizerKey.Beta1.Of(replicas),
            beta2 = OptimizerKey.Beta2.Of(replicas),
            clip = OptimizerKey.ClipTop.Of(replicas);
        yield return first.ClipTopAt == "gradient-m" && !clip.IsZero
            ? new ScaleByAdamClippedMean(beta1, beta2, clip, first.ClipTopScope == "tensor", first.Epsilon)
            : new ScaleByAdam(beta1, beta2, first.Epsilon);
    }
}

/// <summary>The numbers of one Adam step, and the pass over coordinates that uses them.</summary>
internal readonly record struct AdamStep<T>(T Keep1, T Take1, T Keep2, T Take2, T Unbias1, T Unbias2, T Epsilon)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="beta1">β₁.</param>
    /// <param name="beta2">β₂.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="step">k = 0, 1, …; t = k + 1.</param>
    public static AdamStep<T> At(double beta1, double beta2, double epsilon, long step)
    {
        double t = step + 1;
        return new(
            T.CreateChecked(beta1),
            T.CreateChecked(1 - beta1),
            T.CreateChecked(beta2),
            T.CreateChecked(1 - beta2),
            T.CreateChecked(1 / (1 - Math.Pow(beta1, t))),
            T.CreateChecked(1 / Math.Sqrt(1 - Math.Pow(beta2, t))),
            T.CreateChecked(epsilon)
        );
    }

    /// <summary>u in: g, out: m̂/(√v̂ + ε). m takes g clipped to ±<paramref name="limit"/> (+∞: as it is), v takes g itself.</summary>
    public void Apply(Span<T> u, Span<T> m, Span<T> v, T limit)
    {
        Vector<T> vb1 = new(Keep1),
            vc1 = new(Take1),
            vb2 = new(Keep2),
            vc2 = new(Take2),
            vs1 = new(Unbias1),
            vs2 = new(Unbias2),
            ve = new(Epsilon),
            most = new(limit),
            least = new(-limit);
        int i = 0,
            width = Vector<T>.Count;
        for (; i <= u.Length - width; i += width)
        {
            var g = new Vector<T>(u[i..]);
            // Comparisons, not Min and Max: NaN must stay NaN.
            Vector<T> clipped = Vector.ConditionalSelect(
                Vector.GreaterThan(g, most),
                most,
                Vector.ConditionalSelect(Vector.LessThan(g, least), least, g)
            );
            Vector<T> first = vb1 * new Vector<T>(m[i..]) + vc1 * clipped;
            Vector<T> second = vb2 * new Vector<T>(v[i..]) + vc2 * (g * g);
            first.CopyTo(m[i..]);
            second.CopyTo(v[i..]);
            (vs1 * first / (vs2 * Vector.SquareRoot(second) + ve)).CopyTo(u[i..]);
        }
        for (; i < u.Length; i++)
        {
            T g = u[i];
            m[i] =
                Keep1 * m[i]
                + Take1
                    * (
                        g > limit ? limit
                        : g < -limit ? -limit
                        : g
                    );
            v[i] = Keep2 * v[i] + Take2 * (g * g);
            u[i] = Unbias1 * m[i] / (Unbias2 * T.Sqrt(v[i]) + Epsilon);
        }
    }
}
