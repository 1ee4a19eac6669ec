// An optimizer step on rows beyond the last-level cache, against copying the bytes it must touch.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class OptimizerStep
{
    private const int Parameters = 32 << 20;   // 128 MiB of float32 a row

    public static int Run()
    {
        TorchRuntime.Threads = 1;
        using var scope = new TensorScope();
        var builder = new ParamLayoutBuilder();
        builder.Add("row", Initialisation.Zero, Parameters);
        ParamLayout layout = builder.Build();
        Tensor theta = Tensor.Full([1, Parameters], 1), gradient = Tensor.Full([1, Parameters], 0.01);
        Console.WriteLine("chain                            bytes touched a parameter   ratio of the step's time to copying as many bytes");
        (string Name, int Bytes, Chain Chain)[] chains =
        [
            ("sgd", 8, new Chain(new Descend(1e-3))),
            ("sgd momentum 0.9", 12, new Chain(new Momentum(0.9), new Descend(1e-3))),
            ("clip, sgd momentum 0.9", 16, new Chain(new ClipByNorm(1), new Momentum(0.9), new Descend(1e-3))),
            ("adam", 16, new Chain(new ScaleByAdam(0.9, 0.999), new Descend(1e-3))),
            ("clip, adamw", 20, new Chain(new ClipByNorm(1), new ScaleByAdam(0.9, 0.999), new AddDecay(0.1), new Descend(1e-3))),
        ];
        foreach ((string name, int bytes, Chain chain) in chains)
        {
            using ChainState state = chain.Init(1, layout, ScalarType.Float32);
            long step = 0;
            float[] source = new float[Parameters], target = new float[Parameters];
            Array.Fill(source, 1f);
            double Step() => Time(() => chain.Step(theta, gradient, state, step++, layout, [true]));
            // Each array of the step once: a copy of n bytes for every n bytes the step reads.
            double Copy() => Time(() => { for (int i = 0; i < bytes / 4; i++) source.CopyTo(target, 0); });
            (_, _, double ratio) = PairedBlocks.Measure(Copy, Step, 9);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-32} {bytes,10} {ratio,25:f2}"));
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
