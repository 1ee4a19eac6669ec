// The encoder–decoder: what padding, causality and the replica axis must not change, and how it starts.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class T5Specs
{
    private static readonly JsonNode Golden = GoldenVectors.Read("t5-vectors.json");

    public static TheoryData<string> Cases => [.. Golden["cases"]!.AsArray().Select(c => c!["name"]!.GetValue<string>())];

    [Fact]
    public void Buckets_of_relative_positions_are_T5s()
    {
        foreach (JsonNode? table in Golden["buckets"]!.AsArray())
        {
            long first = table!["offsets"]![0]!.GetValue<long>();
            long[] ids = [.. table["ids"]!.AsArray().Select(i => i!.GetValue<long>())];
            Assert.Equal(
                ids,
                ids.Select(
                    (_, i) =>
                        RelativeBuckets.Of(
                            first + i,
                            table["buckets"]!.GetValue<long>(),
                            table["distance"]!.GetValue<long>(),
                            table["bidirectional"]!.GetValue<bool>()
                        )
                )
            );
        }
        // As published for 32 buckets and distance 128: eight exact ones a side, 16 is the third logarithmic one, and 128 the last.
        Assert.Equal(
            [0L, 7, 8, 10, 15, 15, 17, 31],
            new long[] { 0, -7, -8, -16, -128, -500, 1, 500 }.Select(offset => RelativeBuckets.Of(offset, 32, 128, true))
        );
    }

    [Theory, MemberData(nameof(Cases))]
    public void More_padding_changes_nothing(string name)
    {
        using var scope = new TensorScope();
        (T5 model, JsonNode vector, double[] row, long[][] rows) = Case(name);
        int source = vector["model"]!["source"]!.GetValue<int>(),
            context = vector["model"]!["context"]!.GetValue<int>();
        var wider = new T5(GoldenVectors.Model(vector["model"]!), 11, context + 5);
        long[][] padded = [.. rows.Select(r => (long[])[.. r[..source], 0, 0, 0, .. r[source..], 0, 0, 0, 0, 0])];
        double[] expected = Gradient(model, row, rows, out double loss),
            actual = Gradient(wider, row, padded, out double paddedLoss);
        Assert.Equal(loss, paddedLoss);
        Assert.Equal(expected, actual);

        // A long row beside the others makes all of them wider, now inside the computation: each sentence's own loss stays.
        double[] alone = [.. rows.Select(r => One(model, row, r))];
        int[] counts = [.. rows.Select(r => r[(source + 1)..].Count(t => t != 0))];
        double together = alone.Zip(counts, (l, c) => l * c).Sum() / counts.Sum();
        Closeness.Same([together], [loss], 1e-13);

        static double One(T5 model, double[] row, long[] tokens) => model.Loss(ModelPoint.Of(row), Tokens([tokens])).Item();
    }

    [Fact]
    public void A_target_token_changes_no_prediction_before_it_and_the_source_changes_all()
    {
        using var scope = new TensorScope();
        (T5 model, _, double[] row, long[][] rows) = Case("t5");
        Tensor theta = ModelPoint.Of(row);
        long[] source = rows[0][..9];
        double[][] Predictions(long[] sourceTokens, long[] target)
        {
            EncodedSource encoded = model.Encode(theta, Tensor.From<long>(sourceTokens, 1, 1, sourceTokens.Length));
            return
            [
                .. Enumerable
                    .Range(1, target.Length)
                    .Select(t => model.NextLogits(theta, encoded, Tensor.From<long>(target.AsSpan(0, t), 1, 1, t)).ToDoubles()),
            ];
        }
        // The whole prefix at once is what the loss computes; a prefix alone is what decoding computes: they agree, so later tokens do not
        // reach back.
        long[] sentence = [1, 5, 9, 4, 7, 2];
        double[][] before = Predictions(source, sentence[..^1]);
        double expected = -Enumerable.Range(0, 5).Average(t => LogProbability(before[t], sentence[t + 1]));
        double loss = model
            .Loss(
                theta,
                Tokens([
                    [.. source, .. sentence, 0],
                ])
            )
            .Item();
        Closeness.Same([expected], [loss], 1e-12);

        long[] other = [4, .. source[1..]];
        Assert.NotEqual(source, other);
        Assert.All(Predictions(other, sentence[..^1]).Zip(before), p => Assert.True(Math.Abs(p.First[3] - p.Second[3]) > 1e-6));
    }

    [Fact]
    public void A_source_token_is_seen_from_both_sides()
    {
        using var scope = new TensorScope();
        (T5 model, _, double[] row, long[][] rows) = Case("t5");
        long[] changed = [.. rows[0]];
        changed[7] = changed[7] == 5 ? 6 : 5;
        Tensor States(long[] r) => model.Encode(ModelPoint.Of(row), Tensor.From<long>(r.AsSpan(0, 9), 1, 1, 9)).States;
        double[] first = States(rows[0]).Select(2, 0).ToDoubles(),
            second = States(changed).Select(2, 0).ToDoubles();
        Assert.True(Math.Abs(first[0] - second[0]) > 1e-6);
    }

    [Fact]
    public void Replicas_with_other_sentences_and_weights_have_their_own_loss_and_gradient()
    {
        using var scope = new TensorScope();
        (T5 model, _, double[] row, long[][] rows) = Case("swiglu-deep-decoder");
        Tensor theta = ModelPoint.Of(row, [.. row.Select(v => 0.7 * v)], [.. row.Select((v, i) => v + 0.01 * (i % 7))]);
        long[][][] sentences = [rows, [rows[1], rows[2], rows[2], rows[1]], [rows[3], rows[0], rows[1], rows[0]]];
        ModelAgreement.OfReplicas(
            model,
            theta,
            Tensor.From<long>(sentences.SelectMany(s => s).SelectMany(r => r).ToArray(), 3, 4, rows[0].Length),
            losses: 1e-12,
            gradients: 1e-10,
            floor: 1e-6,
            training: true
        );
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_gauss_newton_product_is_the_variance_of_the_moved_logits(string name)
    {
        using var scope = new TensorScope();
        (T5 model, JsonNode vector, double[] row, long[][] rows) = Case(name);
        double[] v = GoldenVectors.Row(model.Layout, vector["vector"]!);
        Tensor tokens = Tokens(rows),
            theta = ModelPoint.Of(row);
        (Tensor logits, Tensor targets) = model.Predict(theta, tokens);
        Closeness.Same(model.Loss(theta, tokens).ToDoubles(), logits.CrossEntropy(targets).ToDoubles(), 1e-14);

        // vᵀGv = the mean over predictions of the variance of (Jv) under the model's probabilities; Jv by a central difference.
        double[] Logits(double step) =>
            model.Predict(Tensor.From<double>([.. row.Zip(v, (a, b) => a + step * b)], 1, row.Length), tokens).Logits.ToDoubles();
        const double Step = 1e-5;
        double[] moved = [.. Logits(Step).Zip(Logits(-Step), (a, b) => (a - b) / (2 * Step))],
            probabilities = logits.Softmax(-1).ToDoubles();
        int size = (int)logits.Size(2),
            count = moved.Length / size;
        double expected = Enumerable
            .Range(0, count)
            .Average(n =>
            {
                double mean = 0,
                    square = 0;
                for (int i = n * size; i < (n + 1) * size; i++)
                    (mean, square) = (mean + probabilities[i] * moved[i], square + probabilities[i] * moved[i] * moved[i]);
                return square - mean * mean;
            });
        Tensor upstream = Tensor.Zeros(logits.Shape, ScalarType.Float64);
        upstream.RequiresGrad = true;
        Tensor transposed = Autograd.Gradients([logits], [theta], [upstream], createGraph: true)[0];
        Tensor jv = Autograd.Gradients([transposed], [upstream], [Tensor.From<double>(v, 1, v.Length)])[0];
        Tensor p = logits.Detach().Softmax(-1),
            weighted = p * jv;
        double actual = ((weighted * jv).Sum([2]) - weighted.Sum([2]).Square()).Mean().Item();
        Closeness.Same([expected], [actual], 1e-6);
    }

    [Fact]
    public void Weights_start_as_T5s()
    {
        var model = new T5(
            new ModelSpec
            {
                Kind = "t5",
                Width = 64,
                Heads = 4,
                WeightInit = "fan-in",
                EmbeddingStd = 1,
                Activation = "relu",
            },
            500,
            8
        );
        double[] row = new double[model.Layout.Count];
        model.Layout.Initialise(3, row);
        foreach (
            (string name, double std) in (ReadOnlySpan<(string, double)>)
                [
                    ("embedding", 1),
                    ("encoder.0.attention.query", 1.0 / 32),
                    ("decoder.1.cross.key", 0.125),
                    ("decoder.0.mlp.input", 0.125),
                    ("decoder.0.mlp.output", 1.0 / 16),
                ]
        )
        {
            ParamSlice slice = model.Layout[name];
            double measured = Math.Sqrt(row.AsSpan((int)slice.Offset, (int)slice.Count).ToArray().Average(v => v * v));
            // The standard error of a standard deviation is 1/√(2n) of it; four of them.
            Assert.InRange(measured / std, 1 - 4 / Math.Sqrt(2.0 * slice.Count), 1 + 4 / Math.Sqrt(2.0 * slice.Count));
        }
    }

    [Fact]
    public void Logits_of_replicas_with_different_numbers_of_targets_are_refused()
    {
        using var scope = new TensorScope();
        (T5 model, _, double[] row, long[][] rows) = Case("t5");
        Tensor theta = Tensor.From<double>([.. row, .. row], 2, row.Length),
            tokens = Tensor.From<long>([.. rows[0], .. rows[1]], 2, 1, rows[0].Length);
        Assert.Contains(
            "different numbers of targets",
            Assert.Throws<ArgumentException>(() => model.Predict(theta, tokens)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(2, model.Loss(theta, tokens).Count);
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_answered()
    {
        var spec = new ModelSpec { Kind = "t5", WeightInit = "fan-in" };
        Assert.Contains(
            "multiple of model.heads",
            Assert.Throws<InputException>(() => new T5(spec with { Heads = 3 }, 300, 8)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "relative-buckets",
            Assert.Throws<InputException>(() => new T5(spec with { RelativeBuckets = 6 }, 300, 8)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "label-smoothing",
            Assert.Throws<InputException>(() => new T5(spec with { LabelSmoothing = 1 }, 300, 8)).Message,
            StringComparison.Ordinal
        );
    }

    private static (T5 Model, JsonNode Vector, double[] Row, long[][] Tokens) Case(string name)
    {
        JsonNode vector = Golden["cases"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;
        var model = new T5(
            GoldenVectors.Model(vector["model"]!),
            vector["model"]!["vocabulary"]!.GetValue<int>(),
            vector["model"]!["context"]!.GetValue<int>()
        );
        return (
            model,
            vector,
            GoldenVectors.Row(model.Layout, vector["parameters"]!),
            [.. vector["tokens"]!.AsArray().Select(r => r!.AsArray().Select(t => t!.GetValue<long>()).ToArray())]
        );
    }

    private static double LogProbability(double[] logits, long token) => logits[token] - Math.Log(logits.Sum(Math.Exp));

    private static double[] Gradient(T5 model, double[] row, long[][] rows, out double loss)
    {
        Tensor theta = ModelPoint.Of(row),
            value = model.TrainingLoss(theta, Tokens(rows));
        loss = model.Loss(theta, Tokens(rows)).Item();
        return Autograd.Gradient(value.Sum(), theta).ToDoubles();
    }

    private static Tensor Tokens(long[][] rows) => Tensor.From<long>(rows.SelectMany(r => r).ToArray(), 1, rows.Length, rows[0].Length);
}
