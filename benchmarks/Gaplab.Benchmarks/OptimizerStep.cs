// An optimizer step on rows beyond the last-level cache, against copying the bytes it must touch.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class OptimizerStep
{
    private const int Parameters = 32 << 20; // 128 MiB of float32 a row

    public static int Run()
    {
        TorchRuntime.Threads = 1;
        using var scope = new TensorScope();
        var builder = new ParamLayoutBuilder();
        // Hidden matrices as of a model of width 1024, so that rules by matrix have some: 32 of [1024, 1024].
        for (int i = 0; i < Parameters >> 20; i++)
            builder.Add($"blocks.{i}.weight", Initialisation.Zero, 1024, 1024);
        ParamLayout layout = builder.Build();
        Tensor theta = Tensor.Full([1, Parameters], 1),
            gradient = Tensor.Empty([1, Parameters]);
        // A clip's threshold is sought among numbers that differ.
        RandomStream stream = RandomStream.For(1, "benchmark/gradient");
        foreach (ref float g in gradient.Row<float>(0))
            g = (float)(0.01 * (stream.NextDouble() - 0.5));
        Console.WriteLine("chain                            bytes touched a parameter   ratio of the step's time to copying as many bytes");
        (string Name, int Bytes, Chain Chain)[] chains =
        [
            ("sgd", 8, new Chain(new Descend(1e-3))),
            ("sgd momentum 0.9", 12, new Chain(new Momentum(0.9), new Descend(1e-3))),
            ("clip, sgd momentum 0.9", 16, new Chain(new ClipByNorm(1), new Momentum(0.9), new Descend(1e-3))),
            ("adam", 16, new Chain(new ScaleByAdam(0.9, 0.999), new Descend(1e-3))),
            ("clip, adamw", 20, new Chain(new ClipByNorm(1), new ScaleByAdam(0.9, 0.999), new AddDecay(0.1), new Descend(1e-3))),
            ("normalised sgd momentum 0.9", 16, new Chain(new Momentum(0.9), new NormaliseRow(), new Descend(1e-3))),
            ("signum", 12, new Chain(new Momentum(0.9), new Sign(), new Descend(1e-3))),
            ("adagrad", 12, new Chain(new ScaleByAdagrad(), new Descend(1e-3))),
            ("rmsprop", 12, new Chain(new ScaleByRms(0.99), new Descend(1e-3))),
            ("lion", 12, new Chain(new ScaleByLion(0.9, 0.99), new Descend(1e-3))),
            ("adafactor", 12, new Chain(new ScaleByAdafactor(0.8, 1, 1e-30, 1e-3, false, 0), new Descend(1e-3))),
            ("clip-top 0.1, sgd momentum 0.9", 24, new Chain(new ClipTop(0.1), new Momentum(0.9), new Descend(1e-3))),
            ("clip-top 0.1 of adam's update", 28, new Chain(new ScaleByAdam(0.9, 0.999), new ClipTop(0.1), new Descend(1e-3))),
            ("clip-top 0.1 into adam's m", 28, new Chain(new ScaleByAdamClippedMean(0.9, 0.999, 0.1, false), new Descend(1e-3))),
            // Five quintic steps on a 1024 × 1024 matrix are 15 products of 2.1 GFlop: about a thousand operations a parameter.
            ("muon", 12, new Chain(new ScaleByMuon(0.95, true, 5, 0.9, 0.95, 1e-10, 1), new Descend(1e-3))),
        ];
        foreach ((string name, int bytes, Chain chain) in chains)
        {
            using ChainState state = chain.Init(1, layout, ScalarType.Float32);
            long step = 0;
            float[] source = new float[Parameters],
                target = new float[Parameters];
            Array.Fill(source, 1f);
            double Step() => Time(() => chain.Step(theta, gradient, state, step++, layout, [true]));
            // Each array of the step once: a copy of n bytes for every n bytes the step reads.
            double Copy() =>
                Time(() =>
                {
                    for (int i = 0; i < bytes / 4; i++)
                        source.CopyTo(target, 0);
                });
            (_, _, double ratio) = PairedBlocks.Measure(Copy, Step, name == "muon" ? 2 : 9);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name, -32} {bytes, 10} {ratio, 25:f2}"));
        }
        return 0;
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
