// Advice from a prediction: alone, and beside measured runs.
using Gaplab.Results.Advice;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class PredictedAdviceSpecs
{
    private static readonly GapPrediction s_prediction = new(
        "",
        "sgd",
        "adam",
        [new(4, -0.1, -0.12, -0.08, 0.2, 0.001), new(64, 0.1, 0.05, 0.15, 0.4, 0.004)],
        16,
        new Interval(12, 20),
        "crossover"
    );

    private static BatchAdvice Ask(double batch, params GapEvidence[] sources) =>
        BatchAdvice.Of(batch, "validation-loss", ("sgd", 4), ("adam", 8), sources);

    [Fact]
    public void Alone_it_recommends_and_says_that_it_is_predicted()
    {
        GapEvidence evidence = GapEvidence.Predicted(s_prediction, "predicted")!;
        BatchAdvice advice = Ask(64, evidence);
        Assert.Equal("adam", advice.Recommended);
        // Half the interval is 0.05 = 1.96 σ, and the gap is 0.1: 3.92 σ.
        Assert.Equal(Gaplab.Numerics.Distributions.NormalDistribution.Cumulative(2 * 1.959963984540054), advice.Confidence!.Value, 1e-12);
        Assert.Equal("the logarithm of the loss", advice.Metric);
        Assert.Equal((0.4, 0.004), (advice.First.LearningRate!.Value, advice.Second.LearningRate!.Value));
        Assert.Contains(advice.Objections, o => o.Contains("predicted by a model", StringComparison.Ordinal));
        Assert.Equal("sgd", Ask(4, evidence).Recommended);
        // At B* the line through both is at zero.
        Assert.Equal(0, Ask(16, evidence).Gap!.Value, 1e-12);
        Assert.Equal((16.0, "adam", true), (evidence.Flip!.Batch!.Value, evidence.Flip.Above, evidence.Flip.Determined));
        Assert.Null(Ask(128, evidence).Recommended);
    }

    [Fact]
    public void Beside_runs_it_does_not_decide_but_its_disagreement_is_told()
    {
        var runs = new GapEvidence(
            "measured",
            "sgd",
            "adam",
            [new(4, 0.3, 0.2, 0.4, 0.1, 0.01), new(64, 0.3, 0.2, 0.4, 0.1, 0.01)],
            null,
            3
        );
        BatchAdvice advice = Ask(4, runs, GapEvidence.Predicted(s_prediction, "predicted")!);
        Assert.Equal(("adam", "validation-loss"), (advice.Recommended, advice.Metric));
        Assert.Contains(advice.Objections, o => o.Contains("disagrees about the sign (predicted)", StringComparison.Ordinal));
        Assert.DoesNotContain(advice.Objections, o => o.Contains("predicted by a model", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_intervals_nothing_is_recommended_and_no_finite_gap_is_no_evidence()
    {
        GapPrediction bare = s_prediction with { Gaps = [new(4, -0.1, null, null), new(64, 0.1, null, null)], Interval = Interval.None };
        GapEvidence evidence = GapEvidence.Predicted(bare, "predicted")!;
        Assert.Null(Ask(64, evidence).Recommended);
        Assert.False(evidence.Flip!.Determined);
        Assert.Null(GapEvidence.Predicted(bare with { Gaps = [] }, "predicted"));
    }
}
