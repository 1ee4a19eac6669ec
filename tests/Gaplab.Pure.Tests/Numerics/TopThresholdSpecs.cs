// The threshold of coordinate-wise clipping against sorting, on every shape of vector that a selection can stumble over.
using Gaplab.Numerics.Linear;
using Gaplab.Numerics.Streams;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class TopThresholdSpecs
{
    public static TheoryData<string> Vectors => ["gaussian", "signs", "zeros", "few", "wide", "descending", "infinite"];

    [Theory, MemberData(nameof(Vectors))]
    public void The_threshold_is_the_one_that_sorting_finds(string kind)
    {
        foreach (int count in (int[])[1, 2, 7, 8, 9, 1000, 4097])
        {
            double[] vector = Vector(kind, count);
            double[] sorted = [.. vector.Select(Math.Abs).OrderDescending()];
            foreach (double fraction in (double[])[1e-6, 0.1, 0.29, 1.0 / 3, 0.5, 0.9, 1])
            {
                int k = Math.Min((int)Math.Floor(count * fraction + 1e-9), count - 1);
                Assert.Equal(sorted[k], TopThreshold.Of<double>(vector, fraction));
                float[] single = [.. vector.Select(v => (float)v)];
                Assert.Equal(single.Select(Math.Abs).OrderDescending().ElementAt(k), TopThreshold.Of<float>(single, fraction));

                double[] clipped = [.. vector];
                int above = TopThreshold.Clip<double>(clipped, sorted[k]);
                Assert.Equal(vector.Select(v => Math.Sign(v) * Math.Min(Math.Abs(v), sorted[k])), clipped.Select(v => v == 0 ? 0 : v));
                Assert.Equal(sorted.Count(v => v > sorted[k]), above);
                Assert.True(above <= k);
            }
            Assert.Equal(double.PositiveInfinity, TopThreshold.Of<double>(vector, 0));
        }
    }

    /// <summary>Long enough to be bracketed by a sample; of "misleading" vectors every sampled coordinate is small, so that the bracket
    /// misses.</summary>
    [Theory]
    [InlineData("gaussian")]
    [InlineData("signs")]
    [InlineData("zeros")]
    [InlineData("few")]
    [InlineData("wide")]
    [InlineData("infinite")]
    [InlineData("misleading")]
    [InlineData("nan")]
    public void The_threshold_of_a_long_vector_is_the_one_that_sorting_finds(string kind)
    {
        const int Count = 200_003,
            Stride = Count / 8192;
        double[] vector = Vector(kind == "misleading" || kind == "nan" ? "gaussian" : kind, Count);
        for (int i = 0; i < Count; i++)
        {
            if (kind == "misleading")
                vector[i] *= i % Stride == 0 ? 1e-9 : 1;
            if (kind == "nan" && i % 50 == 3)
                vector[i] = double.NaN;
        }
        float[] single = [.. vector.Select(v => (float)v)];
        // NaN counts as larger than every number.
        double[] sorted = [.. vector.Select(Math.Abs).Order().Reverse()];
        if (kind == "nan")
            sorted = [.. sorted.Where(double.IsNaN), .. sorted.Where(v => !double.IsNaN(v))];
        foreach (double fraction in (double[])[1e-6, 0.001, 0.1, 0.5, 0.999, 1])
        {
            int k = TopThreshold.Rank(Count, fraction);
            Assert.Equal(sorted[k], TopThreshold.Of<double>(vector, fraction));
            Assert.Equal((float)sorted[k], TopThreshold.Of<float>(single, fraction));
        }
        if (kind == "nan")
            return;
        Assert.Equal(single.Count(v => Math.Abs(v) > (float)sorted[20_000]), TopThreshold.Clip<float>(single, (float)sorted[20_000]));
    }

    [Fact]
    public void Rounding_does_not_lose_a_coordinate_and_one_always_remains()
    {
        Assert.Equal(29, TopThreshold.Rank(100, 0.29));
        Assert.Equal(0, TopThreshold.Rank(9, 0.1));
        Assert.Equal(9, TopThreshold.Rank(10, 1));
    }

    [Fact]
    public void NaN_stays_NaN_and_counts_as_the_largest()
    {
        double[] vector = [.. Vector("gaussian", 37), double.NaN];
        double second = vector[..37].Max(Math.Abs);
        Assert.Equal(second, TopThreshold.LargestMagnitude<double>(vector, 1));
        TopThreshold.Clip<double>(vector, 0.5);
        Assert.True(double.IsNaN(vector[37]));
        Assert.All(vector[..37], v => Assert.True(Math.Abs(v) <= 0.5));
    }

    private static double[] Vector(string kind, int count)
    {
        RandomStream stream = RandomStream.For(3, "top-threshold/" + kind);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    kind switch
                    {
                        "gaussian" => stream.NextGaussian(),
                        "signs" => stream.NextDouble() < 0.5 ? -1.0 : 1,
                        "zeros" => stream.NextDouble() < 0.8 ? 0 : stream.NextGaussian(),
                        "few" => (double)stream.NextIndex(4) - 2,
                        "wide" => stream.NextGaussian() * Math.Pow(10, 30 * (stream.NextDouble() - 0.5)),
                        "descending" => count - i,
                        _ => stream.NextDouble() < 0.1 ? double.NegativeInfinity : stream.NextGaussian(),
                    }
                ),
        ];
    }
}
