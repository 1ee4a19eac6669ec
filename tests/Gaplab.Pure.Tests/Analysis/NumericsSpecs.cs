// Quantiles, isotonic fits, resamples and selection bias against closed forms, tables and brute force.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class NumericsSpecs
{
    [Fact]
    public void Quantiles_of_type_7_and_1_follow_their_definitions()
    {
        double[] sorted = [1, 2, 4, 8];
        Assert.Equal(1.75, Quantiles.Type7(sorted, 0.25), 12);
        Assert.Equal(3, Quantiles.Type7(sorted, 0.5), 12);
        Assert.Equal(8, Quantiles.Type7(sorted, 1));
        Assert.Equal(1, Quantiles.Type1(sorted, 0.25));
        Assert.Equal(2, Quantiles.Type1(sorted, 0.26));
        Assert.Equal(1, Quantiles.Type1(sorted, 0));
        Assert.Equal(double.PositiveInfinity, Quantiles.Type7([1, double.PositiveInfinity], 0.5));
    }

    [Fact]
    public void The_rank_of_a_type_1_quantile_is_not_moved_by_rounding()
    {
        double[] sorted = [.. Enumerable.Range(1, 2000).Select(i => (double)i)];
        Assert.Equal(50, Quantiles.Type1(sorted, (1 - 0.95) / 2));
        Assert.Equal(1950, Quantiles.Type1(sorted, 1 - (1 - 0.95) / 2));
    }

    [Theory]
    [InlineData(1, 12.706204736174694)]
    [InlineData(2, 4.302652729749462)]
    [InlineData(3, 3.182446305283708)]
    [InlineData(4, 2.776445105197794)]
    [InlineData(7, 2.364624251592785)]
    public void Students_t_quantile_agrees_with_the_tables(int degrees, double expected) =>
        Assert.Equal(expected, StudentTDistribution.Quantile(degrees, 0.975), 8);

    [Theory]
    [InlineData(2, 9.168)]
    [InlineData(3, 2.6886)]
    [InlineData(4, 1.8749)]
    [InlineData(5, 1.5838)]
    public void The_inflation_of_few_seeds_has_its_published_values(int seeds, double expected) =>
        Assert.Equal(expected, StudentTDistribution.BootstrapInflation(seeds), seeds == 2 ? 3 : 4);

    [Fact]
    public void The_mean_of_the_largest_normal_agrees_with_closed_forms()
    {
        Assert.Equal(0, NormalDistribution.ExpectedMaximum(1), 12);
        Assert.Equal(1 / Math.Sqrt(Math.PI), NormalDistribution.ExpectedMaximum(2), 12);
        Assert.Equal(1.5 / Math.Sqrt(Math.PI), NormalDistribution.ExpectedMaximum(3), 12);
        double angle = Math.Asin(1.0 / 3) / (2 * Math.PI);
        Assert.Equal(6 / Math.Sqrt(Math.PI) * (0.25 + angle), NormalDistribution.ExpectedMaximum(4), 12);
        Assert.Equal(5 / Math.Sqrt(Math.PI) * (0.25 + 3 * angle), NormalDistribution.ExpectedMaximum(5), 12);
    }

    [Fact]
    public void The_isotonic_fit_is_the_nearest_monotone_sequence()
    {
        // By the max-min formula of isotonic regression, which shares nothing with pooling.
        RandomStream stream = RandomStream.For(3, "test/isotonic");
        for (int trial = 0; trial < 200; trial++)
        {
            double[] y = [.. Enumerable.Range(0, 1 + trial % 9).Select(_ => stream.NextGaussian())];
            double[] fit = IsotonicRegression.Increasing(y);
            for (int i = 0; i < y.Length; i++)
            {
                double expected = double.NegativeInfinity;
                for (int from = 0; from <= i; from++)
                    expected = Math.Max(expected, Enumerable.Range(i, y.Length - i).Min(to => y[from..(to + 1)].Average()));
                Assert.Equal(expected, fit[i], 12);
            }
            Assert.Equal(
                IsotonicRegression.Increasing([.. y.Reverse()]).Reverse(),
                IsotonicRegression.Decreasing(y),
                (a, b) => Math.Abs(a - b) < 1e-12
            );
        }
    }

    [Fact]
    public void All_tuples_are_taken_up_to_five_seeds_and_2000_random_ones_beyond()
    {
        Assert.Equal([1, 4, 27, 256, 3125, 2000, 2000], Enumerable.Range(1, 7).Select(s => SeedResamples.Of(s).Count));
        SeedResamples three = SeedResamples.Of(3);
        Assert.Equal(27, Enumerable.Range(0, 27).Select(r => string.Join(",", three[r].ToArray())).Distinct().Count());
        // SplitMix64(12345) begins with 2454886589211414944, which is 0.133 of 2^64.
        Assert.Equal((int)(2454886589211414944UL / Math.Pow(2, 64) * 8), SeedResamples.Of(8)[0][0]);
    }
}
