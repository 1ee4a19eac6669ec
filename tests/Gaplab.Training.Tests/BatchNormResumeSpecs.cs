// Running statistics of batch norms are part of a checkpoint: a resumed run is the uninterrupted one, and one that lost them is not.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class BatchNormResumeSpecs
{
    private static readonly RunSpec[] Runs =
    [
        .. new (double Rate, long Seed)[] { (0.05, 1), (0.01, 2) }.Select(r => new RunSpec
        {
            Task = new TaskSpec
            {
                Kind = "shapes",
                ImageCount = 200,
                Side = 12,
                Crop = 1,
                Flip = true,
            },
            Model = new ModelSpec
            {
                Kind = "resnet",
                Layers = 1,
                Width = 4,
                Norm = "batch",
                NormPlacement = "post",
                Activation = "relu",
                Bias = true,
                WeightInit = "he",
                HeadInit = "xavier-uniform",
                ResidualScale = false,
            },
            Optimizer = new OptimizerSpec
            {
                Name = "sgd",
                Kind = "sgd",
                LearningRate = r.Rate,
                Momentum = 0.9,
            },
            Batch = 8,
            Seed = r.Seed,
            Budget = new BudgetSpec { Unit = "steps", Amount = 12 },
            Evaluation = new EvaluationSpec
            {
                Points = 3,
                Validation = 0,
                Train = 16,
            },
        }),
    ];

    [Theory]
    [InlineData("float32")]
    [InlineData("float64")]
    public void A_resumed_run_is_bit_for_bit_the_uninterrupted_one_in_weights_evaluations_and_statistics(string precision)
    {
        RunSpec[] runs = [.. Runs.Select(r => r with { Precision = precision })];
        TrainerSpecs.Recorder whole = Train(runs, new()),
            first = Train(runs, new() { StopAfter = 5 });
        Assert.Empty(first.Results);
        string[] statistics = [.. first.Saved![0].Rows.Keys.Where(k => k.StartsWith("statistics.", StringComparison.Ordinal))];
        Assert.Equal(2 * 7, statistics.Length); // means and variances of the stem and of two norms in each of three blocks
        Assert.All(statistics, s => Assert.NotEqual(first.Saved[0].Rows[s], first.Saved[1].Rows[s]));
        TrainerSpecs.Recorder second = Train(runs, new() { Saved = first.Saved });
        for (int r = 0; r < runs.Length; r++)
        {
            Assert.Equal(whole.Theta[r], second.Theta[r]);
            Assert.Equal(whole.Results[r].Metrics, second.Results[r].Metrics);
            Assert.Equal(whole.Measurements[r], [.. first.Measurements[r], .. second.Measurements[r]]);
            Assert.All(statistics, s => Assert.Equal(whole.Saved![r].Rows[s], second.Saved![r].Rows[s]));
        }

        // The same checkpoint with statistics as at the start trains alike, for training uses the batch's own, and evaluates otherwise.
        var lost = first
            .Saved.Select(s =>
                s with
                {
                    Rows = s.Rows.ToDictionary(
                        x => x.Key,
                        x =>
                            statistics.Contains(x.Key)
                                ? [.. x.Value.Select(_ => x.Key.EndsWith("variance", StringComparison.Ordinal) ? 1.0 : 0.0)]
                                : x.Value
                    ),
                }
            )
            .ToArray();
        TrainerSpecs.Recorder third = Train(runs, new() { Saved = lost });
        Assert.Equal(whole.Theta[0], third.Theta[0]);
        Assert.NotEqual(whole.Results[0].Metrics["validation-loss"], third.Results[0].Metrics["validation-loss"]);
    }

    internal static TrainerSpecs.Recorder Train(RunSpec[] runs, TrainerSpecs.Recorder sink)
    {
        TorchRuntime.Threads = 1;
        using ITask task = TaskCatalogue.BuiltIn.Load(runs[0].Task);
        IModel model = ModelCatalogue.BuiltIn.Build(runs[0].Model, task.Vocabulary, task.Spec);
        var pack = new PackSpec
        {
            Id = "0123456789abcdef",
            Runs = [.. runs.Select((r, i) => new PlannedRun { Id = $"{i:x16}", Spec = r })],
        };
        using var stop = new CancellationTokenSource();
        (sink.Stop, sink.Replicas) = (stop.Cancel, runs.Length);
        new Trainer(
            pack,
            task,
            model,
            sink,
            new TrainerOptions
            {
                CheckpointSeconds = 0,
                KeepFinal = true,
                ProgressSeconds = 0,
            }
        ).Run(stop.Token);
        return sink;
    }
}
