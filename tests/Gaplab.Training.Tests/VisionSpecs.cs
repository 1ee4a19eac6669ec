// The batch norms of image models: what running statistics do and what they leave alone.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class VisionSpecs
{
    private static readonly JsonNode Golden = GoldenVectors.Read("vision-vectors.json");

    [Fact]
    public void Running_statistics_move_a_tenth_towards_the_batch_for_each_replica_and_leave_the_loss_alone()
    {
        using var scope = new TensorScope();
        (ILogitModel model, _, double[] row, long[] rows) = Case("resnet-batch");
        var normalised = (IRunningStatistics)model;
        Tensor theta = Tensor.From<double>([.. row, .. row.Select(v => 0.5 * v)], 2, row.Length),
            tokens = Tensor.From<long>([.. rows, .. rows], 2, 4, rows.Length / 4);
        using RunningStatistics statistics = normalised.StartStatistics(2, ScalarType.Float64);
        Assert.Equal(model.Loss(theta, tokens).ToDoubles(), normalised.TrainingLoss(theta, tokens, statistics).ToDoubles());
        double[] first = statistics.Buffers[0].Buffer.ToDoubles(),
            variance = statistics.Buffers[1].Buffer.ToDoubles();
        // The stem has no bias: half the weights have half the mean and a quarter of the variance, of which a tenth was taken.
        for (int c = 0; c < 4; c++)
        {
            Assert.NotEqual(0, first[c]);
            Assert.Equal(first[c] / 2, first[4 + c], 1e-12);
            Assert.Equal((variance[c] - 0.9) / 4, variance[4 + c] - 0.9, 1e-12);
        }
        _ = normalised.TrainingLoss(theta, tokens, statistics);
        Closeness.Same([.. first.Select(m => 1.9 * m)], statistics.Buffers[0].Buffer.ToDoubles(), 1e-12);
        // Towards the limit evaluation normalises as the batch does, but for Bessel's correction of the variance.
        double[] before = normalised.Predict(theta, tokens, statistics).Logits.ToDoubles();
        Assert.NotEqual(before, model.Predict(theta, tokens).Logits.ToDoubles());
        Assert.Equal(before, normalised.Predict(theta, tokens, statistics).Logits.ToDoubles());
    }

    private static (ILogitModel Model, JsonNode Vector, double[] Row, long[] Rows) Case(string name)
    {
        JsonNode v = Golden["cases"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;
        int side = v["side"]!.GetValue<int>();
        var shape = new ImageShape
        {
            Channels = v["channels"]!.GetValue<int>(),
            Height = side,
            Width = side,
            Classes = 3,
            Mean = GoldenVectors.Doubles(v["mean"]!),
            Deviation = GoldenVectors.Doubles(v["deviation"]!),
        };
        var model = (ILogitModel)ModelCatalogue.BuiltIn.Build(GoldenVectors.Model(v["model"]!), 3, new TaskSpec { Images = shape });
        byte[] pixels = [.. v["pixels"]!.AsArray().Select(x => (byte)x!.GetValue<int>())];
        long[] rows = new long[4 * shape.RowLength];
        for (int b = 0; b < 4; b++)
        {
            for (int i = 0; i < shape.Count; i++)
                rows[b * shape.RowLength + i / 8] |= (long)pixels[b * shape.Count + i] << (i % 8 * 8);
            rows[b * shape.RowLength + shape.LabelAt] = v["labels"]![b]!.GetValue<long>();
        }
        return (model, v, GoldenVectors.Row(model.Layout, v["parameters"]!), rows);
    }
}
