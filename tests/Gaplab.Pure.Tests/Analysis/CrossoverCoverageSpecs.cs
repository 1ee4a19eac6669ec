// How often the interval of B* holds the truth, over simulated sweeps whose curves are drawn from the two-branch law of losses.
using System.Globalization;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class CrossoverCoverageSpecs(ITestOutputHelper output)
{
    private const int Sweeps = 1000;

    /// <summary>
    /// L(B) = ℓ + s·ln(1 + (B/B_o)^p + memory·(B_m/B)^γ) for each optimizer: SGD runs out of steps before Adam, Adam remembers too few
    /// samples at small B.
    /// </summary>
    private sealed record Curve(
        double Level,
        double Amplitude,
        double StepsSgd,
        double StepsAdam,
        double Power,
        double Memory,
        double MemoryPower
    )
    {
        public static Curve Draw(RandomStream stream) =>
            new(
                0.03 + 0.05 * stream.NextGaussian(),
                0.3 * Math.Exp(0.4 * stream.NextGaussian()),
                Math.Pow(10, 1 + 2 * stream.NextDouble()),
                0,
                1.7 + 0.4 * stream.NextGaussian(),
                stream.NextDouble() < 0.3 ? 0 : Math.Pow(2, 6 * stream.NextDouble()),
                1.4 + 0.4 * stream.NextGaussian()
            );

        public double Sgd(double batch) => Level + Amplitude * Math.Log(1 + Math.Pow(batch / StepsSgd, Power));

        public double Adam(double batch) =>
            Amplitude * Math.Log(1 + Math.Pow(batch / StepsAdam, Power) + (Memory > 0 ? Math.Pow(Memory / batch, MemoryPower) : 0));
    }

    /// <summary>A curve with exactly one crossing between 4 and 256, and where that lies in log₂ B.</summary>
    private static (Curve Curve, double Log2Batch) Crossing(RandomStream stream)
    {
        while (true)
        {
            Curve curve = Curve.Draw(stream);
            curve = curve with
            {
                StepsAdam = curve.StepsSgd * Math.Exp(0.5 + 0.7 * stream.NextGaussian()),
                Power = Math.Max(0.5, curve.Power),
                MemoryPower = Math.Max(0.3, curve.MemoryPower),
            };
            const int Steps = 600;
            double[] x = [.. Enumerable.Range(0, Steps + 1).Select(i => 2 + 6.0 * i / Steps)];
            double[] gap = [.. x.Select(o => curve.Sgd(Math.Pow(2, o)) - curve.Adam(Math.Pow(2, o)))];
            IReadOnlyList<SignChange> changes = GapCrossings.All(x, gap);
            if (changes.Count == 1)
                return (curve, changes[0].Log2Batch);
        }
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(7, 3)]
    [InlineData(2, 4)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(7, 4)]
    [InlineData(13, 3)]
    public void The_interval_of_the_crossover_holds_the_truth_at_least_93_times_in_100(int sizes, int seeds)
    {
        long[] batches = [.. Enumerable.Range(0, sizes).Select(i => (long)Math.Round(Math.Pow(2, 2 + 6.0 * i / (sizes - 1))))];
        int held = 0,
            sure = 0,
            verdicts = 0,
            rightVerdicts = 0;
        var widths = new List<double>();
        var ratios = new List<double>();
        for (int trial = 0; trial < Sweeps; trial++)
        {
            RandomStream stream = RandomStream.For(seeds, $"test/crossover-coverage/{sizes}", trial);
            (Curve curve, double truth) = Crossing(stream);
            double noise = 0.003 * Math.Pow(15, stream.NextDouble()),
                shared = 0.5,
                curvature = 0.0125 * Math.Pow(4, stream.NextDouble());
            ComparisonAnalysis analysis = Simulate(curve, batches, seeds, noise, shared, curvature, stream);
            Interval interval = analysis.Isotonic!.Interval;
            bool holds =
                (interval.LowOpen || Math.Log2(interval.Low!.Value) <= truth)
                && (interval.HighOpen || truth <= Math.Log2(interval.High!.Value));
            if (holds)
                held++;
            double low = interval.LowOpen ? 2 : Math.Log2(interval.Low!.Value),
                high = interval.HighOpen ? 8 : Math.Log2(interval.High!.Value);
            widths.Add(high - low);
            if (analysis.Verdict == Verdict.Crossover)
            {
                verdicts++;
                if (holds)
                    rightVerdicts++;
            }
            if (analysis.Gaps.All(g => g.Decided != 0) && analysis.Isotonic.Between is { } between)
            {
                sure++;
                ratios.Add((high - low) / Math.Log2((double)between.High / between.Low));
            }
        }
        double median = Median(widths),
            octaves = 6.0 / (sizes - 1);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{sizes} sizes, {seeds} seeds: held {held} of {Sweeps}; median width {median:0.00} octaves ({median / octaves:0.00} "
                    + $"brackets); verdict crossover {verdicts}, of these held {rightVerdicts}; all signs sure {sure}, there "
                    + $"{(ratios.Count > 0 ? Median(ratios) : double.NaN):0.00} brackets"
            )
        );
        Assert.True(held >= 0.93 * Sweeps, $"held {held} of {Sweeps}");
        Assert.True(sure > 50, $"signs were sure in {sure} sweeps only");
        Assert.InRange(Median(ratios), 1 - 1e-9, 1.5);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>Five learning rates a factor 2 apart about the best; every run = truth + noise·(√ρ z(seed) + √(1−ρ) z(run)).</summary>
    private static ComparisonAnalysis Simulate(
        Curve curve,
        long[] batches,
        int seeds,
        double noise,
        double shared,
        double curvature,
        RandomStream stream
    )
    {
        double[] bySeed = [.. Enumerable.Range(0, seeds).Select(_ => stream.NextGaussian())];
        var rows = new List<SweepRow>();
        foreach (string optimizer in new[] { "sgd", "adam" })
        foreach (long batch in batches)
            for (int rate = -2; rate <= 2; rate++)
            for (int seed = 0; seed < seeds; seed++)
            {
                double truth = 3 + (optimizer == "sgd" ? curve.Sgd(batch) : curve.Adam(batch)) + curvature * rate * rate;
                double loss = truth + noise * (Math.Sqrt(shared) * bySeed[seed] + Math.Sqrt(1 - shared) * stream.NextGaussian());
                rows.Add(
                    SweepRow.Finished(
                        ComparisonKey.Empty,
                        optimizer,
                        Math.Pow(2, rate),
                        batch,
                        seed.ToString(CultureInfo.InvariantCulture),
                        null,
                        loss
                    )
                );
            }
        return Assert.Single(GapAnalysis.Analyse(new SweepTable(rows, "loss")).Comparisons);
    }
}
