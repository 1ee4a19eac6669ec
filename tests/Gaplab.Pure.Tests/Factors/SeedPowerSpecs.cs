// The noncentral t and the number of seeds against published sample sizes, against simulation, and through the analysis itself.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Factors;

public sealed class SeedPowerSpecs
{
    /// <summary>Sample sizes of the two-sided paired t test at 5%, as standard power programs give them.</summary>
    [Theory]
    [InlineData(0.2, 0.8, 199)]
    [InlineData(0.5, 0.8, 34)]
    [InlineData(0.8, 0.8, 15)]
    [InlineData(1.0, 0.8, 10)]
    [InlineData(0.5, 0.9, 44)]
    public void Seeds_are_those_of_the_published_tables(double standardised, double power, int seeds) =>
        Assert.Equal(seeds, NoncentralT.Seeds(standardised, 1, power));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void Without_a_difference_it_is_students_t(double degrees)
    {
        foreach (double t in (double[])[-3, -0.5, 0, 1.2, 4])
            Assert.Equal(StudentTDistribution.Cumulative(degrees, t), NoncentralT.Cumulative(t, degrees, 0), 8);
    }

    [Theory]
    [InlineData(2, 1.5)]
    [InlineData(5, -0.7)]
    [InlineData(30, 3)]
    public void It_agrees_with_draws(int degrees, double shift)
    {
        const int Draws = 40_000;
        RandomStream stream = RandomStream.For(7, "noncentral-t", degrees);
        double[] draws =
        [
            .. Enumerable
                .Range(0, Draws)
                .Select(_ =>
                {
                    double sum = 0,
                        z = stream.NextGaussian() + shift;
                    for (int i = 0; i < degrees; i++)
                        sum += Math.Pow(stream.NextGaussian(), 2);
                    return z / Math.Sqrt(sum / degrees);
                }),
        ];
        foreach (double t in (double[])[-1, 0.5, 2, 4])
        {
            double p = NoncentralT.Cumulative(t, degrees, shift),
                seen = draws.Count(d => d <= t) / (double)Draws;
            Assert.InRange(seen - p, -4.5 * Math.Sqrt(p * (1 - p) / Draws) - 1e-9, 4.5 * Math.Sqrt(p * (1 - p) / Draws) + 1e-9);
        }
    }

    /// <summary>The promise itself: with the number of seeds that it names, the interval of a simulated sweep leaves zero out about as
    /// often as it says.</summary>
    [Fact]
    public void The_interval_of_simulated_sweeps_excludes_zero_as_often_as_promised()
    {
        const double Difference = 0.05,
            Deviation = 0.04;
        int seeds = NoncentralT.Seeds(Difference, Deviation, 0.8)!.Value,
            found = 0,
            asked = 0;
        const int Sweeps = 400;
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            Gap gap = Assert.Single(GapAnalysis.Analyse(Simulated(sweep, seeds, Difference, Deviation)).Comparisons).Gaps[0];
            if (gap.Interval.ExcludesZero)
                found++;
            if (Math.Abs(gap.StandardError!.Value * Math.Sqrt(seeds) - Deviation) < Deviation)
                asked++;
        }
        double promised = NoncentralT.Power(Difference, Deviation, seeds);
        // Percentiles of few seeds are a little wider or narrower than t's: 5 points, and 4 standard errors of 400 sweeps.
        Assert.InRange(
            found / (double)Sweeps,
            promised - 0.05 - 4 * Math.Sqrt(0.16 / Sweeps),
            promised + 0.05 + 4 * Math.Sqrt(0.16 / Sweeps)
        );
        Assert.True(asked > 0.95 * Sweeps);
    }

    [Fact]
    public void A_pilot_gives_seeds_with_the_range_that_its_own_size_leaves()
    {
        SeedPower row = Assert.Single(SeedPower.Of(GapAnalysis.Analyse(Simulated(3, 8, 0.05, 0.04)), 0.05));
        Assert.Equal(8, row.Seeds);
        Assert.True(row.NeededLow <= row.Needed && row.Needed <= row.NeededHigh);
        // χ² with 7 degrees of freedom: 14.067 and 2.167 at 95% and 5%.
        Assert.Equal(NoncentralT.Seeds(0.05, row.Deviation!.Value * Math.Sqrt(7 / 2.16735)), row.NeededHigh);
        Assert.Equal(NoncentralT.Seeds(0.05, row.Deviation!.Value * Math.Sqrt(7 / 14.06714)), row.NeededLow);
    }

    [Fact]
    public void One_seed_tells_nothing_of_the_spread() =>
        Assert.Null(Assert.Single(SeedPower.Of(GapAnalysis.Analyse(Simulated(1, 1, 0.05, 0.04)), 0.05)).Needed);

    // One batch size, two rates of which one is clearly better; the paired difference has the deviation asked for.
    private static SweepTable Simulated(int sweep, int seeds, double difference, double deviation)
    {
        RandomStream stream = RandomStream.For(sweep, "power");
        var rows = new List<SweepRow>();
        for (int s = 0; s < seeds; s++)
        {
            double shared = 0.1 * stream.NextGaussian();
            string seed = s.ToString(System.Globalization.CultureInfo.InvariantCulture);
            void Add(string optimizer, double rate, double loss) =>
                rows.Add(SweepRow.Finished(ComparisonKey.Empty, optimizer, rate, 32, seed, null, loss));
            Add("sgd", 0.1, 2 + difference + shared + deviation * stream.NextGaussian());
            Add("sgd", 0.2, 4 + shared);
            Add("adam", 0.001, 2 + shared);
            Add("adam", 0.002, 4 + shared);
        }
        return new SweepTable(rows, "loss");
    }
}
