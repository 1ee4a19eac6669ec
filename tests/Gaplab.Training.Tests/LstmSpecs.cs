// The LSTM against torch.lstm on text and on images; replicas together against replicas alone; causality; how it starts.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class LstmSpecs
{
    private static readonly JsonNode Golden = GoldenVectors.Read("lstm-vectors.json");

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string kind in (string[])["text", "images"])
                for (int i = 0; i < Golden[kind]!.AsArray().Count; i++)
                    cases.Add(kind, i);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Loss_gradient_and_hessian_vector_product_are_PyTorchs(string kind, int index)
    {
        using var scope = new TensorScope();
        JsonNode vector = Golden[kind]![index]!;
        (IModel model, long[] rows) = Case(kind, vector);
        int batch = Batch(vector);
        ModelAgreement.WithPyTorch(model, vector, Tensor.From<long>(rows, 1, batch, rows.Length / batch));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Replicas_together_are_replicas_alone(string kind, int index)
    {
        using var scope = new TensorScope();
        JsonNode vector = Golden[kind]![index]!;
        (IModel model, long[] rows) = Case(kind, vector);
        double[] row = GoldenVectors.Row(model.Layout, vector["parameters"]!);
        int batch = Batch(vector),
            size = rows.Length / batch;
        Tensor theta = ModelPoint.Of(row, [.. row.Select(v => 0.7 * v)], [.. row.Select((v, i) => v + 0.01 * (i % 7))]);
        long[][] samples = [rows, [.. rows[size..], .. rows[..size]], rows];
        ModelAgreement.OfReplicas(
            model,
            theta,
            Tensor.From<long>(samples.SelectMany(s => s).ToArray(), 3, batch, size),
            losses: 1e-13,
            gradients: 1e-10
        );
    }

    [Fact]
    public void A_prediction_depends_on_no_later_token_and_on_the_first_one()
    {
        using var scope = new TensorScope();
        var model = (ILogitModel)
            ModelCatalogue.Build(
                new ModelSpec
                {
                    Kind = "lstm",
                    Layers = 2,
                    Width = 6,
                    Bias = true,
                    EmbeddingStd = 1,
                    HeadInit = "xavier-uniform",
                },
                5,
                9
            );
        double[] row = new double[model.Layout.Count];
        model.Layout.Initialise(1, row);
        Tensor theta = Tensor.From<double>(row, 1, row.Length);
        double[] Logits(params long[] text) => model.Predict(theta, Tensor.From<long>(text, 1, 1, text.Length)).Logits.ToDoubles();
        double[] before = Logits(1, 4, 2, 0, 3, 3, 1),
            later = Logits(1, 4, 2, 0, 1, 3, 1),
            first = Logits(2, 4, 2, 0, 3, 3, 1);
        Closeness.Same(before.AsSpan(0, 4 * 5), later.AsSpan(0, 4 * 5), 1e-12, 1e-3);
        Assert.True(Math.Abs(before[4 * 5] - later[4 * 5]) > 1e-6);
        Assert.True(Math.Abs(before[^1] - first[^1]) > 1e-9);
    }

    [Fact]
    public void Only_the_forget_gates_start_open()
    {
        IModel model = ModelCatalogue.Build(
            new ModelSpec
            {
                Kind = "lstm",
                Layers = 1,
                Width = 3,
                Bias = true,
                ForgetBias = 1.5,
            },
            5,
            9
        );
        double[] row = new double[model.Layout.Count];
        model.Layout.Initialise(1, row);
        ParamSlice bias = model.Layout["layers.0.bias"],
            recurrent = model.Layout["layers.0.recurrent"];
        Assert.Equal([0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 0, 0, 0], row[(int)bias.Offset..(int)(bias.Offset + bias.Count)]);
        Assert.All(row[(int)recurrent.Offset..(int)(recurrent.Offset + recurrent.Count)], w => Assert.InRange(w, -1, 1)); // √(6/(3+3)) = 1
    }

    private static int Batch(JsonNode vector) => (vector["tokens"] ?? vector["labels"])!.AsArray().Count;

    private static (IModel Model, long[] Rows) Case(string kind, JsonNode v)
    {
        ModelSpec spec = GoldenVectors.Model(v["model"]!);
        if (kind == "text")
            return (
                ModelCatalogue.Build(spec, v["vocabulary"]!.GetValue<int>(), 16),
                [.. v["tokens"]!.AsArray().SelectMany(r => r!.AsArray().Select(t => t!.GetValue<long>()))]
            );
        int side = v["side"]!.GetValue<int>(),
            batch = Batch(v);
        var shape = new ImageShape
        {
            Channels = v["channels"]!.GetValue<int>(),
            Height = side,
            Width = side,
            Classes = 3,
            Mean = GoldenVectors.Doubles(v["mean"]!),
            Deviation = GoldenVectors.Doubles(v["deviation"]!),
        };
        byte[] pixels = [.. v["pixels"]!.AsArray().Select(x => (byte)x!.GetValue<int>())];
        long[] rows = new long[batch * shape.RowLength];
        for (int b = 0; b < batch; b++)
        {
            for (int i = 0; i < shape.Count; i++)
                rows[b * shape.RowLength + i / 8] |= (long)pixels[b * shape.Count + i] << (i % 8 * 8);
            rows[b * shape.RowLength + shape.LabelAt] = v["labels"]![b]!.GetValue<long>();
        }
        return (ModelCatalogue.Build(spec, 3, new TaskSpec { Images = shape }), rows);
    }
}
