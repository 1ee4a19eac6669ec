// The learning-rate sentinel: where it ends, that order and strays change nothing, that it always ends.
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Studies;
using Gaplab.Studies.Planning;

namespace Gaplab.Training.Tests.Studies;

public sealed class SentinelSpecs
{
    private static readonly long[] Seeds = [1, 2, 3];

    [Fact]
    public void A_bracketed_best_with_near_neighbours_ends_at_once()
    {
        SentinelDecision d = Play(new SentinelSpec(), [0.1, 0.2, 0.4], Bowl(0.2));
        Assert.Equal((SentinelStatus.Bracketed, 0, 0.2), (d.Status, d.Round, d.Best!.Value));
        Assert.Equal([0.1, 0.2, 0.4], d.Tried);
    }

    [Fact]
    public void The_grid_grows_to_where_the_best_is_and_is_refined_there()
    {
        // Best at 0.3 (log-parabola), grid 0.001 … 0.009 by 3: up to 0.729, then midpoints of 0.243 with 0.081 and 0.729.
        SentinelDecision d = Play(new SentinelSpec { MaxExtensions = 8 }, [0.001, 0.003, 0.009], Bowl(0.3));
        Assert.Equal(SentinelStatus.Bracketed, d.Status);
        Assert.Equal([0.001, 0.003, 0.009, 0.027, 0.081, 0.140296, 0.243, 0.420888, 0.729], d.Tried);
        Assert.Equal(0.243, d.Best);
    }

    [Fact]
    public void It_grows_downwards_too()
    {
        SentinelDecision d = Play(new SentinelSpec { RefineTo = 4 }, [1, 4], Bowl(0.1));
        Assert.Equal([0.015625, 0.0625, 0.25, 1, 4], d.Tried);
        Assert.Equal((SentinelStatus.Bracketed, 0.0625), (d.Status, d.Best!.Value));
    }

    [Fact]
    public void A_bound_is_flagged_by_its_side()
    {
        Assert.Equal(SentinelStatus.BoundHigh, Play(new SentinelSpec { MaxExtensions = 2 }, [0.1, 0.2], Bowl(100)).Status);
        SentinelDecision low = Play(new SentinelSpec { MaxExtensions = 2 }, [0.1, 0.2], Bowl(1e-6));
        Assert.Equal((SentinelStatus.BoundLow, 0.025, 2), (low.Status, low.Best!.Value, low.Round));
        Assert.Equal([0.025, 0.05, 0.1, 0.2], low.Tried);
    }

    [Fact]
    public void A_diverged_neighbour_above_brackets()
    {
        SentinelDecision d = Play(
            new SentinelSpec(),
            [0.1, 0.2, 0.4],
            (rate, seed) => rate > 0.3 && seed == 2 ? double.NaN : -Math.Log(rate)
        );
        Assert.Equal((SentinelStatus.Bracketed, 0.2), (d.Status, d.Best!.Value));
        // With a wider grid the space up to the diverged neighbour is searched.
        d = Play(new SentinelSpec(), [0.01, 0.1, 1], (rate, _) => rate > 0.5 ? double.PositiveInfinity : -Math.Log(rate));
        Assert.Equal([0.01, 0.0316228, 0.1, 0.177828, 0.316228, 0.562342, 1], d.Tried);
        Assert.Equal((SentinelStatus.Bracketed, 0.316228), (d.Status, d.Best!.Value));
    }

    [Fact]
    public void All_diverged_extends_downwards_until_something_holds()
    {
        SentinelDecision d = Play(new SentinelSpec(), [1, 2], (rate, _) => rate > 0.3 ? double.NaN : Math.Abs(Math.Log(rate / 0.125)));
        Assert.Equal((SentinelStatus.Bracketed, 0.125), (d.Status, d.Best!.Value));
        d = Play(new SentinelSpec { MaxExtensions = 3 }, [1, 2], (_, _) => double.NaN);
        Assert.Equal((SentinelStatus.AllDiverged, null), (d.Status, d.Best));
        Assert.Equal([0.125, 0.25, 0.5, 1, 2], d.Tried);
    }

