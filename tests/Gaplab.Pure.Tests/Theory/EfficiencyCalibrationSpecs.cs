// Simulation-based calibration: truths drawn from the prior must lie anywhere among the posterior's draws, equally often.
using System.Diagnostics;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Efficiency;
using MathNet.Numerics.Distributions;

namespace Gaplab.Pure.Tests.Theory;

public sealed class EfficiencyCalibrationSpecs(ITestOutputHelper output)
{
    private const int Bins = 10,
        Ranked = 99;

    private static readonly bool All = LongStage.Runs;

    private static readonly EfficiencyContext Context = new()
    {
        First = new GradientMemory.Unscaled(),
        Second = new GradientMemory.SecondMoment(0.9, 0.95),
        Samples = 16_384,
        Batches = [4, 16, 64, 256],
        Scale = 1,
    };

    /// <summary>Talts and others 2018, Algorithm 1; the statistic is χ² of the ranks' histogram, of every parameter and of the gap at
    /// every batch size, and the spike's probability against how often there is one.</summary>
    [Fact]
    public void Ranks_of_true_parameters_and_gaps_among_the_draws_are_uniform_and_the_spike_is_as_often_there_as_said()
    {
        int truths = All ? 200 : 60;
        int numbers = EfficiencyModel.Dimension + Context.Batches.Count;
        int[][] counts = [.. Enumerable.Range(0, numbers).Select(_ => new int[Bins])];
        double[] probability = new double[truths];
        bool[] memory = new bool[truths];
        var watch = Stopwatch.StartNew();
        for (int k = 0; k < truths; k++)
        {
            var stream = RandomStream.For(k, "calibration");
            double[] truth = [.. Enumerable.Range(0, EfficiencyModel.Dimension).Select(_ => stream.NextGaussian())];
            EfficiencyParameters parameters = new EfficiencyModel([], Context).At(truth);
            var model = new EfficiencyModel([.. Cells(parameters, stream)], Context);
            EfficiencyPosterior posterior = model.Sample(k, populations: 4, size: 128, out TemperedDraws drawn);
            double[][] points = [.. drawn.All];
            for (int i = 0; i < EfficiencyModel.Dimension; i++)
                Count(counts[i], [.. points.Select(p => p[i])], truth[i], stream);
            for (int b = 0; b < Context.Batches.Count; b++)
                Count(
                    counts[EfficiencyModel.Dimension + b],
                    [.. posterior.Draws.Select(d => d.Gap(Context.Batches[b], Context.Samples))],
                    parameters.Gap(Context.Batches[b], Context.Samples),
                    stream
                );
            (probability[k], memory[k]) = (posterior.MemoryProbability, parameters.HasMemory);
        }
        output.WriteLine($"{watch.ElapsedMilliseconds / truths} ms a truth");
        double worst = 1;
        for (int i = 0; i < numbers; i++)
        {
            double expected = (double)truths / Bins,
                p = 1 - ChiSquared.CDF(Bins - 1, counts[i].Sum(c => (c - expected) * (c - expected) / expected));
            output.WriteLine($"{i}: {string.Join(" ", counts[i])}  p = {p:0.0000}");
            worst = Math.Min(worst, p);
        }
        Assert.True(worst > 0.01 / numbers, $"p = {worst:g3}, with {numbers} histograms");

        // The spike: of the truths with posterior probability q of a memory branch, a share q has one.
        double z = probability.Zip(memory, (q, m) => (m ? 1 : 0) - q).Sum() / Math.Sqrt(probability.Sum(q => q * (1 - q)));
        double low = probability.Where(q => q < 0.4).DefaultIfEmpty(0).Average(),
            lowTrue = memory.Zip(probability).Where(p => p.Second < 0.4).Select(p => p.First ? 1.0 : 0).DefaultIfEmpty(0).Average();
        output.WriteLine($"memory: z = {z:0.00}; of those below 0.4: said {low:0.00}, true {lowTrue:0.00}");
        Assert.InRange(z, -3, 3);
        Assert.Equal(low, lowTrue, All ? 0.12 : 0.2);
    }

    private static IEnumerable<PilotCell> Cells(EfficiencyParameters truth, RandomStream stream)
    {
        foreach (PairSide side in Enum.GetValues<PairSide>())
        foreach (
            (double batch, double samples, int seeds) in new[]
            {
                (4.0, 4096.0, 1),
                (32, 4096, 1),
                (128, 4096, 1),
                (32, 1024, 2),
                (32, 16384, 1),
            }
        )
        {
            double excess = truth.Excess(side, batch, samples),
                chi = 0;
            for (int i = 0; i < 6; i++)
                chi += Math.Pow(stream.NextGaussian(), 2);
            double deviation = truth.Noise * excess * Math.Sqrt(6 / chi);
            double[] losses = [.. Enumerable.Range(0, seeds).Select(_ => truth.Floor + excess + deviation * stream.NextGaussian())];
            double mean = losses.Average();
            yield return new PilotCell(
                side,
                batch,
                samples,
                mean,
                seeds > 1 ? Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean)) / (seeds - 1) / seeds) : null,
                seeds
            );
        }
    }

    // The rank among 99 draws taken evenly; equal draws (where the truth ties with them) are broken at random.
    private static void Count(int[] bins, double[] draws, double truth, RandomStream stream)
    {
        int rank = 0;
        for (int k = 0; k < Ranked; k++)
        {
            double draw = draws[(int)((k + 0.5) / Ranked * draws.Length)];
            rank += draw < truth || (draw == truth && stream.NextDouble() < 0.5) ? 1 : 0;
        }
        bins[rank * Bins / (Ranked + 1)]++;
    }
}
