// Isotropic stable vectors: a Gaussian vector times the root of a positive stable variate.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Stable;

/// <summary>The isotropic α-stable law in d dimensions, characteristic function exp(−|t|^α) of a vector t.</summary>
/// <remarks>L = √(2T) g with g standard normal and T positive α/2-stable (Samorodnitsky and Taqqu 1994, 2.5). Every vector takes 2 + 2d
/// outputs of the stream.</remarks>
public sealed class IsotropicStable
{
    private static readonly SymmetricStable s_gaussian = new(2);

    /// <param name="alpha">0 &lt; α ≤ 2.</param>
    /// <param name="dimension">d, at least 1.</param>
    public IsotropicStable(double alpha, int dimension)
    {
        StableMap.CheckAlpha(alpha);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        (Alpha, Dimension) = (alpha, dimension);
    }

    public double Alpha { get; }

    public int Dimension { get; }

    /// <summary>One vector.</summary>
    /// <param name="vector">[Dimension]</param>
    public void Next(RandomStream stream, Span<double> vector)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (vector.Length != Dimension)
            throw new ArgumentException($"a vector of {vector.Length} elements; expected {Dimension}", nameof(vector));
        double u = RandomUniform.Open(stream),
            w = -Math.Log(RandomUniform.Open(stream));
        double root = Math.Sqrt(StableMap.Positive(Alpha / 2, u, w));
        s_gaussian.Fill(stream, vector); // N(0, 2) each
        foreach (ref double x in vector)
            x *= root;
    }
}
