// The spectral density of an operator by stochastic Lanczos quadrature, with the error of its probes.

using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Linear;

/// <summary>One probe's Gauss quadrature: nodes θ_i (Ritz values, ascending) and weights that add up to 1.</summary>
public sealed record Quadrature(IReadOnlyList<double> Nodes, IReadOnlyList<double> Weights)
{
    /// <summary>Gauss quadrature of the measure Σ(v_i·b)²δ(t − λ_i)/|b|², v_i the operator's eigenvectors: how a vector b lies in them
    /// (Golub and Meurant 1994).</summary>
    /// <param name="a">The operator.</param>
    /// <param name="start">b, not zero.</param>
    /// <param name="random">For going on past an invariant subspace; the result does not depend on it.</param>
    /// <param name="steps">Products at most.</param>
    /// <returns>Null when a product was not finite.</returns>
    public static Quadrature? From(SymmetricOperator a, ReadOnlySpan<double> start, RandomStream random, int steps)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(random);
        var krylov = new Krylov(a, start, random);
        // Past an invariant subspace the start vector has no part: the quadrature is complete there.
        do krylov.Grow();
        while (!krylov.IsComplete && krylov.Size < steps && krylov.Coupling > 0);
        if (!krylov.IsFinite)
            return null;
        var (values, vectors) = krylov.Eigen();
        return new Quadrature(values, [.. Enumerable.Range(0, values.Length).Select(i => vectors[0, i] * vectors[0, i])]);
    }
}

/// <summary>φ(t) = (1/n)Σδ(t − λ_i) as the mean of random quadratures (Golub and Meurant 1994; Ubaru, Chen and Saad 2017; Ghorbani,
/// Krishnan and Xiao 2019).</summary>
public sealed class SpectralDensity
{
    private SpectralDensity(int dimension, IReadOnlyList<Quadrature> probes) => (Dimension, Probes) = (dimension, probes);

    /// <summary>n.</summary>
    public int Dimension { get; }

    public IReadOnlyList<Quadrature> Probes { get; }

    /// <summary>Quadratures of Gaussian probes, each of at most <paramref name="steps"/> products. A quadrature is exact for polynomials up
    /// to degree 2·steps − 1.</summary>
    /// <returns>Null when a product was not finite.</returns>
    public static SpectralDensity? Estimate(SymmetricOperator a, int dimension, RandomStream random, int probes = 10, int steps = 60)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(random);
        var quadratures = new List<Quadrature>();
        for (int p = 0; p < probes; p++)
        {
            double[] start = new double[dimension];
            for (int i = 0; i < dimension; i++)
                start[i] = random.NextGaussian();
            if (Quadrature.From(a, start, random, steps) is not { } quadrature)
                return null;
            quadratures.Add(quadrature);
        }
        return new SpectralDensity(dimension, quadratures);
    }

    /// <summary>∫f(t)φ(t)dt, tr f(A)/n: the mean over the probes and its standard error.</summary>
    public Estimate Integral(Func<double, double> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        double[] values = [.. Probes.Select(q => q.Nodes.Zip(q.Weights, (t, w) => w * f(t)).Sum())];
        return new Estimate(values.Average(), SampleError.OfMean(values));
    }

    /// <summary>The density at t, smoothed by a Gaussian of standard deviation <paramref name="width"/>.</summary>
    public Estimate At(double t, double width) =>
        Integral(x => Math.Exp(-0.5 * Math.Pow((t - x) / width, 2)) / (width * Math.Sqrt(2 * Math.PI)));

    /// <summary>The fraction of eigenvalues below t.</summary>
    public Estimate Below(double t) => Integral(x => x < t ? 1 : 0);
}
