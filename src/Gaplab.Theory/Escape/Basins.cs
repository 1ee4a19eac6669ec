// The basins with closed forms: ball, box and the sublevel set of a quadratic.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Theory.Escape;

/// <summary>{|x| &lt; r}.</summary>
public sealed class BallBasin : IBasin
{
    public BallBasin(int dimension, double radius)
    {
        if (!(radius > 0) || !double.IsFinite(radius))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"the basin's radius is {radius}; expected a positive number")
            );
        (Dimension, Radius) = (dimension, radius);
    }

    public int Dimension { get; }

    public double Radius { get; }

    public bool Contains(ReadOnlySpan<double> x) => Norm(x) < Radius;

    public double Reach(ReadOnlySpan<double> direction) => Radius / Norm(direction);

    private static double Norm(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (double a in x)
            sum += a * a;
        return Math.Sqrt(sum);
    }
}

/// <summary>{−low_i &lt; x_i &lt; high_i}; sides may be infinitely far, but not all.</summary>
public sealed class BoxBasin : IBasin
{
    /// <param name="low">Distances to the lower sides, positive.</param>
    /// <param name="high">Distances to the upper sides, positive.</param>
    public BoxBasin(IReadOnlyList<double> low, IReadOnlyList<double> high)
    {
        ArgumentNullException.ThrowIfNull(low);
        ArgumentNullException.ThrowIfNull(high);
        if (low.Count != high.Count)
            throw new InputException($"the box has {low.Count} lower and {high.Count} upper sides; expected as many of each");
        if (low.Concat(high).Any(side => !(side > 0)))
            throw new InputException("a side of the box is not beyond the minimum; expected positive distances to every side");
        if (low.Concat(high).All(double.IsInfinity))
            throw new InputException("the basin is unbounded: no side of the box is at a finite distance");
        (Low, High) = ([.. low], [.. high]);
    }

    public IReadOnlyList<double> Low { get; }

    public IReadOnlyList<double> High { get; }

    public int Dimension => Low.Count;

    public bool Contains(ReadOnlySpan<double> x)
    {
        for (int i = 0; i < x.Length; i++)
            if (!(x[i] > -Low[i] && x[i] < High[i]))
                return false;
        return true;
    }

    public double Reach(ReadOnlySpan<double> direction)
    {
        double reach = double.PositiveInfinity;
        for (int i = 0; i < direction.Length; i++)
            if (direction[i] != 0)
                reach = Math.Min(reach, direction[i] > 0 ? High[i] / direction[i] : -Low[i] / direction[i]);
        return reach;
    }
}

/// <summary>{½ xᵀHx &lt; h}: an ellipsoid, the basin of a quadratic minimum below a barrier of height h.</summary>
public sealed class EllipsoidBasin : IBasin
{
    private readonly double[,] _hessian;
    private readonly double[] _rows;
    private readonly double[]? _diagonal;

    /// <param name="hessian">[d, d], symmetric, positive semidefinite; at least one curvature must be positive.</param>
    /// <param name="barrier">h &gt; 0.</param>
    public EllipsoidBasin(double[,] hessian, double barrier)
    {
        ArgumentNullException.ThrowIfNull(hessian);
        if (!(barrier > 0) || !double.IsFinite(barrier))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"the barrier is {barrier}; expected a positive height"));
        if (!hessian.Cast<double>().Any(h => h != 0))
            throw new InputException("the basin is unbounded: every curvature is zero");
        (_hessian, Barrier) = ((double[,])hessian.Clone(), barrier);
        _rows = [.. hessian.Cast<double>()];
        int d = hessian.GetLength(0);
        if (_rows.Index().All(h => h.Item == 0 || h.Index % (d + 1) == 0))
            _diagonal = [.. Enumerable.Range(0, d).Select(i => hessian[i, i])];
    }

    public int Dimension => _hessian.GetLength(0);

    public double Barrier { get; }

    public double[,] Hessian => (double[,])_hessian.Clone();

    public bool Contains(ReadOnlySpan<double> x) => 0.5 * Form(x) < Barrier;

    public double Reach(ReadOnlySpan<double> direction)
    {
        double form = Form(direction);
        return form > 0 ? Math.Sqrt(2 * Barrier / form) : double.PositiveInfinity;
    }

    /// <summary>xᵀHx.</summary>
    public double Form(ReadOnlySpan<double> x)
    {
        double sum = 0;
        if (_diagonal is { } diagonal)
        {
            for (int i = 0; i < x.Length; i++)
                sum += diagonal[i] * x[i] * x[i];
            return sum;
        }
        for (int i = 0; i < x.Length; i++)
        {
            ReadOnlySpan<double> line = _rows.AsSpan(i * x.Length, x.Length);
            double row = 0;
            for (int j = 0; j < x.Length; j++)
                row += line[j] * x[j];
            sum += x[i] * row;
        }
        return sum;
    }
}
