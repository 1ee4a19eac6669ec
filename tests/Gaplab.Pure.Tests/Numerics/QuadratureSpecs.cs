// Quadratures that start at a given vector, against the vector's own parts.
using Gaplab.Numerics.Linear;
using Gaplab.Numerics.Streams;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class QuadratureSpecs
{
    private static readonly double[] s_values = [-2, 0.5, 1, 3, 7];

    private static void Diagonal(ReadOnlySpan<double> x, Span<double> product)
    {
        for (int i = 0; i < x.Length; i++)
            product[i] = s_values[i] * x[i];
    }

    [Fact]
    public void Run_to_the_dimension_it_has_the_share_of_the_vector_at_every_eigenvalue()
    {
        double[] start = [1, -2, 3, 0.5, 4];
        Quadrature q = Quadrature.From(Diagonal, start, RandomStream.For(1, "test"), 5)!;
        double square = start.Sum(b => b * b);
        Assert.Equal(5, q.Nodes.Count);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(s_values[i], q.Nodes[i], 1e-10);
            Assert.Equal(start[i] * start[i] / square, q.Weights[i], 1e-10);
        }
    }

    [Fact]
    public void A_vector_in_an_invariant_subspace_sees_nothing_outside_and_shorter_ones_keep_the_moments()
    {
        Quadrature within = Quadrature.From(Diagonal, [0, 3, 0, 4, 0], RandomStream.For(1, "test"), 5)!;
        Assert.Equal(2, within.Nodes.Count);
        Assert.Equal(0.36, within.Weights[0], 1e-10);
        // k nodes keep the first 2k − 1 moments.
        double[] start = [1, -2, 3, 0.5, 4];
        Quadrature q = Quadrature.From(Diagonal, start, RandomStream.For(1, "test"), 2)!;
        for (int power = 0; power <= 3; power++)
            Assert.Equal(
                start.Zip(s_values, (b, v) => b * b * Math.Pow(v, power)).Sum() / start.Sum(b => b * b),
                q.Nodes.Zip(q.Weights, (t, w) => w * Math.Pow(t, power)).Sum(),
                1e-9
            );
    }

    [Fact]
    public void A_product_that_is_not_finite_gives_none() =>
        Assert.Null(Quadrature.From((_, product) => product.Fill(double.NaN), [1, 2], RandomStream.For(1, "test"), 2));
}
