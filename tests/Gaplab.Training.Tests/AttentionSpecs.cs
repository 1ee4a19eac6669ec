// The kinds of attention by their properties: what they see, replicas, order of positions; and the masked objective's model.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class AttentionSpecs
{
    private const int Vocabulary = 6,
        Context = 10;

    public static TheoryData<string> Kinds => ["softmax", "linear", "sigmoid", "mean", "none"];

    public static TheoryData<string> MixingKinds => ["softmax", "linear", "sigmoid", "mean"];

    [Theory, MemberData(nameof(Kinds))]
    public void A_prediction_depends_on_what_came_before_and_on_nothing_later(string kind)
    {
        using var scope = new TensorScope();
        using Gpt model = Model(kind, TokenRows.Shifted);
        Tensor theta = ModelPoint.Start(model, 1);
        long[] text = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0],
            changed = [.. text];
        const int Changed = 4;
        changed[Changed] = 5;
        double[] before = model.Logits(theta, Rows(text)).ToDoubles(),
            after = model.Logits(theta, Rows(changed)).ToDoubles();
        Closeness.Same(before.AsSpan(0, Changed * Vocabulary), after.AsSpan(0, Changed * Vocabulary), 1e-12, 1e-3);
        double later = Enumerable
            .Range((Changed + 1) * Vocabulary, before.Length - (Changed + 1) * Vocabulary)
            .Max(i => Math.Abs(before[i] - after[i]));
        if (kind == "none")
            Assert.Equal(0, later);
        else
            Assert.True(later > 1e-6);
    }

    [Theory, MemberData(nameof(MixingKinds))]
    public void Without_positions_a_masked_model_does_not_know_the_order_of_its_inputs(string kind)
    {
        using var scope = new TensorScope();
        using Gpt model = Model(kind, TokenRows.Masked, "none");
        Tensor theta = ModelPoint.Start(model, 1);
        long[] text = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0];
        int[] order = [3, 0, 9, 1, 8, 2, 7, 5, 6, 4];
        double[] straight = model.Logits(theta, Rows(text)).ToDoubles(),
            shuffled = model.Logits(theta, Rows([.. order.Select(i => text[i])])).ToDoubles();
        for (int i = 0; i < order.Length; i++)
            Closeness.Same(straight.AsSpan(order[i] * Vocabulary, Vocabulary), shuffled.AsSpan(i * Vocabulary, Vocabulary), 1e-11, 1e-3);
    }

    [Theory, MemberData(nameof(MixingKinds))]
    public void A_masked_model_predicts_the_hidden_positions_and_sees_both_sides_of_them(string kind)
    {
        using var scope = new TensorScope();
        using Gpt model = Model(kind, TokenRows.Masked);
        Tensor theta = ModelPoint.Start(model, 1);
        // Two rows of 10 inputs, the 2 hidden positions and what they hid.
        long[] first =

            [
                1,
                5,
                2,
                0,
                3,
                3,
                5,
                2,
                4,
                0, /* at */
                1,
                6, /* was */
                4,
                1,
            ],
            second = [0, 0, 1, 2, 5, 4, 3, 2, 1, 5, 4, 9, 3, 0];
        Tensor tokens = Tensor.From<long>([.. first, .. second], 1, 2, first.Length);
        (Tensor logits, Tensor targets) = model.Predict(theta, tokens);
        Assert.Equal([4L, 1, 3, 0], targets.ToArray<long>());
        Assert.Equal([1L, 4, Vocabulary], logits.Shape.ToArray());
        double[] all = model.Logits(theta, Tensor.From<long>([.. first[..10], .. second[..10]], 1, 2, 10)).ToDoubles(),
            some = logits.ToDoubles();
        int[] at = [1, 6, 14, 19];
        for (int i = 0; i < at.Length; i++)
            Closeness.Same(all.AsSpan(at[i] * Vocabulary, Vocabulary), some.AsSpan(i * Vocabulary, Vocabulary), 1e-13, 1e-3);
        double loss = 0;
        for (int i = 0; i < at.Length; i++)
        {
            double[] row = some[(i * Vocabulary)..((i + 1) * Vocabulary)];
            loss += (Math.Log(row.Sum(Math.Exp)) - row[targets.ToArray<long>()[i]]) / at.Length;
        }
        Closeness.Same([loss], model.Loss(theta, tokens).ToDoubles(), 1e-12);
        // The last input, behind both hidden positions of the first row, moves their predictions.
        first[9] = 2;
        double[] moved = model.Predict(theta, Tensor.From<long>([.. first, .. second], 1, 2, first.Length)).Logits.ToDoubles();
        Assert.True(Math.Abs(moved[0] - some[0]) > 1e-6);
        Closeness.Same(some.AsSpan(2 * Vocabulary), moved.AsSpan(2 * Vocabulary), 1e-12, 1e-3);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Replicas_together_are_replicas_alone(string kind)
    {
        foreach (TokenRows rows in (TokenRows[])[TokenRows.Shifted, TokenRows.Apart, TokenRows.Masked])
        {
            using var scope = new TensorScope();
            using Gpt model = Model(kind, rows);
            const int Replicas = 3;
            ModelAgreement.OfReplicas(model, ModelPoint.Start(model, Replicas), Batch(rows, Replicas), losses: 1e-13, gradients: 1e-10);
        }
    }

    [Theory, InlineData("gpt"), InlineData("gcnn"), InlineData("gated-delta-net")]
    public void Targets_that_stand_apart_and_are_the_next_inputs_give_the_loss_of_shifted_rows(string kind)
    {
        using var scope = new TensorScope();
        var spec = new ModelSpec
        {
            Kind = kind,
            Layers = 1,
            Heads = 2,
            Width = 8,
            HeadInit = "xavier-uniform",
            EmbeddingStd = 1,
        };
        IModel shifted = ModelCatalogue.BuiltIn.Build(spec, Vocabulary, Context),
            apart = ModelCatalogue.BuiltIn.Build(spec, Vocabulary, Context, TokenRows.Apart);
        long[] text = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0, 5];
        Tensor theta = ModelPoint.Start(shifted, 1);
        Assert.Equal(shifted.Loss(theta, Rows(text)).ToDoubles(), apart.Loss(theta, Rows([.. text[..10], .. text[1..]])).ToDoubles());
        Assert.NotEqual(shifted.Loss(theta, Rows(text)).ToDoubles(), apart.Loss(theta, Rows([.. text[..10], 0, .. text[2..]])).ToDoubles());
        (shifted as IDisposable)?.Dispose();
        (apart as IDisposable)?.Dispose();
    }

    [Theory, InlineData("gcnn"), InlineData("gated-delta-net"), InlineData("lstm")]
    public void A_model_that_reads_from_the_left_refuses_a_masked_objective(string kind)
    {
        string message = Assert
            .Throws<InputException>(() =>
                ModelCatalogue.BuiltIn.Build(new ModelSpec { Kind = kind }, Vocabulary, Context, TokenRows.Masked)
            )
            .Message;
        Assert.Contains("task.objective is masked; expected model.kind gpt", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static Gpt Model(string attention, TokenRows rows, string positions = "rope") =>
        new(
            new ModelSpec
            {
                Layers = 2,
                Heads = 2,
                Width = 8,
                Attention = attention,
                Positions = positions,
                HeadInit = "xavier-uniform",
                EmbeddingStd = 1,
                ResidualScale = false,
            },
            Vocabulary,
            Context,
            rows
        );

    private static Tensor Rows(long[] row) => Tensor.From<long>(row, 1, 1, row.Length);

    // Rows of small ids are also valid positions.
    private static Tensor Batch(TokenRows rows, int replicas)
    {
        int length = TokenRowForm.Length(rows, Context);
        return Tensor.From<long>(
            Enumerable.Range(0, replicas * 2 * length).Select(i => (long)(i * 7 % 11 % 5)).ToArray(),
            replicas,
            2,
            length
        );
    }
}
