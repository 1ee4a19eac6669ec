// The trace of an operator known by its products, with the standard error of its random part.
using System.Numerics.Tensors;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Linear;

/// <summary>Hutch++: the trace on a sketched subspace exactly, the rest by Hutchinson's probes (Meyer, Musco, Musco and Woodruff 2021,
/// algorithm 1).</summary>
public static class HutchPlusPlus
{
    /// <summary>tr A from about <paramref name="products"/> products: a third sketches, a third is the exact part, a third probes the
    /// complement.</summary>
    /// <remarks>With 3n products or more the sketch spans the space and the answer is exact. The standard error is the probes' spread over
    /// the root of their number, conditional on the sketch; the probes are independent of it, so the estimate is unbiased.</remarks>
    public static Estimate Trace(SymmetricOperator a, int dimension, RandomStream random, int products = 60)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        int third = Math.Max(2, products / 3);
        List<double[]> basis = Sketch(a, dimension, random, Math.Min(third, dimension));
        double[] product = new double[dimension];
        double exact = 0;
        foreach (double[] q in basis)
        {
            a(q, product);
            exact += TensorPrimitives.Dot<double>(q, product);
        }
        if (basis.Count == dimension)
            return new Estimate(exact, 0);
        double[] samples = new double[third];
        for (int i = 0; i < third; i++)
        {
            double[] z = Rademacher(dimension, random);
            Project(z, basis);
            a(z, product);
            samples[i] = TensorPrimitives.Dot<double>(z, product);
        }
        return new Estimate(exact + samples.Average(), SampleError.OfMean(samples));
    }

    // An orthonormal basis of the range of A·S, S of random signs.
    private static List<double[]> Sketch(SymmetricOperator a, int dimension, RandomStream random, int columns)
    {
        var basis = new List<double[]>();
        for (int i = 0; i < columns; i++)
        {
            double[] z = Rademacher(dimension, random),
                y = new double[dimension];
            a(z, y);
            double before = TensorPrimitives.Norm<double>(y);
            Project(y, basis);
            Project(y, basis);
            double norm = TensorPrimitives.Norm<double>(y);
            if (!(norm > 1e-10 * before))
                continue; // the range of a matrix of low rank is spanned already
            TensorPrimitives.Divide(y, norm, y);
            basis.Add(y);
        }
        return basis;
    }

    private static void Project(double[] z, List<double[]> basis)
    {
        foreach (double[] q in basis)
            TensorPrimitives.MultiplyAdd(q, -TensorPrimitives.Dot<double>(q, z), z, z);
    }

    internal static double[] Rademacher(int dimension, RandomStream random)
    {
        double[] z = new double[dimension];
        for (int i = 0; i < dimension; i++)
            z[i] = (long)random.NextUInt64() < 0 ? -1 : 1;
        return z;
    }
}
