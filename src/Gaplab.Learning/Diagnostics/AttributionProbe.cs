// Progress attribution of every optimizer's update at a point, as a probe.
using Gaplab.Learning.Training;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Writes <see cref="Attribution"/>s as vectors with one entry an update, in the order of the fact "updates".</summary>
internal sealed class AttributionProbe(PointDirections directions, EvaluationSet set) : IPointProbe
{
    public string Name => "attribution";

    public ProbeResult Measure(ProbePoint point)
    {
        double[] weights = [.. set.Weights],
            here = DirectionalSharpness.Losses(point.Model, point.Theta, set, point.Theta, 0);
        Attribution[] all =
        [
            .. directions
                .At(point)
                .Zip(
                    point.Updates,
                    (measure, update) =>
                    {
                        if (measure.Status == DirectionStatus.NonFinite)
                            return Attribution.Of(measure, new Estimate(double.NaN, double.NaN));
                        double[] there = DirectionalSharpness.Losses(point.Model, point.Theta, set, update.Delta, 1);
                        return Attribution.Of(measure, SampleError.OfMean([.. there.Zip(here, (a, b) => a - b)], weights));
                    }
                ),
        ];
        ProbeArray Column(Func<Attribution, double> number) => ProbeArray.Vector(all.Select(number));
        return new ProbeResult
        {
            Numbers = new Dictionary<string, double> { ["loss"] = here.Zip(weights, (l, w) => l * w).Sum() },
            Arrays = new Dictionary<string, ProbeArray>
            {
                ["change"] = Column(a => a.Change.Value),
                ["change-error"] = Column(a => a.Change.StandardError),
                ["linear"] = Column(a => a.Linear),
                ["quadratic"] = Column(a => a.Quadratic),
                ["remainder"] = Column(a => a.Remainder),
                ["best-step"] = Column(a => a.BestStep),
                ["best-decrease"] = Column(a => a.BestDecrease),
            },
            Facts = new Dictionary<string, string> { ["verdicts"] = string.Join('\n', all.Select(a => Word(a.Verdict))) },
        };
    }

    private static string Word(StepVerdict verdict) =>
        verdict switch
        {
            StepVerdict.Convex => "convex",
            StepVerdict.NonConvexDirection => "non-convex direction",
            StepVerdict.Uphill => "uphill",
            _ => "undefined",
        };
}
