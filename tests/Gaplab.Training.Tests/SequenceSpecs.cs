// GCNN and Gated DeltaNet against plain PyTorch, position by position; replicas together against replicas alone; causality.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class SequenceSpecs
{
    public static TheoryData<string> Cases => [.. GoldenVectors.Read("sequence-vectors.json")["cases"]!.AsArray().Select(c => c!["name"]!.GetValue<string>())];

    public static TheoryData<string> Kinds => ["gcnn", "gated-delta-net"];

    [Theory, MemberData(nameof(Cases))]
    public void Loss_gradient_and_hessian_vector_product_are_PyTorchs(string name)
    {
        using var scope = new TensorScope();
        JsonNode vector = GoldenVectors.Read("sequence-vectors.json")["cases"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;
        IModel model = ModelCatalogue.Build(GoldenVectors.Model(vector["model"]!), vector["vocabulary"]!.GetValue<int>(), 16);
        Tensor theta = Tensor.From<double>(GoldenVectors.Row(model.Layout, vector["parameters"]!), 1, model.Layout.Count);
        theta.RequiresGrad = true;
        long[][] rows = [.. vector["tokens"]!.AsArray().Select(r => r!.AsArray().Select(t => t!.GetValue<long>()).ToArray())];
        Tensor tokens = Tensor.From<long>(rows.SelectMany(r => r).ToArray(), 1, rows.Length, rows[0].Length);

        Tensor loss = model.Loss(theta, tokens);
        double[] gradient = Autograd.Gradient(loss.Sum(), theta).ToDoubles(), expected = GoldenVectors.Row(model.Layout, vector["gradient"]!);
        Closeness.Same([vector["loss"]!.GetValue<double>()], loss.ToDoubles(), 1e-12, what: "loss");
        Closeness.Same(expected, gradient, 1e-9, Closeness.LargestMagnitude(expected) * 1e-3, "gradient");

        double[] product = Autograd.HessianVectorProduct(model.Loss(theta, tokens).Sum(), theta, Tensor.From<double>(GoldenVectors.Row(model.Layout, vector["vector"]!), 1, model.Layout.Count)).ToDoubles();
        double[] expectedProduct = GoldenVectors.Row(model.Layout, vector["hvp"]!);
        Closeness.Same(expectedProduct, product, 1e-8, Closeness.LargestMagnitude(expectedProduct) * 1e-3, "Hessian-vector product");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Replicas_together_are_replicas_alone(string kind)
    {
        using var scope = new TensorScope();
        IModel model = Small(kind);
        const int Replicas = 3;
        (Tensor theta, Tensor tokens) = Start(model, Replicas);
        double[] losses = model.Loss(theta, tokens).ToDoubles(), gradient = Autograd.Gradient(model.Loss(theta, tokens).Sum(), theta).ToDoubles();
        int count = (int)model.Layout.Count;
        for (int r = 0; r < Replicas; r++)
        {
            Tensor alone = theta.Detach().Narrow(0, r, 1).Clone();
            alone.RequiresGrad = true;
            Tensor loss = model.Loss(alone, tokens.Narrow(0, r, 1));
            Closeness.Same(loss.ToDoubles(), losses.AsSpan(r, 1), 1e-13, what: "loss");
            double[] expected = Autograd.Gradient(loss.Sum(), alone).ToDoubles();
            Closeness.Same(expected, gradient.AsSpan(r * count, count), 1e-10, Closeness.LargestMagnitude(expected) * 1e-3, "gradient");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_prediction_depends_on_no_later_token(string kind)
    {
        using var scope = new TensorScope();
        var model = (ILogitModel)Small(kind);
        (Tensor theta, _) = Start(model, 1);
        long[] text = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0], changed = [.. text];
        const int From = 6;
        changed[From] = 0;
        double[] before = model.Predict(theta, Tensor.From<long>(text, 1, 1, text.Length)).Logits.ToDoubles(), after = model.Predict(theta, Tensor.From<long>(changed, 1, 1, text.Length)).Logits.ToDoubles();
        Closeness.Same(before.AsSpan(0, From * 5), after.AsSpan(0, From * 5), 1e-12, 1e-3);
        Assert.True(Math.Abs(before[From * 5] - after[From * 5]) > 1e-6);
    }

    private static IModel Small(string kind) =>
        ModelCatalogue.Build(new ModelSpec { Kind = kind, Layers = 2, Heads = 2, Width = 8, Kernel = 3, Chunk = 4, Activation = "swiglu", HeadInit = "xavier-uniform", EmbeddingStd = 1 }, 5, 9);

    private static (Tensor Theta, Tensor Tokens) Start(IModel model, int replicas)
    {
        double[] theta = new double[replicas * model.Layout.Count];
        for (int r = 0; r < replicas; r++) model.Layout.Initialise(r + 1, theta.AsSpan(r * (int)model.Layout.Count, (int)model.Layout.Count));
        Tensor weights = Tensor.From<double>(theta, replicas, model.Layout.Count);
        weights.RequiresGrad = true;
        return (weights, Tensor.From<long>(Enumerable.Range(0, replicas * 2 * 10).Select(i => (long)(i * 7 % 11 % 5)).ToArray(), replicas, 2, 10));
    }
}