    [Fact]
    public void A_plateau_takes_the_smaller_rate()
    {
        SentinelDecision d = Play(new SentinelSpec(), [0.1, 0.2, 0.4, 0.8], (rate, _) => rate is 0.2 or 0.4 ? 1 : 2);
        Assert.Equal((SentinelStatus.Bracketed, 0.2), (d.Status, d.Best!.Value));
    }

    [Fact]
    public void One_seed_that_diverged_makes_the_rate_infinite_and_an_unfinished_one_makes_it_wait()
    {
        var sentinel = new Sentinel(new SentinelSpec(), [0.1, 0.2, 0.4], Seeds);
        var results = new List<RateResult>();
        foreach (double rate in (double[])[0.1, 0.2, 0.4])
        foreach (long seed in Seeds)
            results.Add(new(rate, seed, 1));
        results.RemoveAt(4);
        SentinelDecision d = sentinel.Decide(results);
        Assert.Equal(SentinelStatus.Running, d.Status);
        Assert.Equal([0.2], d.Rates);
    }

    [Fact]
    public void A_hole_is_skipped_and_never_asked_for_again()
    {
        SentinelDecision d = Play(new SentinelSpec { RefineTo = 4 }, [0.1, 0.2, 0.4], (rate, _) => rate == 0.4 ? null : Bowl(0.3)(rate, 1));
        Assert.Equal([0.1, 0.2, 0.4, 0.565685, 1.6], d.Tried); // best 0.2 seemed an end; 1.6 brackets it, and is refined towards
        Assert.Equal(SentinelStatus.Bracketed, d.Status);
        d = Play(new SentinelSpec(), [0.1, 0.2, 0.4], (rate, _) => rate == 0.4 ? null : Bowl(0.3)(rate, 1));
        Assert.Equal(SentinelStatus.Incomplete, d.Status); // the midpoint of 0.2 and 0.8 is the hole
        Assert.Equal(SentinelStatus.Incomplete, Play(new SentinelSpec(), [0.1, 0.2], (_, _) => null).Status);
    }

    [Fact]
    public void Switched_off_it_runs_the_grid_alone()
    {
        SentinelDecision d = Play(new SentinelSpec { Enabled = false }, [0.1, 0.2], Bowl(5));
        Assert.Equal((SentinelStatus.Off, 0.2), (d.Status, d.Best!.Value));
    }

