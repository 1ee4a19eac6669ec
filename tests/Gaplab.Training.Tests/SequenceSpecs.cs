// GCNN and Gated DeltaNet against plain PyTorch, position by position; replicas together against replicas alone; causality.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class SequenceSpecs
{
    public static TheoryData<string> Cases =>
        [.. GoldenVectors.Read("sequence-vectors.json")["cases"]!.AsArray().Select(c => c!["name"]!.GetValue<string>())];

    public static TheoryData<string> Kinds => ["gcnn", "gated-delta-net"];

    [Theory, MemberData(nameof(Cases))]
    public void Loss_gradient_and_hessian_vector_product_are_PyTorchs(string name)
    {
        using var scope = new TensorScope();
        JsonNode vector = GoldenVectors.Read("sequence-vectors.json")["cases"]!
            .AsArray()
            .Single(c => c!["name"]!.GetValue<string>() == name)!;
        IModel model = ModelCatalogue.Build(GoldenVectors.Model(vector["model"]!), vector["vocabulary"]!.GetValue<int>(), 16);
        long[][] rows = [.. vector["tokens"]!.AsArray().Select(r => r!.AsArray().Select(t => t!.GetValue<long>()).ToArray())];
        ModelAgreement.WithPyTorch(model, vector, Tensor.From<long>(rows.SelectMany(r => r).ToArray(), 1, rows.Length, rows[0].Length));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Replicas_together_are_replicas_alone(string kind)
    {
        using var scope = new TensorScope();
        IModel model = Small(kind);
        const int Replicas = 3;
        ModelAgreement.OfReplicas(
            model,
            ModelPoint.Start(model, Replicas),
            Tensor.From<long>(Enumerable.Range(0, Replicas * 2 * 10).Select(i => (long)(i * 7 % 11 % 5)).ToArray(), Replicas, 2, 10),
            losses: 1e-13,
            gradients: 1e-10
        );
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_prediction_depends_on_no_later_token(string kind)
    {
        using var scope = new TensorScope();
        var model = (ILogitModel)Small(kind);
        Tensor theta = ModelPoint.Start(model, 1);
        long[] text = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0],
            changed = [.. text];
        const int From = 6;
        changed[From] = 0;
        double[] before = model.Predict(theta, Tensor.From<long>(text, 1, 1, text.Length)).Logits.ToDoubles(),
            after = model.Predict(theta, Tensor.From<long>(changed, 1, 1, text.Length)).Logits.ToDoubles();
        Closeness.Same(before.AsSpan(0, From * 5), after.AsSpan(0, From * 5), 1e-12, 1e-3);
        Assert.True(Math.Abs(before[From * 5] - after[From * 5]) > 1e-6);
    }

    private static IModel Small(string kind) =>
        ModelCatalogue.Build(
            new ModelSpec
            {
                Kind = kind,
                Layers = 2,
                Heads = 2,
                Width = 8,
                Kernel = 3,
                Chunk = 4,
                Activation = "swiglu",
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
            },
            5,
            9
        );
}
