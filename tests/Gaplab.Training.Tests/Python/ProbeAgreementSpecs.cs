// gaplab_probe.py on one of Gaplab's own models, in PyTorch, against Gaplab's own measurements: both in double precision.
using System.Text.Json.Nodes;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.GapModel;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Training.Tests.Python;

/// <summary>The same weights, samples, directions and random signs on both sides.</summary>
public sealed class ProbeAgreementSpecs : IDisposable
{
    private const int Samples = 12,
        Batch = 4;
    private const long Seed = 5;
    private const double Relative = 1e-7;

    private readonly TestFolder _folder = new();
    private readonly Gpt _model;
    private readonly double[] _theta;
    private readonly double[] _update;
    private readonly LanguageTask _task;
    private readonly TrainingSubset _subset;
    private readonly EvaluationSet _set;

    public ProbeAgreementSpecs()
    {
        TorchRuntime.Threads = 1;
        JsonNode vector = GoldenVectors.Read("gpt-vectors.json")["cases"]![0]!;
        _model = new Gpt(GoldenVectors.Model(vector["model"]!) with { QkGain = false }, 11, 6);
        _theta = GoldenVectors.Row(_model.Layout, vector["parameters"]!);
        _update = [.. GoldenVectors.Row(_model.Layout, vector["vector"]!).Select(v => 0.01 * v)];
        _task = LanguageTask.Load(
            new TaskSpec
            {
                Kind = "markov",
                Vocabulary = 11,
                Context = 6,
                Tokens = 2000,
            }
        );
        _subset = TrainingSubset.Of(_task, Samples);
        _set = _subset.InBatches(Batch);
    }

