// Training throughput of every model but the GPT against the same model in PyTorch: samples per second of forward, backward and Adam, one
// run, one thread.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class TrainModels
{
    private const int Vocabulary = 65,
        Context = 64,
        Classes = 10;

    private sealed record Case(ModelSpec Model, int Batch, int Channels = 0, int Side = 0);

    // What the study file's defaults are for each kind, at small sizes.
    private static readonly Case[] Cases =
    [
        new(Classifier("mlp") with { Layers = 2, Width = 128 }, 64, 1, 28),
        new(Classifier("alexnet") with { Width = 8 }, 32, 3, 32),
        new(Classifier("resnet") with { Layers = 1, Width = 16, Norm = "batch" }, 32, 3, 32),
        new(
            Classifier("vit") with
            {
                Layers = 4,
                Heads = 4,
                Width = 64,
                Patch = 4,
                Activation = "gelu",
                Norm = "layernorm",
                NormPlacement = "pre",
                WeightInit = "xavier-uniform",
                EmbeddingNorm = false,
                QkNorm = false,
                QkGain = false,
                Positions = "sincos",
            },
            32,
            3,
            32
        ),
        new(
            new ModelSpec
            {
                Kind = "lstm",
                Layers = 2,
                Width = 128,
                Bias = true,
                EmbeddingStd = 1,
                HeadInit = "xavier-uniform",
            },
            16
        ),
        new(
            new ModelSpec
            {
                Kind = "gcnn",
                Layers = 4,
                Width = 64,
                Norm = "none",
                Bias = true,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
                ResidualScale = false,
            },
            16
        ),
        new(
            new ModelSpec
            {
                Kind = "gated-delta-net",
                Layers = 2,
                Heads = 2,
                Width = 64,
                Activation = "swiglu",
                EmbeddingStd = 1,
            },
            16
        ),
        new(
            new ModelSpec
            {
                Kind = "gat",
                Layers = 4,
                Heads = 4,
                Width = 64,
                Norm = "none",
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
            },
            64
        ),
        new(
            new ModelSpec
            {
                Kind = "grit",
                Layers = 2,
                Heads = 4,
                Width = 32,
                MlpRatio = 2,
                Activation = "relu",
                Norm = "layernorm",
                Bias = true,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
            },
            32
        ),
    ];

    private static ModelSpec Classifier(string kind) =>
        new()
        {
            Kind = kind,
            Activation = "relu",
            Norm = "none",
            NormPlacement = "post",
            Bias = true,
            HeadInit = "xavier-uniform",
            WeightInit = "he",
            ResidualScale = false,
        };

    public static int Run(string[] args)
    {
        TorchRuntime.Threads = 1;
        bool quick = args.Contains("--quick");
        string[] wanted = [.. args.Where(a => !a.StartsWith('-'))];
        Conditions.Print(
            $"gaplab on libtorch {TorchRuntime.Version}, BLAS {TorchRuntime.Blas}, kernels {TorchRuntime.Kernels}; the system's PyTorch; "
                + "one run, one thread, processor time"
        );
        Console.WriteLine("model              params  batch  gaplab samples/s  pytorch samples/s  ratio (median of pairs)");
        foreach (Case c in Cases.Where(c => wanted.Length == 0 || wanted.Contains(c.Model.Kind)))
            Compare(c, quick);
        return 0;
    }

    private static void Compare(Case c, bool quick)
    {
        using var scope = new TensorScope();
        (TaskSpec task, long[] rows, JsonObject peer) = Data(c);
        IModel model = ModelCatalogue.BuiltIn.Build(c.Model, Vocabulary, task);
        using var disposable = model as IDisposable;
        using var ours = new GaplabPeer(model, rows, c.Batch);
        using var theirs = new PyTorchPeer("pytorch_models.py", [peer.ToJsonString()]);
        long parameters = theirs.Model.GetProperty("parameters").GetInt64();
        if (parameters != ours.Parameters)
            throw new InvalidOperationException(
                $"{c.Model.Kind} has {ours.Parameters} parameters here and {parameters} in PyTorch; the two must be the same model"
            );
        int steps = Math.Max(1, (int)((quick ? 0.3 : 1) / ours.Run(3) * 3));
        (double a, double b, double ratio) = PairedBlocks.Measure(() => ours.Run(steps), () => theirs.Run(steps), quick ? 3 : 7);
        double samples = (double)steps * c.Batch;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{c.Model.Kind, -16} {ours.Parameters, 8} {c.Batch, 6} {samples / a, 17:f0} {samples / b, 18:f0} {ratio, 6:f2}"
            )
        );
    }

    private static (TaskSpec Task, long[] Rows, JsonObject Peer) Data(Case c)
    {
        ModelSpec m = c.Model;
        var peer = new JsonObject
        {
            ["kind"] = m.Kind,
            ["layers"] = m.Layers,
            ["heads"] = m.Heads,
            ["width"] = m.Width,
            ["batch"] = c.Batch,
            ["kernel"] = m.Kernel,
            ["chunk"] = m.Chunk,
            ["walk"] = m.Walk,
            ["patch"] = m.Patch,
            ["mlpRatio"] = m.MlpRatio,
        };
        RandomStream stream = RandomStream.For(1, "benchmark/rows");
        if (m.Kind is "gat" or "grit")
        {
            using ITask molecules = TaskCatalogue.BuiltIn.Load(new TaskSpec { Kind = "random-molecules", GraphCount = 4 * c.Batch });
            long[] graphs = new long[c.Batch * molecules.SampleLength];
            molecules.FillBatch(1, 0, graphs);
            GraphShape shape = molecules.Spec.Graphs!;
            (peer["nodeTypes"], peer["edgeTypes"], peer["nodes"]) = (shape.NodeTypes, shape.EdgeTypes, shape.MostNodes);
            return (molecules.Spec, graphs, peer);
        }
        if (c.Side == 0)
        {
            (peer["vocabulary"], peer["context"]) = (Vocabulary, Context);
            return (
                new TaskSpec { Context = Context },
                [.. Enumerable.Range(0, c.Batch * (Context + 1)).Select(_ => stream.NextIndex(Vocabulary))],
                peer
            );
        }
        var images = new ImageShape
        {
            Channels = c.Channels,
            Height = c.Side,
            Width = c.Side,
            Classes = Classes,
            Mean = [.. Enumerable.Repeat(0.5, c.Channels)],
            Deviation = [.. Enumerable.Repeat(0.29, c.Channels)],
        };
        (peer["channels"], peer["side"], peer["classes"]) = (c.Channels, c.Side, Classes);
        long[] rows = new long[c.Batch * images.RowLength];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = i % images.RowLength == images.LabelAt ? stream.NextIndex(Classes) : (long)stream.NextUInt64();
        return (new TaskSpec { Images = images, Context = 1 }, rows, peer);
    }
}
