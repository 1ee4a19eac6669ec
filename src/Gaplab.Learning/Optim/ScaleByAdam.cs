// Adam's preconditioner: the averaged gradient over the root of the averaged squared gradient.
using System.Numerics;

namespace Gaplab.Learning.Optim;

/// <summary>Adam without its learning rate.</summary>
/// <remarks><c>m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  u = m̂ / (√v̂ + ε)</c>, m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ), t = 1, 2, …  Kingma and Ba 2015, Algorithm 1; ε outside the root, as PyTorch.</remarks>
public sealed record ScaleByAdam(Hyper Beta1, Hyper Beta2, double Epsilon = 1e-8) : Link
{
    public override string Name => "adam";

    public override IReadOnlyList<string> Memory => ["m", "v"];

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double beta1 = Beta1.At(context.Replica, context.Step), beta2 = Beta2.At(context.Replica, context.Step);
        double t = context.Step + 1, unbias1 = 1 / (1 - Math.Pow(beta1, t)), unbias2 = 1 / Math.Sqrt(1 - Math.Pow(beta2, t));
        T b1 = T.CreateChecked(beta1), c1 = T.CreateChecked(1 - beta1), b2 = T.CreateChecked(beta2), c2 = T.CreateChecked(1 - beta2);
        T scale1 = T.CreateChecked(unbias1), scale2 = T.CreateChecked(unbias2), epsilon = T.CreateChecked(Epsilon);
        Span<T> u = chunk.Update, m = chunk.Memory0, v = chunk.Memory1;
        Vector<T> vb1 = new(b1), vc1 = new(c1), vb2 = new(b2), vc2 = new(c2), vs1 = new(scale1), vs2 = new(scale2), ve = new(epsilon);
        int i = 0, width = Vector<T>.Count;
        for (; i <= u.Length - width; i += width)
        {
            var g = new Vector<T>(u[i..]);
            Vector<T> first = vb1 * new Vector<T>(m[i..]) + vc1 * g;
            Vector<T> second = vb2 * new Vector<T>(v[i..]) + vc2 * (g * g);
            first.CopyTo(m[i..]);
            second.CopyTo(v[i..]);
            (vs1 * first / (vs2 * Vector.SquareRoot(second) + ve)).CopyTo(u[i..]);
        }
        for (; i < u.Length; i++)
        {
            T g = u[i];
            m[i] = b1 * m[i] + c1 * g;
            v[i] = b2 * v[i] + c2 * (g * g);
            u[i] = scale1 * m[i] / (scale2 * T.Sqrt(v[i]) + epsilon);
        }
    }
}