    public void Dispose()
    {
        _task.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void All_its_numbers_are_Gaplabs_own()
    {
        Interpreter.SkipWithoutTorch();
        // Downhill, so that there is a length at which the loss rises.
        double[] gradient = _subset.Gradient(_model, _theta);
        if (TensorPrimitives.Dot<double>(gradient, _update) > 0)
            TensorPrimitives.Negate(_update, _update);
        ParamBlock all = ParamBlock.All(_model.Layout);
        ParamBlock[] layers = [.. ParamBlock.Layers(_model.Layout)];
        _folder.Write("case.json", Case([all, .. layers]).ToJsonString());
        Interpreter
            .Run(_folder, Repository.At("tests/python/probe_agreement.py"), _folder.File("case.json"), _folder.Path)
            .AssertSucceeded();
        JsonNode numbers = JsonNode.Parse(File.ReadAllText(_folder.File("numbers.json")))!;
        Sharpness(numbers["sharpness"]!);
        Critical(numbers["critical"]!);
        double[][] gradients = Noise();
        Scale(numbers["noise-scale"]!, gradients, gradient);
        using var hessian = new Hessian(_model, _theta, _set);
        Moments(numbers["spectrum"]!.AsArray(), hessian, layers);
        Probe(hessian, all, layers);
    }

    private void Sharpness(JsonNode found)
    {
        DirectionMeasure own = DirectionalSharpness.Measure(
            _model,
            _theta,
            _set,
            [new NamedUpdate("update", _update)],
            new SharpnessOptions { CrossCheck = true }
        )[0];
        Assert.Equal("exact", found["method"]!.GetValue<string>());
        Same(own.Sharpness.Value, found, "sharpness");
        Same(own.Sharpness.StandardError, found, "sharpness_error");
        Same(own.Slope.Value, found, "slope");
        Same(own.Cosine, found, "cosine");
        Same(own.Length, found, "length");
        Same(own.Slope.Value * own.Length, found, "linear");
        Same(own.Sharpness.Value * own.Length * own.Length / 2, found, "quadratic");
        Assert.Equal(own.Sharpness.Value, found["finite_difference"]!.GetValue<double>(), 1e-5 * Math.Abs(own.Sharpness.Value));
    }

    /// <summary>The loss is level at its factor: Gaplab's own forward pass says so.</summary>
    private void Critical(JsonNode found)
    {
        double Loss(double factor) => DirectionalSharpness.Loss(_model, _theta, _set, _update, factor);
        double low = found["factor_low"]!.GetValue<double>(),
            high = found["factor_high"]!.GetValue<double>(),
            factor = found["critical_factor"]!.GetValue<double>();
        Assert.InRange(found["forwards"]!.GetValue<int>(), 3, 9);
        Assert.True(Loss(Factor * low) <= Loss(0) && Loss(Factor * high) > Loss(0), $"{low} … {high}");
        Assert.InRange(factor, low, high);
        Assert.Equal(2 / factor, found["critical_sharpness"]!.GetValue<double>(), 1e-12 / factor);
    }

    private const double Factor = 3;

    private double[][] Noise()
    {
        double[][] gradients = new double[Samples][];
        _subset.Gradients(_model, _theta, [.. Enumerable.Range(0, Samples).Select(i => (int[])[i])], (i, g) => gradients[i] = g.ToArray());
        JsonNode coordinates = JsonNode.Parse(File.ReadAllText(_folder.File("noise-coordinates.json")))!;
        int[] places = [.. coordinates["coordinates"]!.AsArray().Select(c => c!.GetValue<int>())];
        Assert.Equal(200, places.Distinct().Count());
        (ITailSource source, _) = ArrayFile.Open(_folder.File("noise.npy"), new ArrayChoice(null, null, false));
        using (source as IDisposable)
        {
            Assert.Equal((Samples, 200), ((int)source.Iterations, (int)source.Coordinates));
            byte[] data = File.ReadAllBytes(_folder.File("noise.npy"))[128..];
            double[] values = new double[data.Length / sizeof(double)];
            Buffer.BlockCopy(data, 0, values, 0, data.Length);
            double[] expected = [.. gradients.SelectMany(g => places.Select(p => g[p]))];
            Closeness.Same(expected, values, Relative, Closeness.LargestMagnitude(expected) * 1e-3, "noise");
        }
        return gradients;
    }

    private static void Scale(JsonNode found, double[][] gradients, double[] mean)
    {
        NoiseScale own = NoiseScale.TwoBatches(
            (1, [.. gradients.Select(g => TensorPrimitives.SumOfSquares<double>(g))]),
            (Samples, [TensorPrimitives.SumOfSquares<double>(mean)])
        );
        Same(own.Trace, found, "noise_trace");
        Same(own.GradientSquare, found, "gradient_square");
        if (own.GradientSquare > 0)
            Same(own.Scale.Value, found, "noise_scale");
        else
            Assert.Equal("NaN", found["noise_scale"]!.GetValue<string>());
    }

    /// <summary>A quadrature is known by its moments: products with powers of the Hessian.</summary>
    private static void Moments(JsonArray found, Hessian hessian, ParamBlock[] layers)
    {
        Assert.Equal(layers.Select(l => l.Name), found.Select(b => b!["name"]!.GetValue<string>()));
        foreach ((ParamBlock layer, JsonNode? block) in layers.Zip(found))
        {
            double[] v = [.. Signs(layer, 0).Select(s => s / Math.Sqrt(layer.Count))],
                power = [.. v],
                row = new double[hessian.Dimension],
                image = new double[hessian.Dimension];
            (double[] nodes, double[] weights) = (GoldenVectors.Doubles(block!["nodes"]!), GoldenVectors.Doubles(block["weights"]!));
            Assert.Equal(layer.Count, block["parameters"]!.GetValue<int>());
            for (int k = 0; k <= 5; k++)
            {
                double moment = TensorPrimitives.Dot<double>(v, power),
                    size = nodes.Zip(weights, (t, w) => w * Math.Pow(Math.Abs(t), k)).Sum();
                Assert.Equal(moment, nodes.Zip(weights, (t, w) => w * Math.Pow(t, k)).Sum(), 1e-8 * size);
                Array.Clear(row);
                layer.Scatter(power, row);
                hessian.Apply(row, image);
                layer.Gather(image, power);
            }
        }
    }

    private void Probe(Hessian hessian, ParamBlock all, ParamBlock[] layers)
    {
        Probe found = ProbeJson.Read(_folder.File("probe.json"));
        Assert.Contains("\"digest\"", File.ReadAllText(_folder.File("probe.json")), StringComparison.Ordinal);
        GradientSample sample = GradientSample.Of(_subset, _model, _theta, [all, .. layers], Seed);
        AdamMetric metric = AdamMetric.Of(sample, _model.Layout);
        var probe = new BlockProbe(sample, 8);
        Block(probe.Measure(hessian, all, Seed)!, Assert.Single(found.Blocks));
        Block(probe.Measure(hessian, all, Seed, metric: metric)!, Assert.Single(found.Preconditioned!));
        Assert.Equal(layers.Length, found.Layers!.Count);
        foreach ((ParamBlock layer, ProbeBlock block) in layers.Zip(found.Layers))
            Block(probe.Measure(hessian, layer, Seed)!, block);
        Probe moved = ProbeJson.Read(_folder.File("moved/probe.json"));
        Block(probe.Measure(hessian, all, Seed, _update)!, Assert.Single(moved.Blocks));
        Block(probe.Measure(hessian, all, Seed, _update, metric)!, Assert.Single(moved.Preconditioned!));
        double trace = metric.Preconditioner.Sum();
        Assert.Equal(trace, found.PreconditionerTrace!.Value, Relative * trace);
        Assert.Equal(_subset.Loss(_model, _theta), found.InitialLoss!.Value, 1e-10);
        (AxesGeometry own, _) = GeometryProbe.Measure(hessian, _model.Layout, sample.Mean, Seed)!.Value;
        Assert.Equal(own.Density, found.Geometry!.GradientDensity!.Value, Relative);
        if (double.IsFinite(own.SignGain))
            Assert.Equal(own.SignGain, found.Geometry.SignGain!.Value, Relative * own.SignGain);
        else
            Assert.Null(found.Geometry.SignGain);
        Assert.Equal([4, 16, 64], found.Batches);
        Assert.Equal(640, found.Budget.Samples);
    }

    private static void Block(BlockMeasurement own, ProbeBlock found)
    {
        Assert.Equal((own.Block.Name, own.Block.Count), (found.Name, (int)found.Parameters));
        void Rows(IEnumerable<double> expected, IEnumerable<double> actual, string what)
        {
            double[] row = [.. expected];
            Closeness.Same(row, [.. actual], 1e-7, 1e-3 * Closeness.LargestMagnitude(row), $"{found.Name} {what}");
        }
        Rows(own.Nodes, found.Nodes, "nodes");
        Rows(own.Weights.Select(w => w.Value), found.Weights.Select(w => w.Value), "weights");
        Rows(own.Weights.Select(w => w.StandardError), found.Weights.Select(w => w.Error), "weights' errors");
        Rows(own.NoiseVariance.Select(v => v.Value), found.NoiseVariance.Select(v => v.Value), "noise");
        Rows(own.NoiseVariance.Select(v => v.StandardError), found.NoiseVariance.Select(v => v.Error), "noise's errors");
        if (own.Displacement is { } way)
        {
            Rows(way, found.Displacement!.Select(d => d.Value), "displacement");
        }
        else
        {
            Rows(own.GradientShares, found.GradientShares!, "gradient");
            Measured norm = found.GradientNorm!.Value;
            Rows([own.GradientNorm.Value, own.GradientNorm.StandardError], [norm.Value, norm.Error], "norm");
        }
        Rows([own.Alignment], [found.Alignment!.Value], "alignment");
    }

    private JsonObject Case(IReadOnlyList<ParamBlock> blocks)
    {
        var weights = new JsonObject();
        foreach (ParamSlice slice in _model.Layout.Slices)
            weights[slice.Name] = new JsonObject
            {
                ["shape"] = List(slice.Shape),
                ["values"] = List(_theta.Skip((int)slice.Offset).Take((int)slice.Count)),
            };
        var signs = new JsonObject();
        RandomStream noise = RandomStream.For(Seed, "probe/noise-signs");
        for (int k = 0; k < 2; k++)
            signs[$"noise/{k}"] = List(Enumerable.Range(0, Samples).Select(_ => noise.NextIndex(2) == 0 ? 1.0 : -1).ToArray());
        foreach (ParamBlock block in blocks)
            for (int k = 0; k < 2; k++)
                signs[$"density/{block.Name}/{k}"] = List(Signs(block, k));
        int length = _set.Rows(0).Length / Batch;
        return new JsonObject
        {
            ["model"] = GoldenVectors.Read("gpt-vectors.json")["cases"]![0]!["model"]!.DeepClone(),
            ["weights"] = weights,
            ["samples"] = new JsonArray([
                .. Enumerable
                    .Range(0, _set.Count)
                    .SelectMany(b => _set.Rows(b).ToArray().Chunk(length))
                    .Select(row => (JsonNode?)List(row)),
            ]),
            ["batch"] = Batch,
            ["update"] = List(_update),
            ["factor"] = Factor,
            ["signs"] = signs,
        };
    }

    /// <summary>Those of the block's random start vectors.</summary>
    private static double[] Signs(ParamBlock block, int index)
    {
        RandomStream stream = RandomStream.For(Seed, $"probe/block/density/{block.Name}", index);
        return [.. Enumerable.Range(0, block.Count).Select(_ => stream.NextIndex(2) == 0 ? 1.0 : -1)];
    }

    private static JsonArray List<T>(IEnumerable<T> values) => new([.. values.Select(v => (JsonNode?)JsonValue.Create(v))]);

    private static void Same(double expected, JsonNode found, string key) =>
        Closeness.Same([expected], [found[key]!.GetValue<double>()], Relative, what: key);
}
