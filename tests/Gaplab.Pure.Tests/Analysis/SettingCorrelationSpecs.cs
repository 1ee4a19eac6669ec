// Correlations across settings: exact p-values by counting, intervals beside Fisher's, and how often nothing is called something.
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class SettingCorrelationSpecs
{
    private const int Permutations = 20_000;

    [Fact]
    public void Whole_settings_change_places_and_are_turned_around()
    {
        double[] batch = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3];
        int[] block = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3];
        // Alike in every setting, so only turning changes it: of 2⁴ ways all or none turned agree with gaps that rise everywhere.
        Near(2 / 16.0, RankCorrelation.PValue(batch, batch, RandomStream.For(1, "test/batches"), Permutations, block));
        // One number per setting: turning does nothing, and of 4! orders the same and the opposite one agree.
        double[] level = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4];
        Near(2 / 24.0, RankCorrelation.PValue(level, level, RandomStream.For(1, "test/levels"), Permutations, block));
        Assert.Equal(1 / 24.0, SettingCorrelation.LeastPValue(4), 1e-15);
        // Settings of unequal length: the opposite order weighs them otherwise, and of 3! orders one agrees.
        double[] uneven = [1, 1, 1, 2, 3, 3];
        Near(1 / 6.0, RankCorrelation.PValue(uneven, uneven, RandomStream.For(1, "test/uneven"), Permutations, [0, 0, 0, 1, 2, 2]));

        // Four and a half standard errors.
        static void Near(double exact, double found) =>
            Assert.InRange(found, exact - 4.5 * Math.Sqrt(exact / Permutations), exact + 4.5 * Math.Sqrt(exact / Permutations));
    }

    [Fact]
    public void A_block_in_the_place_of_a_longer_one_is_read_at_evenly_spaced_places()
    {
        // x of the first block is 5, 6, 7, 8, 9; of the second 1, 3. Places kept: ρ from the pairs themselves. Changed: the first block
        // reads 1, 1, 3, 3, 3 or 3, 3, 1, 1, 1 (half of even
        // rounds to even: 2·¼ = ½ to 0), the second 5, 9 or 9, 5. All eight cases are as likely.
        double[] x = [5, 6, 7, 8, 9, 1, 3],
            y = [1, 2, 3, 4, 5, 6, 7];
        double[][] cases =
        [
            [5, 6, 7, 8, 9, 1, 3],
            [5, 6, 7, 8, 9, 3, 1],
            [9, 8, 7, 6, 5, 1, 3],
            [9, 8, 7, 6, 5, 3, 1],
            [1, 1, 1, 3, 3, 5, 9],
            [1, 1, 1, 3, 3, 9, 5],
            [3, 3, 3, 1, 1, 5, 9],
            [3, 3, 3, 1, 1, 9, 5],
        ];
        double[] ranks = RankCorrelation.Ranks(x);
        double observed = Math.Abs(RankCorrelation.Spearman(x, y));
        // Ranks are those of the whole sample, so shuffled ones may be tied: Pearson's correlation of them.
        double share =
            cases.Count(c =>
                Math.Abs(Pearson([.. c.Select(v => ranks[Array.IndexOf(x, v)])], RankCorrelation.Ranks(y))) >= observed - 1e-12
            ) / 8.0;
        double p = RankCorrelation.PValue(x, y, RandomStream.For(1, "test/places"), Permutations, [0, 0, 0, 0, 0, 1, 1]);
        Assert.InRange(p, share - 0.016, share + 0.016);
    }

    [Fact]
    public void Nothing_is_called_something_no_more_often_than_it_says()
    {
        const int Trials = 400,
            Settings = 6,
            Batches = 4;
        int constant = 0,
            rising = 0,
            naive = 0;
        RandomStream random = RandomStream.For(3, "test/size");
        for (int trial = 0; trial < Trials; trial++)
        {
            var x = new double[Settings * Batches];
            var (batch, gap, block) = (new double[x.Length], new double[x.Length], new int[x.Length]);
            for (int s = 0; s < Settings; s++)
            {
                double trait = random.NextGaussian(),
                    level = random.NextGaussian(),
                    slope = random.NextGaussian();
                for (int b = 0; b < Batches; b++)
                    (x[s * Batches + b], batch[s * Batches + b], gap[s * Batches + b], block[s * Batches + b]) = (
                        trait,
                        b,
                        level + slope * b,
                        s
                    );
            }
            // With 199 permutations p ≤ 0.05 has a probability of at most 0.05 under the hypothesis.
            if (RankCorrelation.PValue(x, gap, random, 199, block) <= 0.05)
                constant++;
            if (RankCorrelation.PValue(batch, gap, random, 199, block) <= 0.05)
                rising++;
            if (RankCorrelation.PValue(x, gap, random, 199) <= 0.05)
                naive++;
        }
        double most = Trials * 0.05 + 4 * Math.Sqrt(Trials * 0.05 * 0.95);
        Assert.InRange(constant, 1, most);
        Assert.InRange(rising, 1, most);
        // Gaps of one setting taken for independent ones would have been.
        Assert.True(naive > 2 * most, $"{naive} of {Trials}");
    }

    [Fact]
    public void The_interval_is_near_Fishers_where_settings_are_many_and_there_is_none_where_they_are_two()
    {
        const int Settings = 200;
        RandomStream random = RandomStream.For(5, "test/fisher");
        SettingValue[] values =
        [
            .. Enumerable
                .Range(0, Settings)
                .Select(i =>
                {
                    double x = random.NextGaussian();
                    return new SettingValue($"s{i}", x, 0.6 * x + 0.8 * random.NextGaussian());
                }),
        ];
        SettingCorrelation[] found =
        [
            .. SettingCorrelation.Of([
                ("alike", values),
                ("two", [.. values.Take(2), .. values.Take(2)]),
                ("constant", [.. values.Select(v => v with { Value = 1 })]),
            ]),
        ];
        double rho = found[0].Value!.Value;
        // Fieller, Hartley and Pearson 1957: the variance of artanh ρ is 1.06/(n − 3).
        double half = 1.96 * Math.Sqrt(1.06 / (Settings - 3));
        Assert.Equal(Math.Tanh(Math.Atanh(rho) - half), found[0].Interval.Low!.Value, 0.03);
        Assert.Equal(Math.Tanh(Math.Atanh(rho) + half), found[0].Interval.High!.Value, 0.03);
        Assert.Equal((Settings, Settings), (found[0].Settings, found[0].Gaps));
        // The only one that can be tested is corrected for itself alone.
        Assert.Equal(found[0].PValue, found[0].Adjusted);
        Assert.Equal((1.0, null, null), (Math.Abs(found[1].Value!.Value), found[1].PValue, found[1].Interval.Low));
        Assert.Equal((null, null), (found[2].Value, found[2].PValue));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(20)]
    public void Intervals_hold_the_truth_as_often_as_they_say(int settings)
    {
        const int Trials = 200,
            Batches = 4,
            Many = 20_000;
        RandomStream random = RandomStream.For(7, "test/coverage", settings);
        SettingValue[] Draw(int count) =>
            [
                .. Enumerable
                    .Range(0, count)
                    .SelectMany(s =>
                    {
                        double trait = random.NextGaussian(),
                            level = 0.6 * trait + 0.8 * random.NextGaussian(),
                            slope = 0.3 * random.NextGaussian();
                        return Enumerable.Range(0, Batches).Select(b => new SettingValue($"s{s}", trait, level + slope * b));
                    }),
            ];
        SettingValue[] all = Draw(Many);
        double truth = RankCorrelation.Spearman([.. all.Select(v => v.Value)], [.. all.Select(v => v.Gap)]);
        int covered = 0;
        for (int trial = 0; trial < Trials; trial++)
            if (
                SettingCorrelation.Of([("trait", Draw(settings))])[0].Interval is var interval
                && interval.Low <= truth
                && truth <= interval.High
            )
                covered++;
        Assert.InRange(covered / (double)Trials, 0.95 - 4 * Math.Sqrt(0.95 * 0.05 / Trials), 1);
    }

    private static double Pearson(double[] x, double[] y)
    {
        (double mx, double my) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }
}
