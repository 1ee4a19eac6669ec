// Heavy-ball momentum, plain or Nesterov, in PyTorch's convention.
using System.Numerics;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>The gradient accumulated with decay μ.</summary>
/// <remarks><c>v ← μv + g; u = v</c>, or <c>u = g + μv</c> (Nesterov). Polyak 1964; no dampening, as torch.optim.SGD. The first step gives
/// v = g. μ may follow a schedule of its own.</remarks>
internal sealed record Momentum(Hyper Mu, bool Nesterov = false) : Link
{
    public override string Name => "momentum";

    public override IReadOnlyList<string> Memory => ["velocity"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        T mu = T.CreateChecked(Mu.At(context.Replica, context.Step));
        Span<T> u = chunk.Update,
            v = chunk.Memory0;
        int i = 0,
            width = Vector<T>.Count;
        var muVector = new Vector<T>(mu);
        for (; i <= u.Length - width; i += width)
        {
            var g = new Vector<T>(u[i..]);
            Vector<T> velocity = muVector * new Vector<T>(v[i..]) + g;
            velocity.CopyTo(v[i..]);
            (Nesterov ? g + muVector * velocity : velocity).CopyTo(u[i..]);
        }
        for (; i < u.Length; i++)
        {
            T g = u[i];
            v[i] = mu * v[i] + g;
            u[i] = Nesterov ? g + mu * v[i] : v[i];
        }
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        Tensor velocity = rows.Memory(0);
        rows.Scale(velocity, r => Mu.At(r, rows.Step));
        velocity.AddInPlace(update);
        if (Nesterov)
            rows.Add(update, velocity, r => Mu.At(r, rows.Step));
        else
            update.CopyFrom(velocity);
    }

    /// <summary>SGD is the gradient itself, accumulated where there is momentum.</summary>
    public static OptimizerKind Sgd { get; } =
        new()
        {
            Name = "sgd",
            Says = "v ← μv + g; u = v, or g + μv (Nesterov)",
            Keys = Keys,
            Averages = [OptimizerKey.Momentum],
            Rule = Of,
            StateRows = Rows,
            RateGrowth = (1, 0.25),
        };

    /// <summary>The keys of a rule that begins with momentum, which it has where μ is not 0.</summary>
    internal static IReadOnlyList<OptimizerKey> Keys => [OptimizerKey.Momentum, OptimizerKey.Nesterov];

    internal static double Rows(OptimizerSpec spec) => spec.Momentum > 0 ? 1 : 0;

    internal static IEnumerable<Link> Of(IReadOnlyList<OptimizerSpec> replicas)
    {
        foreach (Momentum plain in Plain(replicas))
            yield return plain with
            {
                Nesterov = replicas[0].Nesterov,
            };
    }

    /// <summary>For a rule that does not look ahead.</summary>
    internal static IEnumerable<Momentum> Plain(IReadOnlyList<OptimizerSpec> replicas)
    {
        Hyper mu = OptimizerKey.Momentum.Of(replicas);
        if (!mu.IsZero)
            yield return new Momentum(mu);
    }
}
