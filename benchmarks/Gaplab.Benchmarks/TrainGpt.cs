// The same GPT trained by Adam in Gaplab and in PyTorch, one thread each, four sizes, R = 1 and R = 8, by processor time.
using System.Globalization;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class TrainGpt
{
    private sealed record Size(
        string Name,
        int Layers,
        int Heads,
        int Width,
        int Context,
        int Vocabulary,
        int[] Batches,
        int[] Replicas,
        double Seconds
    );

    // Sizes count all parameters; batches are what such models are trained with on a laptop.
    private static readonly Size[] Sizes =
    [
        new("0.02M", 1, 2, 32, 32, 64, [4, 64], [1, 8], 0.4),
        new("0.1M", 2, 4, 64, 64, 65, [16, 64], [1, 8], 1),
        new("1M", 5, 4, 128, 64, 65, [16], [1, 8], 2),
        new("10M", 6, 6, 384, 64, 65, [8], [1], 4),
    ];

    public static int Run(string[] args)
    {
        TorchRuntime.Threads = 1;
        bool vmap = args.Contains("--vmap"),
            malloc = args.Contains("--malloc"),
            debian13 = args.Contains("--debian13");
        int pairs = args.Contains("--quick") ? 3 : 7;
        double share = args.Contains("--quick") ? 0.3 : 1;
        bool shown = false;
        foreach (Size size in Sizes.Where(s => !args.Any(a => Sizes.Any(o => o.Name == a)) || args.Contains(s.Name)))
        foreach (int batch in size.Batches)
        foreach (int replicas in size.Replicas.Where(r => r > 1 || !vmap))
        {
            using Gpt model = Model(size);
            using GaplabPeer ours = Ours(model, size, batch, replicas);
            using var theirs = new PyTorchPeer("pytorch_gpt.py", Arguments(size, batch, replicas, vmap, malloc), debian13);
            if (!shown)
            {
                Conditions.Print(
                    $"gaplab on libtorch {TorchRuntime.Version}, BLAS {TorchRuntime.Blas}, kernels {TorchRuntime.Kernels}; "
                        + $"{theirs.Model.GetProperty("framework").GetString()}; one thread, processor time"
                );
                Console.WriteLine("size     params batch   R  gaplab samples/s  pytorch samples/s  ratio (median, range of pairs)");
                shown = true;
            }
            int steps = Math.Max(1, (int)(share * size.Seconds / ours.Run(4) * 4));
            // The peer's blocks are as long as its steps make them: a slow one gets fewer.
            Paired found = PairedBlocks.Measure(() => ours.Run(steps), () => theirs.Run(steps), pairs);
            double samples = (double)steps * batch * replicas;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{size.Name, -5} {ours.Parameters, 9} {batch, 5} {replicas, 3} {samples / found.A, 17:f0} {samples / found.B, 18:f0} "
                        + $"{found.Ratio, 6:f2} ({found.Least:f2} to {found.Largest:f2})"
                )
            );
        }
        return 0;
    }

    private static Gpt Model(Size size) =>
        new(
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

    private static GaplabPeer Ours(Gpt model, Size size, int batch, int replicas)
    {
        RandomStream stream = RandomStream.For(1, "benchmark/tokens");
        return new GaplabPeer(
            model,
            [.. Enumerable.Range(0, replicas * batch * (size.Context + 1)).Select(_ => stream.NextIndex(size.Vocabulary))],
            batch,
            replicas
        );
    }

    private static string[] Arguments(Size size, int batch, int replicas, bool vmap, bool malloc) =>
        string.Create(
                CultureInfo.InvariantCulture,
                $"--layers {size.Layers} --heads {size.Heads} --width {size.Width} "
                    + $"--context {size.Context} --vocabulary {size.Vocabulary} "
                    + $"--batch {batch} --replicas {replicas}{(vmap ? " --vmap" : "")}{(malloc ? " --malloc" : "")}"
            )
            .Split(' ');
}
