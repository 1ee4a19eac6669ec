// The outermost eigenpairs of a symmetric operator, each with its residual and whether it converged.
using System.Numerics.Tensors;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Linear;

/// <summary>An approximate eigenpair.</summary>
/// <param name="Value">λ, vᵀAv of the vector.</param>
/// <param name="Vector">v, of unit 2-norm.</param>
/// <param name="Residual">‖Av − λv‖₂, measured with one more product: an eigenvalue of A lies within it of λ.</param>
/// <param name="Converged">Whether the residual is at most the tolerance times the largest |λ| found.</param>
public sealed record Eigenpair(double Value, double[] Vector, double Residual, bool Converged);

/// <summary>Both ends of a spectrum.</summary>
/// <param name="Largest">Descending from the algebraically largest.</param>
/// <param name="Smallest">Ascending from the algebraically smallest.</param>
/// <param name="Products">Products with the operator that it took.</param>
/// <param name="Finite">False when a product was not finite; the lists are then empty.</param>
public sealed record SpectrumEnds(IReadOnlyList<Eigenpair> Largest, IReadOnlyList<Eigenpair> Smallest, int Products, bool Finite);

/// <summary>Lanczos with full re-orthogonalisation (see <see cref="Krylov"/>).</summary>
public static class Lanczos
{
    private const int CheckEvery = 5;

    /// <summary>The <paramref name="count"/> largest and smallest eigenpairs (fewer of each where the dimension is below twice
    /// that).</summary>
    /// <remarks>A multiple eigenvalue is seen once unless <paramref name="maxProducts"/> reaches the dimension: one start vector holds one
    /// direction of its eigenspace.</remarks>
    /// <param name="a">The operator.</param>
    /// <param name="dimension">n.</param>
    /// <param name="count">k at each end.</param>
    /// <param name="random">For the start vector.</param>
    /// <param name="tolerance">Of a converged residual, relative to the largest |λ|.</param>
    /// <param name="maxProducts">Krylov dimension at most; memory is that many vectors of n.</param>
    public static SpectrumEnds Ends(
        SymmetricOperator a,
        int dimension,
        int count,
        RandomStream random,
        double tolerance = 1e-6,
        int maxProducts = 200
    )
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        double[] start = new double[dimension];
        for (int i = 0; i < dimension; i++)
            start[i] = random.NextGaussian();
        var krylov = new Krylov(a, start, random);
        int most = Math.Min(dimension, Math.Max(1, maxProducts));
        while (!krylov.IsComplete && krylov.Size < most)
        {
            krylov.Grow();
            if (!krylov.IsFinite)
                return new SpectrumEnds([], [], krylov.Size, false);
            if (krylov.Size >= 2 * count && krylov.Size % CheckEvery == 0 && Settled(krylov, count, tolerance))
                break;
        }
        var (values, vectors) = krylov.Eigen();
        int m = values.Length,
            top = Math.Min(count, (m + 1) / 2),
            bottom = Math.Min(count, m / 2),
            products = krylov.Size;
        double scale = Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
        bool finite = true;
        double[] product = new double[dimension];
        Eigenpair Pair(int i)
        {
            double[] v = krylov.Lift(vectors.Column(i));
            TensorPrimitives.Divide(v, TensorPrimitives.Norm<double>(v), v);
            a(v, product);
            products++;
            double value = TensorPrimitives.Dot<double>(v, product);
            TensorPrimitives.MultiplyAdd(v, -value, product, product);
            double residual = TensorPrimitives.Norm<double>(product);
            finite &= double.IsFinite(residual);
            return new Eigenpair(value, v, residual, residual <= tolerance * scale);
        }
        List<Eigenpair> largest = [.. Enumerable.Range(0, top).Select(i => Pair(m - 1 - i))],
            smallest = [.. Enumerable.Range(0, bottom).Select(Pair)];
        return finite ? new SpectrumEnds(largest, smallest, products, true) : new SpectrumEnds([], [], products, false);
    }

    // |β·s_last| is the residual in exact arithmetic; a third of the tolerance leaves room for the measured one.
    private static bool Settled(Krylov krylov, int count, double tolerance)
    {
        var (values, vectors) = krylov.Eigen();
        int m = values.Length;
        double bound = tolerance / 3 * Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
        for (int i = 0; i < count; i++)
            if (Math.Abs(krylov.Coupling * vectors[m - 1, i]) > bound || Math.Abs(krylov.Coupling * vectors[m - 1, m - 1 - i]) > bound)
                return false;
        return krylov.Coupling > 0;
    }
}
