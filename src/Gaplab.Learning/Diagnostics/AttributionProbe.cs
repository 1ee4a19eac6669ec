// Progress attribution of every optimizer's update at a point, as a probe.
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Writes <see cref="Attribution"/>s as vectors with one entry per update, in the order of the fact "updates".</summary>
internal sealed class AttributionProbe(PointDirections directions, EvaluationSet set) : IPointProbe
{
    internal const string Change = "change",
        ChangeError = "change-error",
        Linear = "linear",
        Quadratic = "quadratic",
        Remainder = "remainder",
        BestStep = "best-step",
        BestDecrease = "best-decrease",
        Verdicts = "verdicts";

    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "attribution",
            Says = "what of the loss change that each optimizer's update makes is of first, second and higher order",
            ByDefault = true,
            Command = "sharpness",
            DifferentiatesTwice = true,
            Build = material => new AttributionProbe(material.Directions, material.Evaluation),
        };

    public string Name => Kind.Name;

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
                [Change] = Column(a => a.Change.Value),
                [ChangeError] = Column(a => a.Change.StandardError),
                [Linear] = Column(a => a.Linear),
                [Quadratic] = Column(a => a.Quadratic),
                [Remainder] = Column(a => a.Remainder),
                [BestStep] = Column(a => a.BestStep),
                [BestDecrease] = Column(a => a.BestDecrease),
            },
            Facts = new Dictionary<string, string> { [Verdicts] = ProbeFacts.OfLines(all.Select(a => Word(a.Verdict))) },
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

/// <summary>What a file of the probe "attribution" says of one update; <see cref="None"/> where it was not asked.</summary>
public readonly record struct AttributionReading(
    double Change,
    double ChangeError,
    double Linear,
    double Quadratic,
    double Remainder,
    double BestStep,
    double BestDecrease,
    string Verdict
)
{
    public static string Probe => AttributionProbe.Kind.Name;

    public static AttributionReading None { get; } =
        new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, "");

    /// <summary>In the order of the fact "updates".</summary>
    public static IReadOnlyList<AttributionReading> Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        double[][] columns =
        [
            .. (
                (string[])
                    [
                        AttributionProbe.Change,
                        AttributionProbe.ChangeError,
                        AttributionProbe.Linear,
                        AttributionProbe.Quadratic,
                        AttributionProbe.Remainder,
                        AttributionProbe.BestStep,
                        AttributionProbe.BestDecrease,
                    ]
            ).Select(file.Read<double>),
        ];
        return
        [
            .. ProbeFacts
                .Lines(file.Metadata[AttributionProbe.Verdicts])
                .Select(
                    (verdict, k) =>
                        new AttributionReading(
                            columns[0][k],
                            columns[1][k],
                            columns[2][k],
                            columns[3][k],
                            columns[4][k],
                            columns[5][k],
                            columns[6][k],
                            verdict
                        )
                ),
        ];
    }
}
