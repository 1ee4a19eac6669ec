// Weights from files and into them: PyTorch's recorded losses come out of PyTorch's weights, and what does not fit is refused by name.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Models;

public sealed class GivenWeightsSpecs : IDisposable
{
    private static readonly TaskSpec s_images = new()
    {
        Images = new ImageShape
        {
            Channels = 1,
            Height = 8,
            Width = 8,
            Classes = 3,
        },
    };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_weights_of_a_PyTorch_model_give_its_loss()
    {
        foreach (JsonNode? vector in GoldenVectors.Read("gpt-vectors.json")["cases"]!.AsArray())
        {
            using var scope = new TensorScope();
            ModelSpec spec = GoldenVectors.Model(vector!["model"]!) with { QkGain = false };
            using var model = new Gpt(spec, 11, 6);
            double[] row = GoldenVectors.Row(model.Layout, vector["parameters"]!);
            GivenWeights read = GivenWeights.Read(Write(model.Layout, row, "F64"), model);
            Assert.Equal(row, read.Theta);
            long[] tokens = [.. vector["tokens"]!.AsArray().SelectMany(b => b!.AsArray()).Select(t => t!.GetValue<long>())];
            Tensor loss = model.Loss(Tensor.From<double>(read.Theta, 1, row.Length), Tensor.From<long>(tokens, 1, tokens.Length / 7, 7));
            Closeness.Same([vector["loss"]!.GetValue<double>()], loss.ToDoubles(), 1e-11);
        }
    }

    [Theory]
    [InlineData("F64", 0), InlineData("F32", 1e-7), InlineData("F16", 1e-3), InlineData("BF16", 1e-2)]
    public void Every_floating_type_is_read(string type, double tolerance)
    {
        IModel model = Mlp();
        double[] row = Numbers(model.Layout);
        Closeness.Same(row, GivenWeights.Read(Write(model.Layout, row, type), model).Theta, tolerance, 1e-7);
    }

