// A basin seen by one impulse that passes through a moving average: it leaves where its response does.
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

/// <summary>Reach of an impulse whose direct displacement would be the direction: the smallest multiple at which the answer of the
/// averaged, preconditioned dynamics crosses the boundary. Linear around the minimum, so exact on quadratics and piecewise
/// quadratics.</summary>
internal sealed class ResponseBasin(IBasin inner, IPotential potential, IReadOnlyList<double> minimum, StepRule rule, double[] q) : IBasin
{
    private const double Small = 1e-4;

    public int Dimension => inner.Dimension;

    public bool Contains(ReadOnlySpan<double> x) => inner.Contains(x);

    public double Reach(ReadOnlySpan<double> direction)
    {
        int d = direction.Length;
        double length = Math.Sqrt(Dot(direction, direction));
        if (length == 0)
            return double.PositiveInfinity;
        double[] x = new double[d],
            m = new double[d],
            at = new double[d],
            gradient = new double[d],
            still = new double[d];
        potential.Gradient([.. minimum], still);
        for (int i = 0; i < d; i++)
            m[i] = -rule.MeanWeight * direction[i] * q[i] / rule.Drift;
        double reach = double.PositiveInfinity,
            furthest = 0;
        for (int n = 0; n < 1_000_000; n++)
        {
            if (n > 0)
            {
                for (int i = 0; i < d; i++)
                    at[i] = minimum[i] + Small / length * x[i];
                potential.Gradient(at, gradient);
                for (int i = 0; i < d; i++)
                    m[i] = rule.MeanKeep * m[i] + rule.MeanWeight * (gradient[i] - still[i]) * length / Small;
            }
            for (int i = 0; i < d; i++)
                x[i] -= rule.Drift * m[i] / q[i];
            reach = Math.Min(reach, inner.Reach(x));
            double size = Math.Sqrt(Dot(x, x));
            furthest = Math.Max(furthest, size);
            // A damped response is over once the average has forgotten the impulse and x is on its way back.
            if (n > 40 / rule.MeanWeight && size < 0.25 * furthest)
                break;
        }
        return reach;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
