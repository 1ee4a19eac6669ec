// What every kind of model in the catalogue must hold: PyTorch's numbers, replicas that do not see each other, causality, memory.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using Gaplab.Training.Tests.Devices;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Models;

public sealed class ModelContractSpecs
{
    private const int Vocabulary = 5,
        Context = 9,
        Changed = 6;

    private static readonly long[] Text = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0];

    public static TheoryData<string> Cases => [.. RecordedModels.Names];

    // A command is run, not built: the folder Commands has its tests.
    private static readonly ModelKind[] Built = [.. SampleKinds.Catalogues.Models.All.Where(k => !k.Reads.Contains(SampleKind.Own))];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Built.Length)];

    public static TheoryData<int> Sequences =>
        [.. Enumerable.Range(0, Built.Length).Where(i => Built[i].Reads.Contains(SampleKind.Tokens))];

    [Fact]
    public void Every_kind_has_recorded_vectors()
    {
        ModelKind[] recorded = [.. RecordedModels.Names.Select(n => RecordedModels.Of(n).Kind).Distinct()];
        Assert.Equal(
            [],
            ModelCatalogue
                .BuiltIn.All.Where(k => !k.Reads.Contains(SampleKind.Own))
                .Except(recorded)
                .Select(k => $"{k.Name} on {k.Reads[0]}")
        );
    }

    [Theory, MemberData(nameof(Cases))]
    public void Loss_gradient_and_hessian_vector_product_are_PyTorchs(string name) => AssertPyTorchs(name);

    /// <summary>No fused operation applies there, and what mixes the device with the host fails.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void On_a_device_they_are_too(string name)
    {
        using DeviceScope _ = FarDevice.Device.Use();
        AssertPyTorchs(name);
    }

    /// <summary>Eight bits of mantissa turn the gradient by no more than twenty times what rounding the weights alone does: every
    /// activation is rounded too.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void In_bfloat16_the_loss_is_near_and_the_gradient_points_the_same_way(string name)
    {
        using var scope = new TensorScope();
        RecordedModel recorded = RecordedModels.Of(name);
        using var disposable = recorded.Model as IDisposable;
        Tensor point = Point(recorded).Detach().ToType(ScalarType.Float32);
        (double Loss, double[] Gradient) At(Tensor theta, ScalarType type)
        {
            theta.RequiresGrad = true;
            Tensor loss = recorded.Model.Loss(theta.ToType(type), recorded.Rows()).ToType(ScalarType.Float32);
            return (loss.Item(), Autograd.Gradient(loss.Sum(), theta).ToDoubles());
        }
        Tensor coarse = point.ToType(ScalarType.BFloat16).ToType(ScalarType.Float32).Clone();
        (double loss, double[] gradient) = At(point.Clone(), ScalarType.Float32);
        double[] nearby = At(coarse, ScalarType.Float32).Gradient;
        (double half, double[] rounded) = At(point.Clone(), ScalarType.BFloat16);
        Assert.Equal(loss, half, 0.03 * Math.Abs(loss) + 0.01);
        double Turn(double[] of) => 1 - gradient.Zip(of, (a, b) => a * b).Sum() / Math.Sqrt(gradient.Sum(a => a * a) * of.Sum(b => b * b));
        Assert.True(
            Turn(rounded) < 20 * Turn(nearby) + 0.01,
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"1 - cosine is {Turn(rounded):g4}, of rounded weights alone {Turn(nearby):g4}"
            )
        );
    }

    private static void AssertPyTorchs(string name)
    {
        using var scope = new TensorScope();
        RecordedModel recorded = RecordedModels.Of(name);
        using var disposable = recorded.Model as IDisposable;
        (double gradient, double product) = recorded.Kind.Name is "gpt" or "t5" ? (1e-10, 1e-9) : (1e-9, 1e-8);
        ModelAgreement.WithPyTorch(recorded.Model, recorded.Vector, recorded.Rows(), gradient, product, recorded.Smoothed);
        if (recorded.Smoothed)
            Closeness.Same(
                [recorded.Vector["loss"]!.GetValue<double>()],
                recorded.Model.Loss(Point(recorded), recorded.Rows()).ToDoubles(),
                1e-12,
                what: "loss"
            );
    }

    /// <summary>Three replicas with other weights and other samples.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Replicas_together_are_replicas_alone(string name)
    {
        using var scope = new TensorScope();
        RecordedModel recorded = RecordedModels.Of(name);
        using var disposable = recorded.Model as IDisposable;
        double[] row = GoldenVectors.Row(recorded.Model.Layout, recorded.Vector["parameters"]!);
        bool images = recorded.Kind.Reads.Contains(SampleKind.Images) && recorded.Kind.Name != "lstm",
            sequences = recorded.Kind.Reads.Contains(SampleKind.Tokens) || recorded.Kind.Name == "lstm";
        ModelAgreement.OfReplicas(
            recorded.Model,
            ModelPoint.Of(row, [.. row.Select(v => 0.7 * v)], [.. row.Select((v, i) => v + 0.01 * (i % 7))]),
            Tensor.Cat([recorded.Rows(), recorded.Rows(1), recorded.Rows(2)], 0),
            losses: sequences ? 1e-13 : 1e-12,
            gradients: sequences ? 1e-10 : 1e-9,
            floor: images ? 1e-6 : 1e-3,
            training: recorded.Smoothed
        );
    }

    /// <summary>What recorded vectors hold the other kinds to: independent replicas, and derivatives that are those of the loss.</summary>
    [Theory, MemberData(nameof(Sequences))]
    public void A_kind_of_sequences_is_differentiated_replica_by_replica(int index)
    {
        using var scope = new TensorScope();
        IModel model = Small(Built[index], TokenRows.Shifted);
        using var disposable = model as IDisposable;
        Tensor rows = Tensor.From<long>([.. Text, .. Text.Reverse(), .. Text.Select(t => (t + 1) % Vocabulary)], 3, 1, Text.Length);
        ModelAgreement.OfReplicas(model, ModelPoint.Start(model, 3), rows, losses: 1e-12, gradients: 1e-9);

        double[] theta = ModelPoint.Start(model, 1).ToDoubles(),
            v = Optim.OptimizerTrial.Numbers("direction", 0, theta.Length);
        (double Loss, double[] Gradient) At(double h)
        {
            Tensor point = ModelPoint.Of([.. theta.Zip(v, (t, d) => t + h * d)]),
                loss = model.Loss(point, rows.Narrow(0, 0, 1));
            return (loss.Item(), Autograd.Gradient(loss.Sum(), point).ToDoubles());
        }
        // Central differences at h and h/2 leave an error of order h⁴.
        const double H = 1e-4;
        double Extrapolated(Func<double, double> of) => (4 * (of(H / 2) - of(-H / 2)) / H - (of(H) - of(-H)) / (2 * H)) / 3;
        double slope = At(0).Gradient.Zip(v, (g, d) => g * d).Sum();
        Closeness.Same([Extrapolated(h => At(h).Loss)], [slope], 1e-7, what: "slope");
        Tensor start = ModelPoint.Of(theta);
        double[] product = Autograd
            .HessianVectorProduct(model.Loss(start, rows.Narrow(0, 0, 1)).Sum(), start, Tensor.From<double>(v, 1, v.Length))
            .ToDoubles();
        double curvature = product.Zip(v, (p, d) => p * d).Sum();
        Closeness.Same(
            [Extrapolated(h => At(h).Gradient.Zip(v, (g, d) => g * d).Sum())],
            [curvature],
            1e-7,
            Math.Sqrt(product.Sum(p => p * p)),
            "curvature"
        );
    }

    [Theory, MemberData(nameof(Sequences))]
    public void A_prediction_depends_on_no_later_token_and_on_earlier_ones(int index)
    {
        using var scope = new TensorScope();
        var model = (ILogitModel)Small(Built[index], TokenRows.Shifted);
        using var disposable = model as IDisposable;
        Tensor theta = ModelPoint.Start(model, 1);
        double[] Logits(int at, long token)
        {
            long[] text = [.. Text];
            text[at] = token;
            return model.Predict(theta, Tensor.From<long>(text, 1, 1, text.Length)).Logits.ToDoubles();
        }
        double[] before = Logits(Changed, Text[Changed]),
            later = Logits(Changed, 0),
            earlier = Logits(Changed - 1, 0);
        Closeness.Same(before.AsSpan(0, Changed * Vocabulary), later.AsSpan(0, Changed * Vocabulary), 1e-12, 1e-3);
        Assert.True(Math.Abs(before[Changed * Vocabulary] - later[Changed * Vocabulary]) > 1e-6);
        Assert.True(Math.Abs(before[Changed * Vocabulary] - earlier[Changed * Vocabulary]) > 1e-9);
    }

    [Theory, MemberData(nameof(Sequences))]
    public void One_that_predicts_hidden_tokens_sees_both_sides_and_the_others_refuse_to(int index)
    {
        using var scope = new TensorScope();
        ModelKind kind = Built[index];
        if (!kind.SeesBothSides)
        {
            string message = Assert.Throws<Gaplab.Numerics.InputException>(() => Small(kind, TokenRows.Masked)).Message;
            Assert.Contains("predicts from what came before, but task.objective is masked", message, StringComparison.Ordinal);
            return;
        }
        var model = (ILogitModel)Small(kind, TokenRows.Masked);
        using var disposable = model as IDisposable;
        Tensor theta = ModelPoint.Start(model, 1);
        // Nine inputs, one place to predict and its target.
        double[] Logits(int at, long token)
        {
            long[] row = [.. Text[..Context], 4, 3];
            row[at] = token;
            return model.Predict(theta, Tensor.From<long>(row, 1, 1, row.Length)).Logits.ToDoubles();
        }
        double[] before = Logits(0, Text[0]);
        Assert.Equal(Vocabulary, before.Length);
        Assert.All((double[][])[Logits(1, 0), Logits(7, 0)], after => Assert.True(Math.Abs(before[0] - after[0]) > 1e-9));
    }

    /// <summary>The pack planner multiplies these: they are positive, and grow with the width and the depth.</summary>
    [Theory, MemberData(nameof(Rows))]
    public void Memory_of_a_sample_grows_with_width_and_depth(int index)
    {
        ModelKind kind = Built[index];
        ModelInput input = Input(kind);
        double Numbers(ModelSpec spec) => kind.Numbers(spec, input);
        Assert.True(Numbers(kind.Defaults) > 0);
        foreach (SpecKey<ModelSpec> key in kind.Keys.Where(k => k.Name is "width" or "layers"))
        {
            ModelSpec larger =
                key.Name == "width"
                    ? kind.Defaults with
                    {
                        Width = 2 * kind.Defaults.Width,
                    }
                    : kind.Defaults with
                    {
                        Layers = 2 * kind.Defaults.Layers,
                    };
            Assert.True(Numbers(larger) > Numbers(kind.Defaults), key.Name);
        }
    }

    private static IModel Small(ModelKind kind, TokenRows rows) =>
        kind.Build(
            kind.Defaults with
            {
                Layers = 2,
                Heads = 2,
                Width = 8,
                Kernel = 3,
                Chunk = 4,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
            },
            new ModelInput(Vocabulary, new TaskSpec { Context = Context }, rows)
        );

    private static ModelInput Input(ModelKind kind) =>
        new(
            10,
            kind.Reads.Contains(SampleKind.Images)
                    ? new TaskSpec
                    {
                        Images = new ImageShape
                        {
                            Channels = 3,
                            Height = 16,
                            Width = 16,
                            Classes = 10,
                        },
                    }
                : kind.Reads.Contains(SampleKind.Graphs) ? new TaskSpec { Graphs = new GraphShape { MostNodes = 20 } }
                : new TaskSpec { Context = 32 },
            TokenRows.Shifted
        );

    private static Tensor Point(RecordedModel recorded) =>
        ModelPoint.Of(GoldenVectors.Row(recorded.Model.Layout, recorded.Vector["parameters"]!));
}
