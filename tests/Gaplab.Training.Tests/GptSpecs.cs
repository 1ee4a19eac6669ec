// The GPT: fused derivatives against recorded ones, gains of the QK-norm, a Hessian-vector product against differences.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class GptSpecs
{
    public static TheoryData<string> Cases =>
        [.. GoldenVectors.Read("gpt-vectors.json")["cases"]!.AsArray().Select(c => c!["name"]!.GetValue<string>())];

    [Theory, MemberData(nameof(Cases))]
    public void Derivatives_that_are_recorded_are_the_fused_ones(string name)
    {
        using var scope = new TensorScope();
        JsonNode vector = GoldenVectors.Read("gpt-vectors.json")["cases"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;
        using var model = new Gpt(GoldenVectors.Model(vector["model"]!) with { QkGain = false }, 11, 6);
        Tensor theta = Tensor.From<double>(GoldenVectors.Row(model.Layout, vector["parameters"]!), 1, model.Layout.Count);
        theta.RequiresGrad = true;
        Tensor tokens = Tokens(vector["tokens"]!);
        double[] fused = Autograd.Gradient(model.Loss(theta, tokens).Sum(), theta).ToDoubles();
        Tensor recorded = Autograd.Gradient(model.Loss(theta, tokens).Sum(), theta, createGraph: true);
        Closeness.Same(recorded.ToDoubles(), fused, 1e-11, Closeness.LargestMagnitude(fused) * 1e-3, "gradient");
        // A product that is itself recorded goes through libtorch's own operations; one that is not, through the fused ones.
        Tensor v = Tensor.From<double>(GoldenVectors.Row(model.Layout, vector["vector"]!), 1, model.Layout.Count);
        double[] composite = Autograd.Gradients([recorded], [theta], [v], createGraph: true)[0].ToDoubles(),
            product = Autograd.Gradients([recorded], [theta], [v])[0].ToDoubles();
        Closeness.Same(composite, product, 1e-10, Closeness.LargestMagnitude(composite) * 1e-3, "Hessian-vector product");
    }

    [Fact]
    public void A_gain_of_QK_norm_scales_the_scores()
    {
        using var scope = new TensorScope();
        JsonNode vector = GoldenVectors.Read("gpt-vectors.json")["cases"]!.AsArray()[0]!;
        ModelSpec spec = GoldenVectors.Model(vector["model"]!);
        using var plain = new Gpt(spec with { QkGain = false }, 11, 6);
        using var gained = new Gpt(spec, 11, 6);
        Tensor tokens = Tokens(vector["tokens"]!);
        double[] plainRow = GoldenVectors.Row(plain.Layout, vector["parameters"]!),
            ones = Widened(1, 1),
            twoAndHalf = Widened(2, 0.5),
            two = Widened(2, 1);
        double loss = Loss(plain, plainRow);
        // A gain of 1 is none; q·2 against k·½ leaves every score as it was; q·2 alone does not.
        Closeness.Same([loss], [Loss(gained, ones)], 1e-13);
        Closeness.Same([loss], [Loss(gained, twoAndHalf)], 1e-13);
        Assert.True(Math.Abs(Loss(gained, two) - loss) > 1e-6);

        double Loss(Gpt model, double[] row) => model.Loss(Tensor.From<double>(row, 1, row.Length), tokens).Item();
        double[] Widened(double query, double key)
        {
            double[] row = new double[gained.Layout.Count];
            foreach (ParamSlice slice in gained.Layout.Slices)
            {
                Span<double> target = row.AsSpan((int)slice.Offset, (int)slice.Count);
                if (slice.Name.Contains("query-norm", StringComparison.Ordinal))
                    target.Fill(query);
                else if (slice.Name.Contains("key-norm", StringComparison.Ordinal))
                    target.Fill(key);
                else
                    plainRow.AsSpan((int)plain.Layout[slice.Name].Offset, (int)slice.Count).CopyTo(target);
            }
            return row;
        }
    }

    [Fact]
    public void A_hessian_vector_product_is_the_finite_difference_of_the_gradient()
    {
        using var scope = new TensorScope();
        JsonNode vector = GoldenVectors.Read("gpt-vectors.json")["cases"]!.AsArray()[0]!;
        using var model = new Gpt(GoldenVectors.Model(vector["model"]!) with { Activation = "gelu", QkGain = false }, 11, 6);
        double[] at = GoldenVectors.Row(model.Layout, vector["parameters"]!),
            v = GoldenVectors.Row(model.Layout, vector["vector"]!);
        Tensor tokens = Tokens(vector["tokens"]!);
        double[] Gradient(double step)
        {
            double[] moved = [.. at.Zip(v, (a, b) => a + step * b)];
            Tensor theta = Tensor.From<double>(moved, 1, moved.Length);
            theta.RequiresGrad = true;
            return Autograd.Gradient(model.Loss(theta, tokens).Sum(), theta).ToDoubles();
        }
        const double Step = 1e-4;
        // Richardson: central differences at h and h/2 leave an error of order h⁴.
        double[] coarse = [.. Gradient(Step).Zip(Gradient(-Step), (a, b) => (a - b) / (2 * Step))];
        double[] fine = [.. Gradient(Step / 2).Zip(Gradient(-Step / 2), (a, b) => (a - b) / Step)];
        double[] difference = [.. fine.Zip(coarse, (f, c) => (4 * f - c) / 3)];
        Tensor point = Tensor.From<double>(at, 1, at.Length);
        point.RequiresGrad = true;
        double[] product = Autograd
            .HessianVectorProduct(model.Loss(point, tokens).Sum(), point, Tensor.From<double>(v, 1, v.Length))
            .ToDoubles();
        Closeness.Same(difference, product, 1e-6, Closeness.LargestMagnitude(difference) * 1e-2, "Hessian-vector product");
    }

    private static Tensor Tokens(JsonNode node)
    {
        long[][] rows = [.. node.AsArray().Select(r => r!.AsArray().Select(t => t!.GetValue<long>()).ToArray())];
        return Tensor.From<long>(rows.SelectMany(r => r).ToArray(), 1, rows.Length, rows[0].Length);
    }
}