    [Fact]
    public void Content_is_names_and_numbers_and_nothing_else()
    {
        IModel model = Mlp();
        double[] row = [.. Numbers(model.Layout).Select(v => (double)(float)v)];
        string content = GivenWeights.Read(Write(model.Layout, row, "F64"), model).Content;
        Assert.Equal(content, GivenWeights.Read(Write(model.Layout, row, "F32"), model).Content);
        Assert.Equal(content, GivenWeights.Read(Write(model.Layout, row, "F32", backwards: true), model).Content);
        row[5] += 0.5;
        string file = Write(model.Layout, row, "F32");
        Assert.NotEqual(content, GivenWeights.Read(file, model).Content);
        // A run that was planned with other weights does not begin.
        string message = Assert
            .Throws<InputException>(() => GivenWeights.Planned(new ModelSpec { Weights = file, WeightsContent = content }, model))
            .Message;
        Assert.Contains("not those the study was planned with", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_named_by_the_content_of_its_weights_and_without_them_as_ever()
    {
        RunSpec plain = new()
        {
            Task = new TaskSpec(),
            Model = new ModelSpec(),
            Optimizer = new OptimizerSpec
            {
                Name = "sgd",
                Kind = "sgd",
                LearningRate = 0.1,
            },
            Batch = 4,
            Seed = 1,
            Budget = new BudgetSpec { Amount = 8 },
        };
        string Of(string? path, string? content) =>
            RunId.Of(plain with { Model = plain.Model with { Weights = path, WeightsContent = content } });
        Assert.Equal(RunId.Of(plain), Of(null, null));
        Assert.DoesNotContain("weights", RunId.Canonical(plain), StringComparison.Ordinal);
        Assert.Equal(Of("/a/w.safetensors", "12"), Of("/b/v.safetensors", "12"));
        Assert.Equal(3, new HashSet<string> { Of(null, null), Of("/a", "12"), Of("/a", "13") }.Count);
    }

    [Fact]
    public void A_file_that_does_not_fit_is_refused_in_one_line_that_names_the_tensor()
    {
        IModel model = Mlp();
        (string Name, string Type, long[] Shape, byte[] Data)[] good =
        [
            .. model.Layout.Slices.Select(s => (s.Name, "F32", (long[])[.. s.Shape], new byte[4 * s.Count])),
        ];
        byte[] nan = new byte[good[0].Data.Length];
        BitConverter.GetBytes(float.NaN).CopyTo(nan, 8);
        foreach (
            (string says, (string, string, long[], byte[])[] tensors) in ((string, (string, string, long[], byte[])[])[])
                [
                    ("lacks the tensor 'head.bias' of shape [3]", [.. good.SkipLast(1)]),
                    ("nearest name 'head.bias'", [.. good, ("head.bais", "F32", [1], new byte[4])]),
                    ("nearest name 'head_bias'", [.. good.SkipLast(1), ("head_bias", "F32", [3], new byte[12])]),
                    ("save weight.T.contiguous()", [good[0] with { Shape = [5, 64] }, .. good.Skip(1)]),
                    ("has the shape [320], the model's has [64, 5]", [good[0] with { Shape = [320] }, .. good.Skip(1)]),
                    ("is of type I32; expected F16", [good[0] with { Type = "I32" }, .. good.Skip(1)]),
                    ("NaN or infinite", [good[0] with { Data = nan }, .. good.Skip(1)]),
                ]
        )
            Assert.Contains(says, Refusal(ArrayBytes.Safetensors(tensors)), StringComparison.Ordinal);
        Assert.Contains("header", Refusal("no tensors at all"u8.ToArray()), StringComparison.Ordinal);
        foreach (
            (string name, string says) in ((string, string)[])[("gone.safetensors", "no such file"), ("w.pt", "pickle"), (".", "folder")]
        )
        {
            if (name == "w.pt")
                _folder.Write(name, [1]);
            Assert.Contains(
                says,
                Assert.Throws<InputException>(() => GivenWeights.Read(_folder.File(name), model)).Message,
                StringComparison.Ordinal
            );
        }

        string Refusal(byte[] file)
        {
            string path = _folder.Write("bad.safetensors", file),
                message = Assert.Throws<InputException>(() => GivenWeights.Read(path, model)).Message;
            Assert.DoesNotContain('\n', message);
            Assert.Contains("bad.safetensors", message, StringComparison.Ordinal);
            return message;
        }
    }

    [Theory]
    [InlineData("gpt", "markov", "weight-init: normal"), InlineData("gpt", "markov", "fused-qkv-init: false")]
    [InlineData("mlp", "shapes", "head-init: zero"), InlineData("lstm", "markov", "forget-bias: 2")]
    public void Beside_a_file_of_weights_keys_that_say_how_they_are_drawn_have_no_effect_and_are_refused(
        string kind,
        string task,
        string key
    )
    {
        StudySpec Read(string keys) =>
            StudyFile.Parse(
                "/s/x.yaml",
                $"task: {{kind: {task}}}\nmodel: {{kind: {kind}, {keys}}}\noptimizers: {{sgd: {{lr: 0.1}}}}\ngrid: {{batch: 4}}\n"
                    + "budget: {steps: 8}\n"
            );
        Assert.Equal("/s/w.safetensors", Read("weights: w.safetensors").Model.Weights);
        Assert.Null(Read(key).Model.Weights);
        Assert.Contains(
            $"'model.{key.Split(':')[0]}' has no effect",
            Assert.Throws<InputException>(() => Read($"weights: w.safetensors, {key}")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Running_statistics_go_with_the_weights_or_are_left_out_as_a_whole()
    {
        var model = (IRunningStatistics)
            ModelCatalogue.BuiltIn.Build(
                ModelCatalogue.BuiltIn.All.Single(k => k.Name == "resnet").Defaults with
                {
                    Layers = 1,
                    Width = 4,
                },
                3,
                s_images
            );
        using (RunningStatistics started = model.StartStatistics(2, ScalarType.Float32))
            Assert.Equal(started.Buffers.Select(b => (b.Name, b.Buffer.Size(1))), model.StatisticNames);
        double[] row = Numbers(model.Layout);
        Dictionary<string, double[]> statistics = model.StatisticNames.ToDictionary(
            s => s.Name,
            s => Enumerable.Range(1, (int)s.Count).Select(i => i / 4.0).ToArray()
        );
        var file = new OutputFile(_folder.File("bn.safetensors"));
        new GivenWeights(row, statistics).Write(file, model.Layout, TensorType.F64, new Dictionary<string, string> { ["format"] = "pt" });
        GivenWeights read = GivenWeights.Read(file.Path, model);
        Assert.Equal(row, read.Theta);
        Assert.Equal(statistics, read.Statistics);
        Assert.Throws<InputException>(() =>
            new GivenWeights(row, statistics).Write(file, model.Layout, TensorType.F64, new Dictionary<string, string>())
        );

        var tensors = ArrayBytes.Tensors(File.ReadAllBytes(file.Path));
        Assert.Equal(model.Layout.Slices.Length + statistics.Count, tensors.Count);
        foreach (ParamSlice slice in model.Layout.Slices)
        {
            Assert.Equal("F64", tensors[slice.Name].Type);
            Assert.Equal(slice.Shape, tensors[slice.Name].Shape);
            Assert.Equal(ArrayBytes.Of(row[(int)slice.Offset..(int)(slice.Offset + slice.Count)]), tensors[slice.Name].Data);
        }
        Assert.Empty(GivenWeights.Read(Write(model.Layout, row, "F32"), model).Statistics);
        string some = _folder.Write(
            "some.safetensors",
            ArrayBytes.Safetensors([.. tensors.SkipLast(1).Select(t => (t.Key, t.Value.Type, t.Value.Shape, t.Value.Data))])
        );
        Assert.Contains(
            "lacks the tensor",
            Assert.Throws<InputException>(() => GivenWeights.Read(some, model)).Message,
            StringComparison.Ordinal
        );
    }

    private static IModel Mlp() =>
        ModelCatalogue.BuiltIn.Build(
            ModelCatalogue.BuiltIn.All.Single(k => k.Name == "mlp").Defaults with
            {
                Layers = 1,
                Width = 5,
            },
            3,
            s_images
        );

    private static double[] Numbers(ParamLayout layout) => [.. Enumerable.Range(1, (int)layout.Count).Select(i => Math.Sin(i))];

    private string Write(ParamLayout layout, double[] row, string type, bool backwards = false)
    {
        byte[] Data(ReadOnlySpan<double> values) =>
            type switch
            {
                "F64" => ArrayBytes.Of(values.ToArray()),
                "F32" => ArrayBytes.Of(Array.ConvertAll(values.ToArray(), v => (float)v)),
                "F16" => ArrayBytes.Of(Array.ConvertAll(values.ToArray(), v => (Half)v)),
                _ => ArrayBytes.Of(Array.ConvertAll(values.ToArray(), v => (ushort)(BitConverter.SingleToUInt32Bits((float)v) >> 16))),
            };
        var tensors = layout.Slices.Select(s => (s.Name, type, (long[])[.. s.Shape], Data(row.AsSpan((int)s.Offset, (int)s.Count))));
        return _folder.Write($"{type}.safetensors", ArrayBytes.Safetensors([.. backwards ? tensors.Reverse() : tensors]));
    }
}
