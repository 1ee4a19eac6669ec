// The same GPT trained by Adam in Gaplab and in PyTorch, one thread each, three sizes, R = 1 and R = 8.
using System.Globalization;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class TrainGpt
{
    private sealed record Size(string Name, int Layers, int Heads, int Width, int Context, int Vocabulary, int Batch, int Seconds);

    // Sizes count all parameters; batches are what such models are trained with on a laptop.
    private static readonly Size[] Sizes =
    [
        new("0.1M", 2, 4, 64, 64, 65, 16, 1),
        new("1M", 5, 4, 128, 64, 65, 16, 2),
        new("10M", 6, 6, 384, 64, 65, 8, 4),
    ];

    public static int Run(string[] args)
    {
        TorchRuntime.Threads = 1;
        bool quick = args.Contains("--quick"),
            vmap = args.Contains("--vmap");
        Console.WriteLine(
            $"libtorch {TorchRuntime.Version}, BLAS {TorchRuntime.Blas}, one thread; peer: python3 torch, separate models one after the "
                + $"other for R > 1{(vmap ? ", or functorch's vmap" : "")}"
        );
        Console.WriteLine("size   params     R  gaplab samples/s  pytorch samples/s  ratio (median of pairs)");
        foreach (Size size in Sizes)
        foreach (int replicas in (int[])[1, 8])
            Compare(size, replicas, quick, vmap && replicas > 1);
        return 0;
    }

    private static void Compare(Size size, int replicas, bool quick, bool vmap)
    {
        using var model = new Gpt(
            new ModelSpec
            {
                Layers = size.Layers,
                Heads = size.Heads,
                Width = size.Width,
                QkGain = false,
            },
            size.Vocabulary,
            size.Context
        );
        RandomStream stream = RandomStream.For(1, "benchmark/tokens");
        using var ours = new GaplabPeer(
            model,
            [.. Enumerable.Range(0, replicas * size.Batch * (size.Context + 1)).Select(_ => stream.NextIndex(size.Vocabulary))],
            size.Batch,
            replicas
        );
        string arguments = string.Create(
            CultureInfo.InvariantCulture,
            $"--layers {size.Layers} --heads {size.Heads} --width {size.Width} "
                + $"--context {size.Context} --vocabulary {size.Vocabulary} "
                + $"--batch {size.Batch} --replicas {replicas}{(vmap ? " --vmap" : "")}"
        );
        using var theirs = new PyTorchPeer("pytorch_gpt.py", arguments.Split(' '));
        int steps = Math.Max(1, (int)((quick ? 0.3 : size.Seconds) / ours.Run(2) * 2));
        (double a, double b, double ratio) = PairedBlocks.Measure(() => ours.Run(steps), () => theirs.Run(steps), quick ? 3 : 7);
        double samples = (double)steps * size.Batch * replicas;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{size.Name, -5} {ours.Parameters, 8} {replicas, 5} {samples / a, 17:f0} {samples / b, 18:f0} {ratio, 6:f2}"
            )
        );
    }
}
