// SGD under a clip of the norm against the algorithm itself, many coordinates of Gaussian noise.
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.GapModel;

namespace Gaplab.Pure.Tests.Theory;

public sealed class ClippedHeavyBallSpecs
{
    private const int Steps = 80;
    private static readonly double[] s_curvature = [3, 1, 0.3, 0.1],
        s_noise = [8, 2, 1, 0.5],
        s_start = [2, 4, 6, 9];

    [Theory]
    [InlineData(0, 3.0)]
    [InlineData(0.9, 3.0)]
    [InlineData(0.9, 12.0)]
    public void Expected_losses_are_those_of_simulated_runs_at_every_tenth_step(double momentum, double clip)
    {
        const int Copies = 50,
            Runs = 200;
        const double Rate = 0.05,
            Batch = 4;
        var quadratic = new Quadratic(s_curvature, s_noise, s_start, [.. Enumerable.Repeat((double)Copies, 4)]);
        double[] factors = RateSchedule.Cosine.Factors(Steps);
        double[] model = new HeavyBall(momentum, clip).Curve(quadratic, Batch, factors, Rate),
            free = new HeavyBall(momentum).Curve(quadratic, Batch, factors, Rate);
        double[] sum = new double[Steps + 1],
            squares = new double[Steps + 1];
        for (int run = 0; run < Runs; run++)
        {
            RandomStream random = RandomStream.For(7, "test/clipped", run);
            double[] x = [.. Enumerable.Range(0, 4 * Copies).Select(i => Math.Sqrt(s_start[i / Copies]))],
                v = new double[x.Length],
                g = new double[x.Length];
            for (int k = 0; k <= Steps; k++)
            {
                double loss = Enumerable.Range(0, x.Length).Sum(i => 0.5 * s_curvature[i / Copies] * x[i] * x[i]);
                sum[k] += loss;
                squares[k] += loss * loss;
                if (k == Steps)
                    break;
                for (int i = 0; i < x.Length; i++)
                    g[i] = s_curvature[i / Copies] * x[i] + Math.Sqrt(s_noise[i / Copies] / Batch) * random.NextGaussian();
                double scale = Math.Min(1, clip / Math.Sqrt(g.Sum(y => y * y)));
                for (int i = 0; i < x.Length; i++)
                {
                    v[i] = momentum * v[i] + scale * g[i];
                    x[i] -= Rate * factors[k] * v[i];
                }
            }
        }
        for (int k = 0; k <= Steps; k += 10)
        {
            double mean = sum[k] / Runs,
                error = Math.Sqrt(Math.Max(0, squares[k] / Runs - mean * mean) / Runs);
            // 200 coordinates: the norm varies by some per cent, which the model does not see.
            Assert.InRange(model[k], mean * 0.99 - 4 * error, mean * 1.01 + 4 * error);
        }
        Assert.True(model.Zip(free).Max(l => Math.Abs(Math.Log(l.First / l.Second))) > 0.1, "the clip acts too little to test anything");
    }

    [Fact]
    public void A_clip_that_never_acts_changes_nothing_and_one_is_kept_with_a_probe()
    {
        var quadratic = new Quadratic(s_curvature, s_noise, s_start);
        double[] factors = RateSchedule.Cosine.Factors(Steps);
        foreach (
            (double a, double b) in new HeavyBall(0.9)
                .Curve(quadratic, 4, factors, 0.1)
                .Zip(new HeavyBall(0.9, 1e9).Curve(quadratic, 4, factors, 0.1))
        )
            Assert.Equal(1, b / a, 1e-12);
        const string Text = """
            { "kind": "probe", "steps": 8, "batches": [4], "first": [{ "name": "sgd", "momentum": 0.9, "clip": CLIP }],
              "blocks": [{ "name": "a", "parameters": 4, "nodes": [1], "weights": [1], "noiseVariance": 1, "displacement": 1 }] }
            """;
        Probe probe = ProbeJson.Parse(Text.Replace("CLIP", "2.5", StringComparison.Ordinal));
        Assert.Equal(new HeavyBall(0.9, 2.5), Assert.Single(ProbeJson.Parse(ProbeJson.ToJson(probe).ToJsonString()).First));
        Assert.Contains(
            "expected a norm above 0",
            Assert.Throws<InputException>(() => ProbeJson.Parse(Text.Replace("CLIP", "0", StringComparison.Ordinal))).Message,
            StringComparison.Ordinal
        );
    }
}
