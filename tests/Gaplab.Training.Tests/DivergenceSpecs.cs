// When a run counts as diverged: not by the luck of one small batch.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;

namespace Gaplab.Training.Tests;

public sealed class DivergenceSpecs
{
    // Single molecules have absolute errors from 0 to several times their mean.
    private static readonly RunSpec Single = new()
    {
        Task = new TaskSpec
        {
            Kind = "random-molecules",
            GraphCount = 400,
            GraphNodes = 10,
        },
        Model = new ModelSpec
        {
            Kind = "gat",
            Layers = 1,
            Heads = 2,
            Width = 8,
            Bias = true,
            HeadInit = "zero",
        },
        Optimizer = new OptimizerSpec
        {
            Name = "sgd",
            Kind = "sgd",
            LearningRate = 1e-9,
        },
        Seed = 1,
        Batch = 1,
        Budget = new BudgetSpec { Unit = "steps", Amount = 300 },
        Evaluation = new EvaluationSpec
        {
            Points = 1,
            Validation = 64,
            Train = 64,
        },
    };

    [Fact]
    public void Batches_of_one_with_a_factor_of_hundreds_between_their_losses_are_no_divergence()
    {
        RunSpec[] runs = [.. Enumerable.Range(1, 8).Select(seed => Single with { Seed = seed })];
        TrainerSpecs.Recorder run = BatchNormResumeSpecs.Train(runs, new());
        for (int r = 0; r < runs.Length; r++)
        {
            double[] losses = run.Series(r, "train-loss");
            Assert.True(losses.Max() > 4 * losses[0] || losses.Max() > 4 * losses.Min(), "the batches are too alike to test anything");
            Assert.Equal(RunOutcome.Completed, run.Results[r].Outcome);
            // Nothing moved, so the loss at the start is that at the end, on the same 64 samples.
            Assert.Equal(run.Results[r].Metrics["train-loss"], run.Results[r].Metrics["initial-loss"], 1e-5);
        }
    }

    [Fact]
    public void A_checkpoint_from_before_the_average_goes_on_from_the_loss_at_the_start()
    {
        Dictionary<string, string> facts = new ReplicaProgress { InitialLoss = 2.5, LossAverage = 3 }.ToFacts();
        Assert.Equal(3, ReplicaProgress.From(facts).LossAverage);
        facts.Remove("lossAverage");
        Assert.Equal(2.5, ReplicaProgress.From(facts).LossAverage);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void A_run_that_blows_up_is_stopped_long_before_its_end(int batch)
    {
        RunSpec wild = Single with
        {
            Batch = batch,
            Optimizer = new OptimizerSpec
            {
                Name = "sgd",
                Kind = "sgd",
                LearningRate = 1e4,
            },
        };
        RunOutcomeRecord result = Assert.Single(BatchNormResumeSpecs.Train([wild], new()).Results);
        Assert.Equal(RunOutcome.Diverged, result.Outcome);
        Assert.InRange(result.Step, 1, 20);
        Assert.Contains("training loss", result.Cause, StringComparison.Ordinal);
    }
}
