// A quadratic minimum: half of x transposed times H times x.
namespace Gaplab.Theory.Levy;

/// <summary>A quadratic minimum at the origin.</summary>
public sealed class QuadraticPotential : IPotential
{
    private readonly double[,] _hessian;
    private readonly double[]? _diagonal;

    /// <param name="hessian">[d, d], symmetric.</param>
    public QuadraticPotential(double[,] hessian)
    {
        ArgumentNullException.ThrowIfNull(hessian);
        _hessian = (double[,])hessian.Clone();
        int d = hessian.GetLength(0);
        bool diagonal = true;
        for (int i = 0; i < d; i++)
        for (int j = 0; j < d; j++)
            diagonal &= i == j || hessian[i, j] == 0;
        if (diagonal)
            _diagonal = [.. Enumerable.Range(0, d).Select(i => hessian[i, i])];
    }

    /// <summary>Curvatures along the coordinates.</summary>
    public static QuadraticPotential Diagonal(params IReadOnlyList<double> curvatures)
    {
        ArgumentNullException.ThrowIfNull(curvatures);
        var hessian = new double[curvatures.Count, curvatures.Count];
        for (int i = 0; i < curvatures.Count; i++)
            hessian[i, i] = curvatures[i];
        return new(hessian);
    }

    public int Dimension => _hessian.GetLength(0);

    public double[,] Hessian => (double[,])_hessian.Clone();

    public double Value(ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        for (int j = 0; j < x.Length; j++)
            sum += 0.5 * x[i] * _hessian[i, j] * x[j];
        return sum;
    }

    public void Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        if (_diagonal is not null)
        {
            for (int i = 0; i < x.Length; i++)
                gradient[i] = _diagonal[i] * x[i];
            return;
        }
        for (int i = 0; i < x.Length; i++)
        {
            double row = 0;
            for (int j = 0; j < x.Length; j++)
                row += _hessian[i, j] * x[j];
            gradient[i] = row;
        }
    }
}
