// A Krylov basis by Lanczos's recurrence with full re-orthogonalisation, grown step by step.
using System.Numerics.Tensors;
using Gaplab.Numerics.Streams;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Gaplab.Numerics.Linear;

/// <summary>V orthonormal, V'AV = T tridiagonal (Lanczos 1950; re-orthogonalised twice against all of V, after Parlett 1998, so that no
/// ghost eigenvalues appear).</summary>
/// <remarks>When the space is exhausted before the dimension is (fewer distinct eigenvalues than dimensions), the recurrence goes on with a
/// fresh random vector, coupled by zero: multiple eigenvalues are found if it is run to the end.</remarks>
internal sealed class Krylov
{
    // Below this multiple of T's size a new vector is rounding error and not a direction.
    private const double Breakdown = 1e-12;

    private readonly SymmetricOperator _a;
    private readonly int _dimension;
    private readonly RandomStream _random;
    private readonly List<double[]> _basis = [];
    private readonly List<double> _diagonal = [],
        _below = [];
    private double[]? _next;

    public Krylov(SymmetricOperator a, ReadOnlySpan<double> start, RandomStream random)
    {
        (_a, _dimension, _random) = (a, start.Length, random);
        double norm = TensorPrimitives.Norm(start);
        if (!(norm > 0) || !double.IsFinite(norm))
            throw new ArgumentException("a Krylov space needs a finite start that is not zero", nameof(start));
        _next = start.ToArray();
        TensorPrimitives.Divide(_next, norm, _next);
    }

    public int Size => _basis.Count;

    /// <summary>Whether the basis spans the whole space.</summary>
    public bool IsComplete => _next is null;

    /// <summary>β after the last vector: what couples the basis to the rest of the space.</summary>
    public double Coupling { get; private set; }

    /// <summary>Whether all products were finite.</summary>
    public bool IsFinite { get; private set; } = true;

    /// <summary>One more basis vector, for one product.</summary>
    public void Grow()
    {
        if (_next is null)
            throw new InvalidOperationException("the basis spans the whole space");
        double[] v = _next,
            w = new double[_dimension];
        _basis.Add(v);
        _a(v, w);
        double alpha = TensorPrimitives.Dot<double>(v, w);
        if (!double.IsFinite(alpha) || !double.IsFinite(TensorPrimitives.SumOfSquares<double>(w)))
        {
            (IsFinite, _next) = (false, null);
            _diagonal.Add(double.NaN);
            return;
        }
        _diagonal.Add(alpha);
        Orthogonalise(w);
        double beta = TensorPrimitives.Norm<double>(w),
            scale = _diagonal.Max(Math.Abs) + (_below.Count == 0 ? 0 : _below.Max());
        if (Size == _dimension)
        {
            (Coupling, _next) = (0, null);
            return;
        }
        if (beta <= Breakdown * scale || beta == 0)
        {
            // An invariant subspace: its eigenpairs are exact. Go on in its complement.
            beta = 0;
            for (int i = 0; i < _dimension; i++)
                w[i] = _random.NextGaussian();
            Orthogonalise(w);
            TensorPrimitives.Divide(w, TensorPrimitives.Norm<double>(w), w);
        }
        else
        {
            TensorPrimitives.Divide(w, beta, w);
        }
        _below.Add(beta);
        Coupling = beta;
        _next = w;
    }

    /// <summary>Eigenvalues of T ascending, and its eigenvectors as columns [Size, Size].</summary>
    public (double[] Values, Matrix<double> Vectors) Eigen()
    {
        int m = Size;
        var t = DenseMatrix.Create(m, m, 0);
        for (int i = 0; i < m; i++)
        {
            t[i, i] = _diagonal[i];
            if (i + 1 < m)
                t[i, i + 1] = t[i + 1, i] = _below[i];
        }
        var eigen = t.Evd(Symmetricity.Symmetric);
        return ([.. eigen.EigenValues.Select(z => z.Real)], eigen.EigenVectors);
    }

    /// <summary>V·s.</summary>
    public double[] Lift(Vector<double> s)
    {
        double[] y = new double[_dimension];
        for (int i = 0; i < Size; i++)
            TensorPrimitives.MultiplyAdd(_basis[i], s[i], y, y);
        return y;
    }

    private void Orthogonalise(double[] w)
    {
        // Twice is enough (Kahan; Giraud, Langou and Rozložník 2005).
        for (int pass = 0; pass < 2; pass++)
            foreach (double[] v in _basis)
                TensorPrimitives.MultiplyAdd(v, -TensorPrimitives.Dot<double>(v, w), w, w);
    }
}
