// A basin known only by asking whether a point is inside.
using Gaplab.Numerics;

namespace Gaplab.Theory.Escape;

/// <summary>Whether a displacement from the minimum lies in the basin.</summary>
public delegate bool Inside(ReadOnlySpan<double> x);

/// <summary>Any basin. The boundary along a ray is searched in equal steps up to a largest distance and then bisected, so gaps narrower
/// than a step are passed over.</summary>
public sealed class PredicateBasin : IBasin
{
    private readonly Inside _inside;
    private readonly double _furthest,
        _step;

    /// <param name="dimension">Number of coordinates.</param>
    /// <param name="inside">True for the origin.</param>
    /// <param name="furthest">Distance beyond which a ray counts as never leaving.</param>
    /// <param name="steps">Points asked along a ray before bisection.</param>
    public PredicateBasin(int dimension, Inside inside, double furthest = 1e3, int steps = 4096)
    {
        ArgumentNullException.ThrowIfNull(inside);
        if (!inside(new double[dimension]))
            throw new InputException("the start lies outside the basin; expected the basin to hold the minimum");
        (Dimension, _inside, _furthest, _step) = (dimension, inside, furthest, furthest / steps);
    }

    public int Dimension { get; }

    public bool Contains(ReadOnlySpan<double> x) => _inside(x);

    public double Reach(ReadOnlySpan<double> direction)
    {
        double length = 0;
        foreach (double a in direction)
            length += a * a;
        length = Math.Sqrt(length);
        if (length == 0)
            return double.PositiveInfinity;
        Span<double> at = direction.Length <= 256 ? stackalloc double[direction.Length] : new double[direction.Length];
        // Steps grow with the distance: fine near the minimum, where a jump is most likely to end.
        double low = 0,
            high = 0;
        for (double next = 1e-3 * _step; ; next = Math.Min(next * 1.05, next + _step))
        {
            if (next > _furthest)
                return double.PositiveInfinity;
            if (!_inside(At(next / length, direction, at)))
            {
                high = next;
                break;
            }
            low = next;
        }
        for (int i = 0; i < 60 && high - low > 1e-14 * high; i++)
        {
            double middle = 0.5 * (low + high);
            if (_inside(At(middle / length, direction, at)))
                low = middle;
            else
                high = middle;
        }
        return high / length;
    }

    private static ReadOnlySpan<double> At(double t, ReadOnlySpan<double> direction, Span<double> at)
    {
        for (int i = 0; i < at.Length; i++)
            at[i] = t * direction[i];
        return at;
    }
}