    [Fact]
    public void Order_and_stray_results_change_nothing()
    {
        RandomStream random = RandomStream.For(4, "test/sentinel");
        for (int trial = 0; trial < 300; trial++)
        {
            Func<double, long, double?> loss = RandomLoss(trial);
            var sentinel = new Sentinel(new SentinelSpec { MaxExtensions = 3 }, [0.01, 0.03, 0.1], Seeds);
            var results = new List<RateResult>();
            SentinelDecision decision;
            while (!(decision = sentinel.Decide(results)).IsDone)
            {
                RateResult[] shuffled = [.. results];
                for (int i = shuffled.Length - 1; i > 0; i--)
                {
                    int j = (int)random.NextIndex(i + 1);
                    (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
                }
                SentinelDecision other = sentinel.Decide(shuffled.Append(new(0.0777, 1, -5)).Append(new(0.01, 99, -5)));
                Assert.Equal(decision.Rates, other.Rates);
                Assert.Equal((decision.Status, decision.Round, decision.Best), (other.Status, other.Round, other.Best));
                // Results of a part of the round change nothing but what is waited for.
                results.AddRange(
                    from rate in decision.Rates.Take(1)
                    from seed in Seeds
                    select new RateResult(rate, seed, loss(rate, seed))
                );
                SentinelDecision next = sentinel.Decide(results);
                if (decision.Rates.Count > 1)
                {
                    Assert.Equal(decision.Rates.Skip(1), next.Rates);
                    Assert.Equal(decision.Round, next.Round);
                }
            }
        }
    }

    [Fact]
    public void It_ends_on_every_curve_never_repeats_a_rate_and_keeps_its_promise()
    {
        for (int trial = 0; trial < 3000; trial++)
        {
            RandomStream random = RandomStream.For(trial, "test/spec");
            var spec = new SentinelSpec
            {
                MaxExtensions = (int)random.NextIndex(6),
                RefineTo = 1.05 + 3 * random.NextDouble(),
                Factor = random.NextIndex(2) * (1.2 + 5 * random.NextDouble()),
            };
            double rate0 = 1e-3;
            double[] grid =
            [
                .. Enumerable
                    .Range(0, 1 + (int)random.NextIndex(6))
                    .Select(_ => rate0 = SixDigits.Round(rate0 * (1.1 + 4 * random.NextDouble()))),
            ];
            Func<double, long, double?> loss = RandomLoss(trial);
            SentinelDecision d = Play(spec, grid, loss);
            Assert.InRange(d.Tried.Count, grid.Length, 200);
            double[] tried = [.. d.Tried];
            for (int i = 1; i < tried.Length; i++)
                Assert.False(LearningRates.Same(tried[i - 1], tried[i]));
            Assert.All(tried, rate => Assert.Equal(SixDigits.Round(rate), rate));
            if (d.Status != SentinelStatus.Bracketed)
                continue;
            // Bracketed: the least mean, with neighbours that told within RefineTo on both sides.
            double Mean(double rate) =>
                Seeds.Average(s => loss(rate, s) is double m ? (double.IsFinite(m) ? m : double.PositiveInfinity) : double.NaN);
            double[] known = [.. tried.Where(r => !double.IsNaN(Mean(r)))];
            int best = Array.IndexOf(known, d.Best!.Value);
            Assert.InRange(best, 1, known.Length - 2);
            Assert.True(known.Min(Mean) >= Mean(known[best]) - 1e-11);
            Assert.True(known[best + 1] / known[best] <= spec.RefineTo * 1.0001 && known[best] / known[best - 1] <= spec.RefineTo * 1.0001);
        }
    }

    // Smooth, rough, with a stability edge, with holes.
    private static Func<double, long, double?> RandomLoss(int trial) =>
        (rate, seed) =>
        {
            RandomStream shape = RandomStream.For(trial, "test/shape");
            double best = Math.Exp(-7 + 8 * shape.NextDouble()),
                noise = shape.NextDouble() < 0.5 ? 0.01 : 1,
                edge = shape.NextDouble() < 0.5 ? best * (1 + 5 * shape.NextDouble()) : 1e9,
                holes = shape.NextDouble() < 0.3 ? 0.05 : 0;
            RandomStream draw = RandomStream.For(
                trial,
                "test/loss" + rate.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
                seed
            );
            if (draw.NextDouble() < holes)
                return null;
            return rate > edge ? double.NaN : Math.Pow(Math.Log(rate / best), 2) + noise * draw.NextGaussian();
        };

    private static Func<double, long, double?> Bowl(double best) => (rate, seed) => Math.Pow(Math.Log(rate / best), 2) + 0.001 * seed;

    private static SentinelDecision Play(SentinelSpec spec, double[] grid, Func<double, long, double?> loss)
    {
        var sentinel = new Sentinel(spec, grid, Seeds);
        var results = new List<RateResult>();
        for (int round = 0; round < 500; round++)
        {
            SentinelDecision decision = sentinel.Decide(results);
            if (decision.IsDone)
                return decision;
            Assert.NotEmpty(decision.Rates);
            Assert.DoesNotContain(decision.Rates, rate => results.Any(r => r.Rate == rate));
            results.AddRange(from rate in decision.Rates from seed in Seeds select new RateResult(rate, seed, loss(rate, seed)));
        }
        throw new InvalidOperationException("500 rounds");
    }
}
