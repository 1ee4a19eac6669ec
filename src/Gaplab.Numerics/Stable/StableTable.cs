// A stable distribution function tabulated once for many evaluations.
namespace Gaplab.Numerics.Stable;

/// <summary>Cubic Hermite interpolation of P(X ≤ x) in u = atan(x) (scale 1, location 0), with exact densities as slopes; intervals are
/// halved until the middle is within 1e-9.</summary>
/// <remarks>Beyond |x| = 1e6 the exact tail is taken. Some 60 to 300 exact evaluations build it.</remarks>
internal sealed class StableTable
{
    private const double Tolerance = 1e-9,
        Far = 1e6;
    private readonly StableLaw _law;
    private readonly double[] _u,
        _value,
        _slope,
        _density,
        _curve;

    public StableTable(StableLaw law)
    {
        ArgumentNullException.ThrowIfNull(law);
        _law = law;
        var nodes = new SortedDictionary<double, (double Value, double Slope)>();
        double end = Math.Atan(Far),
            start = law.Beta == 0 ? 0 : -end;
        // Enough to begin with that no interval's middle agrees by chance.
        int first = law.Beta == 0 ? 32 : 96;
        double step = (end - start) / first;
        (double U, double F, double S) before = Node(start);
        nodes[before.U] = (before.F, before.S);
        for (int i = 1; i <= first; i++)
        {
            (double U, double F, double S) next = Node(i == first ? end : start + i * step);
            Refine(nodes, before, next, 0);
            nodes[next.U] = (next.F, next.S);
            before = next;
        }
        _u = [.. nodes.Keys];
        _value = [.. nodes.Values.Select(n => n.Value)];
        _slope = [.. nodes.Values.Select(n => n.Slope)];
        _density = _slope;
        _curve = Slopes(_u, _density);
    }

    /// <summary>P(X ≤ x).</summary>
    public double Cumulative(double x)
    {
        double z = (x - _law.Location) / _law.Scale;
        if (!(Math.Abs(z) < Far))
            return _law.Standard(z).Below;
        bool mirrored = _law.Beta == 0 && z < 0;
        double below = Math.Clamp(At(_value, _slope, Math.Atan(mirrored ? -z : z)), 0, 1);
        return mirrored ? 1 - below : below;
    }

    /// <summary>f(x).</summary>
    public double Density(double x)
    {
        double z = (x - _law.Location) / _law.Scale;
        if (!(Math.Abs(z) < Far))
            return _law.Standard(z).Density / _law.Scale;
        double u = Math.Atan(_law.Beta == 0 ? Math.Abs(z) : z);
        return Math.Max(0, At(_density, _curve, u)) / (1 + z * z) / _law.Scale;
    }

    /// <summary>dF/du = f(x) (1 + x²).</summary>
    private (double U, double F, double S) Node(double u)
    {
        double x = Math.Tan(u);
        StablePoint at = _law.Standard(x);
        return (u, at.Below, at.Density * (1 + x * x));
    }

    private void Refine(
        SortedDictionary<double, (double, double)> nodes,
        (double U, double F, double S) a,
        (double U, double F, double S) b,
        int depth
    )
    {
        (double U, double F, double S) middle = Node(0.5 * (a.U + b.U));
        double guess = 0.5 * (a.F + b.F) + (b.U - a.U) / 8 * (a.S - b.S);
        nodes[middle.U] = (middle.F, middle.S);
        if (Math.Abs(guess - middle.F) <= 16 * Tolerance || depth >= 24)
            return;
        Refine(nodes, a, middle, depth + 1);
        Refine(nodes, middle, b, depth + 1);
    }

    private double At(double[] value, double[] slope, double u)
    {
        int i = Array.BinarySearch(_u, u);
        if (i >= 0)
            return value[i];
        i = Math.Clamp(~i, 1, _u.Length - 1);
        double h = _u[i] - _u[i - 1],
            t = (u - _u[i - 1]) / h,
            s = 1 - t;
        return s * s * (1 + 2 * t) * value[i - 1] + t * t * (1 + 2 * s) * value[i] + h * t * s * (s * slope[i - 1] - t * slope[i]);
    }

    /// <summary>Slopes by the parabola through a node and its neighbours.</summary>
    private static double[] Slopes(double[] u, double[] y)
    {
        var slopes = new double[u.Length];
        for (int i = 0; i < u.Length; i++)
        {
            int a = Math.Max(0, Math.Min(i - 1, u.Length - 3)),
                b = a + 1,
                c = a + 2;
            double d1 = (y[b] - y[a]) / (u[b] - u[a]),
                d2 = (y[c] - y[b]) / (u[c] - u[b]),
                bend = (d2 - d1) / (u[c] - u[a]);
            slopes[i] = d1 + bend * (2 * u[i] - u[a] - u[b]);
        }
        return slopes;
    }
}
