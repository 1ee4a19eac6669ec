// What the directional sharpness of k updates at one point costs, in evaluations of the gradient on the same data.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class SharpnessCost
{
    public static int Run()
    {
        TorchRuntime.Threads = 1;
        Console.WriteLine("size   params    k   gradient ms  sharpness ms   gradient evaluations (goal: at most 1 + 2.5k)");
        foreach ((string name, int layers, int heads, int width) in ((string, int, int, int)[])[("0.1M", 2, 4, 64), ("1M", 5, 4, 128)])
        foreach (int k in (int[])[1, 8, 16])
            Measure(name, layers, heads, width, k);
        return 0;
    }

    private static void Measure(string name, int layers, int heads, int width, int k)
    {
        const int Vocabulary = 65,
            Context = 64,
            Sequences = 16;
        using var model = new Gpt(
            new ModelSpec
            {
                Layers = layers,
                Heads = heads,
                Width = width,
                HeadInit = "xavier-uniform",
            },
            Vocabulary,
            Context
        );
        double[] theta = new double[model.Layout.Count];
        model.Layout.Initialise(1, theta);
        RandomStream random = RandomStream.For(1, "benchmark/sharpness");
        long[][] rows =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ => Enumerable.Range(0, Sequences * (Context + 1)).Select(_ => random.NextIndex(Vocabulary)).ToArray()),
        ];
        var set = new EvaluationSet(rows, Context + 1, [Sequences * Context, Sequences * Context]);
        NamedUpdate[] updates =
        [
            .. Enumerable.Range(0, k).Select(i => new NamedUpdate($"{i}", [.. theta.Select(_ => random.NextGaussian())])),
        ];
        double Gradient() =>
            Time(() =>
            {
                using var scope = new TensorScope();
                Tensor point = Tensor.From<double>(theta, 1, theta.Length).ToType(ScalarType.Float32).Clone();
                point.RequiresGrad = true;
                for (int b = 0; b < set.Count; b++)
                {
                    using var part = new TensorScope();
                    _ = Autograd.Gradient(model.Loss(point, set.Batch(b)).Sum(), point).ToDoubles();
                }
            });
        double Sharpness() =>
            Time(() => DirectionalSharpness.Measure(model, theta, set, updates, new SharpnessOptions { Type = ScalarType.Float32 }));
        (double a, double b, double ratio) = PairedBlocks.Measure(Gradient, Sharpness, 7);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name, -5} {theta.Length, 8} {k, 3} {1000 * a, 12:f1} {1000 * b, 13:f1} {ratio, 12:f2} (goal {1 + 2.5 * k:f1})"
            )
        );
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
