// The sign of every coordinate: signSGD, and Signum where it stands behind momentum.
using System.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>u ← sgn(u), sgn(0) = 0.</summary>
/// <remarks>Bernstein et al. 2018, Algorithm 1 (signSGD) and, after <see cref="Momentum"/>, Algorithm 2 (Signum; its factor 1−β on the
/// gradient changes no sign). NaN stays NaN, so that a diverged replica is seen.</remarks>
internal sealed record Sign : Link
{
    public override string Name => "sign";

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) => Of(chunk.Update);

    public override void Apply(Tensor update, DeviceRows rows) => update.SignInPlace();

    internal static void Of<T>(Span<T> u)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int i = 0,
            width = Vector<T>.Count;
        Vector<T> zero = Vector<T>.Zero,
            one = Vector<T>.One;
        for (; i <= u.Length - width; i += width)
        {
            var x = new Vector<T>(u[i..]);
            Vector
                .ConditionalSelect(Vector.GreaterThan(x, zero), one, Vector.ConditionalSelect(Vector.LessThan(x, zero), -one, x))
                .CopyTo(u[i..]);
        }
        for (; i < u.Length; i++)
            u[i] =
                u[i] > T.Zero ? T.One
                : u[i] < T.Zero ? -T.One
                : u[i];
    }

    public static OptimizerKind Signum { get; } =
        new()
        {
            Name = "signum",
            Says = "u = sgn(v), v as for `sgd`, sgn 0 = 0; without momentum it is signSGD",
            Keys = Momentum.Keys,
            Averages = [OptimizerKey.Momentum],
            GivesSigns = true,
            Rule = o => [.. Momentum.Of(o), new Sign()],
            StateRows = Momentum.Rows,
            Memory = StepMemory.Sign,
            Objection = o =>
                o is { ClipTop: > 0, Momentum: 0 }
                    ? (
                        OptimizerKey.ClipTop,
                        "clips sizes, but signum without momentum takes the sign of each gradient alone; expected a momentum above 0, or "
                            + "no clip-top"
                    )
                    : NormaliseRow.ForgetsSize(o),
        };
}
