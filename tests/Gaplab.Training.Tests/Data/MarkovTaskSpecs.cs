// The synthetic source: exact stationarity, frequencies, and its entropy rate against brute force and simulation.
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;
using MathNet.Numerics.Distributions;

namespace Gaplab.Training.Tests.Data;

public sealed class MarkovTaskSpecs
{
    public static TheoryData<int, double, double> Sources =>
        new()
        {
            { 2, 1, 0.7 },
            { 16, 0, 0.7 },
            { 64, 1, 0.7 },
            { 64, 1, 0 },
            { 64, 0, 0.99 },
            { 300, 1.2, 0.9 },
            { 300, 3, 0.5 },
            { 65, 0.5, 1 },
        };

    [Theory, MemberData(nameof(Sources))]
    public void Rows_are_laws_and_Zipf_is_stationary(int vocabulary, double exponent, double dependence)
    {
        var source = new MarkovSource(vocabulary, exponent, dependence, seed: 1);
        double norm = Enumerable.Range(1, vocabulary).Sum(r => Math.Pow(r, -exponent));
        var next = new double[vocabulary];
        for (int i = 0; i < vocabulary; i++)
        {
            double[] row = source.TransitionRow(i);
            Assert.Equal(1, row.Sum(), 1e-12);
            Assert.All(row, p => Assert.InRange(p, 0, 1 + 1e-12));
            Assert.Equal(Math.Pow(i + 1, -exponent) / norm, source.Stationary[i], 1e-14);
            for (int j = 0; j < vocabulary; j++)
                next[j] += source.Stationary[i] * row[j];
        }
        for (int j = 0; j < vocabulary; j++)
            Assert.Equal(source.Stationary[j], next[j], 1e-12);
    }

    [Theory, MemberData(nameof(Sources))]
    public void The_entropy_rate_equals_the_sum_over_the_whole_matrix(int vocabulary, double exponent, double dependence)
    {
        var source = new MarkovSource(vocabulary, exponent, dependence, seed: 1);
        double rate = 0;
        for (int i = 0; i < vocabulary; i++)
            rate -= source.Stationary[i] * source.TransitionRow(i).Where(p => p > 0).Sum(p => p * Math.Log(p));
        Assert.Equal(rate, source.EntropyRate, 1e-11);
        if (dependence == 0)
            Assert.Equal(source.UnigramEntropy, source.EntropyRate, 1e-12);
        else
            Assert.True(source.EntropyRate < source.UnigramEntropy - 0.01);
    }

    [Fact]
    public void Doubling_the_matrix_gives_twice_the_entropy_of_two_steps()
    {
        // H(X1, X2 | X0) = 2 H: the chain rule, with the law of pairs summed by brute force.
        var source = new MarkovSource(12, 1, 0.7, seed: 3);
        double[][] p = [.. Enumerable.Range(0, 12).Select(source.TransitionRow)];
        double pairs = 0;
        for (int i = 0; i < 12; i++)
        for (int j = 0; j < 12; j++)
        for (int k = 0; k < 12; k++)
        {
            double q = p[i][j] * p[j][k];
            if (q > 0)
                pairs -= source.Stationary[i] * q * Math.Log(q);
        }
        Assert.Equal(2 * source.EntropyRate, pairs, 1e-12);
    }

    [Fact]
    public void Token_frequencies_of_independent_draws_follow_Zipf()
    {
        // Every 40th token of a chain that forgets with probability 0.3 a step: the dependence left is 0.7^40 < 1e-6.
        var source = new MarkovSource(32, 1, 0.7, seed: 5);
        long[] ids = TokenizerSpecs.Ids(source.Generate(2_000_000));
        var counts = new double[32];
        int draws = 0;
        for (int t = 0; t < ids.Length; t += 40, draws++)
            counts[ids[t]]++;
        double statistic = 0;
        for (int i = 0; i < 32; i++)
            statistic += Math.Pow(counts[i] - draws * source.Stationary[i], 2) / (draws * source.Stationary[i]);
        Assert.InRange(statistic, ChiSquared.InvCDF(31, 0.001), ChiSquared.InvCDF(31, 0.999));
    }

    [Fact]
    public void Transitions_of_the_text_follow_the_matrix()
    {
        var source = new MarkovSource(8, 1, 0.6, seed: 9);
        long[] ids = TokenizerSpecs.Ids(source.Generate(400_000));
        var counts = new double[8, 8];
        for (int t = 1; t < ids.Length; t++)
            counts[ids[t - 1], ids[t]]++;
        double statistic = 0;
        for (int i = 0; i < 8; i++)
        {
            double visits = Enumerable.Range(0, 8).Sum(j => counts[i, j]);
            double[] row = source.TransitionRow(i);
            for (int j = 0; j < 8; j++)
                statistic += Math.Pow(counts[i, j] - visits * row[j], 2) / (visits * row[j]);
        }
        Assert.InRange(statistic, ChiSquared.InvCDF(8 * 7, 0.001), ChiSquared.InvCDF(8 * 7, 0.999));
    }

    [Fact]
    public void The_entropy_rate_agrees_with_an_estimate_from_the_text_alone()
    {
        // Plug-in conditional entropy of bigram counts with the Miller-Madow correction (cells - contexts)/2n.
        var source = new MarkovSource(16, 1, 0.7, seed: 2);
        long[] ids = TokenizerSpecs.Ids(source.Generate(2_000_000));
        var counts = new double[16, 16];
        for (int t = 1; t < ids.Length; t++)
            counts[ids[t - 1], ids[t]]++;
        double n = ids.Length - 1,
            entropy = 0,
            cells = 0;
        for (int i = 0; i < 16; i++)
        {
            double visits = Enumerable.Range(0, 16).Sum(j => counts[i, j]);
            for (int j = 0; j < 16; j++)
                if (counts[i, j] > 0)
                {
                    entropy -= counts[i, j] / n * Math.Log(counts[i, j] / visits);
                    cells++;
                }
        }
        Assert.Equal(source.EntropyRate, entropy + (cells - 16) / (2 * n), 0.003); // about 4 sd of 2e6 draws
    }

    [Fact]
    public void The_text_is_fixed_by_the_seed_and_a_longer_one_begins_with_it()
    {
        long[] shorter = TokenizerSpecs.Ids(new MarkovSource(64, 1, 0.7, 1).Generate(1000)),
            longer = TokenizerSpecs.Ids(new MarkovSource(64, 1, 0.7, 1).Generate(2000));
        Assert.Equal(shorter, longer[..1000]);
        Assert.NotEqual(shorter, TokenizerSpecs.Ids(new MarkovSource(64, 1, 0.7, 2).Generate(1000)));
    }

    [Fact]
    public void Contexts_differ_and_frequent_tokens_are_followed_by_more()
    {
        var source = new MarkovSource(64, 1, 0.7, seed: 1);
        static double Entropy(double[] row) => -row.Sum(p => p > 0 ? p * Math.Log(p) : 0);
        Assert.True(Entropy(source.TransitionRow(0)) > Entropy(source.TransitionRow(63)) + 0.2);
        Assert.True(source.TransitionRow(1).Zip(source.TransitionRow(2), (a, b) => Math.Abs(a - b)).Sum() / 2 > 0.2);
    }

    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(70000, 1, 0.5)]
    [InlineData(10, -1, 0.5)]
    [InlineData(10, double.NaN, 0.5)]
    [InlineData(10, 1, 1.5)]
    public void Impossible_sources_are_refused(int vocabulary, double exponent, double dependence) =>
        Assert.Throws<InputException>(() => new MarkovSource(vocabulary, exponent, dependence, 1));
}
