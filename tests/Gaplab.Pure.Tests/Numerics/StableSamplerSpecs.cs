// Stable samplers: exact values of the maps, vectors against the scalar map, and the characteristic function that defines each law.
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class StableSamplerSpecs
{
    // 60-digit arithmetic.
    [Theory]
    [InlineData(1.5, 0.4, 0.05, -0.1736571117425449)]
    [InlineData(1.0, 0.25, 1.0, -1.0)]
    [InlineData(1.99999, 0.05, 3.0, -3.421439552430228)]
    public void The_symmetric_map_has_its_exact_values(double alpha, double u, double w, double expected) =>
        Assert.InRange(StableMap.Symmetric(alpha, u, w) / expected, 1 - 1e-12, 1 + 1e-12);

    [Theory]
    [InlineData(1.3, 1.0, 0.05, 0.4, -0.5782165734895347)]
    [InlineData(1.000001, 0.7, 0.8, 0.5, 2.6564205201895517)]
    [InlineData(0.999999999, 0.7, 0.8, 0.5, 2.6564237164705755)]
    [InlineData(2.0, 0.0, 0.9, 1.1, 1.994952978800474)]
    public void The_skew_map_has_its_exact_values(double alpha, double beta, double u, double w, double expected) =>
        Assert.InRange(StableMap.Skew(alpha, beta, u, w) / expected, 1 - 1e-12, 1 + 1e-12);

    [Fact]
    public void Without_skewness_the_two_maps_agree()
    {
        RandomStream stream = RandomStream.For(4, "maps");
        foreach (double alpha in (double[])[0.3, 0.8, 0.999999, 1, 1.2, 1.7, 1.999])
            for (int i = 0; i < 200; i++)
            {
                double u = RandomUniform.Open(stream),
                    w = -Math.Log(RandomUniform.Open(stream)),
                    symmetric = StableMap.Symmetric(alpha, u, w);
                Assert.InRange((StableMap.Skew(alpha, 0, u, w) - symmetric) / (1 + Math.Abs(symmetric)), -1e-11, 1e-11);
            }
    }

    [Theory]
    [
        InlineData(0.25),
        InlineData(0.8),
        InlineData(1.0),
        InlineData(1.0000001),
        InlineData(1.5),
        InlineData(1.95),
        InlineData(1.999999),
        InlineData(2.0)
    ]
    public void Vectors_hold_what_the_scalar_map_gives_one_by_one(double alpha)
    {
        var law = new SymmetricStable(alpha);
        RandomStream many = RandomStream.For(1, "fill"),
            one = RandomStream.For(1, "fill");
        var values = new double[10_007];
        law.Fill(many, values);
        double error = alpha < 0.5 ? 1e-12 : 1e-13; // powers of up to 1/α multiply the errors of logarithms
        foreach (double value in values)
            Assert.InRange(value / law.Next(one), 1 - error, 1 + error);
        Assert.Equal(one.State, many.State);
    }

    // The wide text is emulated where the processor is narrow, and the other way round: both run everywhere.
    [Theory]
    [InlineData(0.25, 5000)]
    [InlineData(1.0, 37)]
    [InlineData(1.7, 5000)]
    [InlineData(2.0, 3)]
    public void Vectors_of_either_width_give_the_same_bits(double alpha, int count)
    {
        ulong state = RandomStream.For(8, "widths").State;
        double[] wide = new double[count],
            narrow = new double[count];
        float[] wideSingle = new float[count],
            narrowSingle = new float[count];
        new SymmetricLanes(alpha).Fill(state, wide);
        new HalfSymmetricLanes(alpha).Fill(state, narrow);
        Assert.Equal(wide, narrow);
        new SymmetricLanes(alpha).Fill(state, wideSingle);
        new HalfSymmetricLanes(alpha).Fill(state, narrowSingle);
        Assert.Equal(wideSingle, narrowSingle);
        new PositiveLanes(alpha / 2.5).Fill(state, wide);
        new HalfPositiveLanes(alpha / 2.5).Fill(state, narrow);
        Assert.Equal(wide, narrow);
    }

    [Fact]
    public void A_long_fill_equals_short_ones()
    {
        var law = new SymmetricStable(1.4);
        RandomStream whole = RandomStream.For(2, "pieces"),
            pieces = RandomStream.For(2, "pieces");
        double[] doubles = new double[1000],
            parts = new double[1000];
        float[] floats = new float[1000],
            singles = new float[1000];
        law.Fill(whole, doubles);
        law.Fill(whole, floats);
        for (int from = 0, length = 1; from < 1000; from += length, length = Math.Min(length + 2, 1000 - from))
            law.Fill(pieces, parts.AsSpan(from, Math.Min(length, 1000 - from)));
        for (int from = 0, length = 1; from < 1000; from += length, length = Math.Min(length + 2, 1000 - from))
            law.Fill(pieces, singles.AsSpan(from, Math.Min(length, 1000 - from)));
        Assert.Equal(doubles, parts);
        Assert.Equal(floats, singles);
    }

    // E cos(tX) = exp(−|t|^α): a bounded mean, so its error is at most 1/√n a term, whatever the tails.
    [Theory]
    [InlineData(0.3), InlineData(0.8), InlineData(1.0), InlineData(1.5), InlineData(1.9), InlineData(2.0)]
    public void The_characteristic_function_is_that_of_the_law(double alpha)
    {
        const int N = 400_000;
        var law = new SymmetricStable(alpha);
        var doubles = new double[N];
        var floats = new float[N];
        law.Fill(RandomStream.For(3, "cf64"), doubles);
        law.Fill(RandomStream.For(3, "cf32"), floats);
        foreach (double t in (double[])[0.05, 0.3, 1, 2])
        {
            double exact = Math.Exp(-Math.Pow(t, alpha));
            Close(exact, doubles.Select(x => Math.Cos(t * x)));
            Close(exact, floats.Select(x => Math.Cos(t * x)));
            Close(0, doubles.Select(x => Math.Sin(t * x)));
            Close(0, floats.Select(x => Math.Sin(t * x)));
        }
    }

    // Of X₀ in the location S0: E exp(itX) = exp(−|t|^α (1 + iβ tan(πα/2) sgn t (|t|^{1−α} − 1))).
    [Theory]
    [InlineData(0.7, 1), InlineData(0.9999999, 0.5), InlineData(1.3, -0.8), InlineData(1.9, 1)]
    public void The_characteristic_function_of_the_skew_law_is_that_of_the_location_S0(double alpha, double beta)
    {
        var values = new double[200_000];
        new SkewStable(alpha, beta).Fill(RandomStream.For(5, "skew"), values);
        foreach (double t in (double[])[0.2, 1, 1.7])
        {
            double log = Math.Log(t),
                tail = Math.Abs(alpha - 1) < 1e-4 ? 2 / Math.PI * log : Math.Tan(Math.PI * alpha / 2) * (Math.Pow(t, 1 - alpha) - 1);
            double phase = -Math.Pow(t, alpha) * beta * tail,
                size = Math.Exp(-Math.Pow(t, alpha));
            Close(size * Math.Cos(phase), values.Select(x => Math.Cos(t * x)));
            Close(size * Math.Sin(phase), values.Select(x => Math.Sin(t * x)));
        }
    }

    [Theory]
    [InlineData(0.4), InlineData(0.75), InlineData(0.95)]
    public void The_positive_law_has_its_Laplace_transform(double a)
    {
        RandomStream stream = RandomStream.For(6, "positive");
        double[] values =
        [
            .. Enumerable
                .Range(0, 200_000)
                .Select(_ => StableMap.Positive(a, RandomUniform.Open(stream), -Math.Log(RandomUniform.Open(stream)))),
        ];
        Assert.All(values, v => Assert.True(v > 0));
        foreach (double s in (double[])[0.1, 1, 4])
            Close(Math.Exp(-Math.Pow(s, a)), values.Select(v => Math.Exp(-s * v)));
    }

    [Theory]
    [InlineData(0.3), InlineData(0.5), InlineData(0.9), InlineData(0.9999)]
    public void Positive_vectors_hold_what_the_scalar_map_gives_one_by_one(double a)
    {
        RandomStream many = RandomStream.For(8, "positive"),
            one = RandomStream.For(8, "positive");
        var values = new double[10_003];
        new PositiveStable(a).Fill(many, values);
        foreach (double value in values)
            Assert.InRange(
                value / StableMap.Positive(a, RandomUniform.Open(one), -Math.Log(RandomUniform.Open(one))),
                1 - 1e-12,
                1 + 1e-12
            );
        Assert.Equal(one.State, many.State);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PositiveStable(1));
    }

    [Theory]
    [InlineData(0.8, 3), InlineData(1.5, 2), InlineData(2, 4)]
    public void The_isotropic_law_is_the_same_in_every_direction(double alpha, int dimension)
    {
        var law = new IsotropicStable(alpha, dimension);
        RandomStream stream = RandomStream.For(7, "isotropic");
        double[][] vectors =
        [
            .. Enumerable
                .Range(0, 150_000)
                .Select(_ =>
                {
                    var x = new double[dimension];
                    law.Next(stream, x);
                    return x;
                }),
        ];
        foreach (double angle in (double[])[0, 0.4, 1.1, 2.5])
            Close(Math.Exp(-1), vectors.Select(x => Math.Cos((Math.Cos(angle) * x[0]) + (Math.Sin(angle) * x[1]))));
    }

    [Fact]
    public void Impossible_parameters_are_refused()
    {
        foreach (double alpha in (double[])[0, -1, 2.0001, double.NaN])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new SymmetricStable(alpha));
            Assert.Throws<ArgumentOutOfRangeException>(() => StableMap.Symmetric(alpha, 0.5, 1));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new SkewStable(1.5, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IsotropicStable(1.5, 0));
    }

    private static void Close(double exact, IEnumerable<double> terms)
    {
        double[] values = [.. terms];
        double mean = values.Average(),
            error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length / values.Length);
        Assert.InRange(mean, exact - (4.5 * error) - 1e-6, exact + (4.5 * error) + 1e-6);
    }
}
