// What is shown of a probe's prediction: intervals from all of its errors, and losses that are those of the gaps.
using Gaplab.Studies.Prediction;
using Gaplab.Theory.GapModel;

namespace Gaplab.Training.Tests.Studies;

public sealed class PredictionRunSpecs
{
    private static readonly ProbeBlock Block = new()
    {
        Name = "all",
        Parameters = 100,
        Nodes = [0.01, 0.1, 1],
        Weights = [new(0.8), new(0.15), new(0.05)],
        NoiseVariance = [new(1)],
        GradientNorm = new(0.3),
    };

    private static readonly Probe Exact = new()
    {
        Blocks = [Block],
        Preconditioned = [Block with { GradientNorm = new(0.5) }],
        PreconditionerTrace = 100,
        InitialLoss = 4,
        LossFloor = 1,
        Budget = new Budget(64, null),
        Batches = [4, 64],
        First = [new HeavyBall(0.9)],
        Second = [new AdamClosure(0.9, 0.95)],
    };

    [Fact]
    public void Errors_in_the_metric_alone_make_intervals_of_the_gap_too()
    {
        Assert.Equal(0, PredictionRun.Of(Exact).Resamples);
        PredictionRun run = PredictionRun.Of(
            Exact with
            {
                Preconditioned = [Block with { GradientNorm = new(0.5), NoiseVariance = [new(1, 0.3)] }],
            }
        );
        Assert.True(run.Resamples > 0);
        Assert.All(run.Prediction.Gaps, g => Assert.True(g.Low < g.Gap && g.Gap < g.High));
    }

    [Fact]
    public void Curves_begin_at_the_loss_at_the_start_and_end_at_the_tuned_one()
    {
        PredictionRun run = PredictionRun.Of(Exact);
        Assert.All(run.Losses, c => Assert.Equal(4, c.Points[0].Loss, 1e-9));
        foreach (GapPoint p in run.Curve.Points)
            Assert.Equal(
                [run.Setting.WholeLoss(p.First), run.Setting.WholeLoss(p.Second)],
                run.Losses.Where(c => c.Batch == p.Batch).Select(c => c.Points[^1].Loss),
                (a, b) => Math.Abs(a / b - 1) < 1e-9
            );
    }
}
