// The answer a practitioner asks for: Adam or SGD at this batch size, how sure, and what it costs to be wrong.
using System.Globalization;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Advice;

/// <summary>What one optimizer of the pair needs.</summary>
/// <param name="StateBytes">Bytes a parameter that the optimizer keeps besides weights and gradient.</param>
/// <param name="LearningRate">Where to start; null where no source knows one.</param>
/// <param name="LearningRateOrigin">Where that comes from.</param>
public sealed record OptimizerAdvice(string Optimizer, double StateBytes, double? LearningRate, string LearningRateOrigin);

/// <summary>One of all tuned optimizers with what it keeps besides weights and gradient, in bytes per parameter.</summary>
public sealed record ArmAdvice(ArmStanding Standing, double StateBytes);

/// <summary>Advice for one batch size: on a pair, and on every tuned optimizer where there are more (<see cref="Arms"/>).</summary>
/// <param name="Recommended">An optimizer's name; null: the evidence does not tell, or several are level.</param>
/// <param name="Confidence">That <paramref name="Recommended"/>, or what looks ahead, is ahead; null where the evidence has no
/// error.</param>
/// <param name="Gap">In the metric's units; positive: the second is ahead. Null without evidence here.</param>
/// <param name="Low">95% interval of the gap.</param>
/// <param name="High">Its upper end.</param>
/// <param name="ExpectedRegret">Mean loss from following the advice where it is wrong.</param>
/// <param name="WorstRegret">The same at the end of the 95% interval; 0 where the interval excludes zero.</param>
/// <param name="Origin">Of the gap.</param>
/// <param name="Flips">Each source's flip point with the source's name.</param>
/// <param name="Objections">What speaks against the advice, in sentences.</param>
public sealed record BatchAdvice(
    double Batch,
    string Metric,
    string? Recommended,
    double? Confidence,
    double? Gap,
    double? Low,
    double? High,
    double? ExpectedRegret,
    double? WorstRegret,
    string Origin,
    OptimizerAdvice First,
    OptimizerAdvice Second,
    IReadOnlyList<(string Origin, FlipPoint Flip)> Flips,
    IReadOnlyList<string> Objections
)
{
    /// <summary>Confidence from which an optimizer is recommended.</summary>
    public const double Enough = 0.9;

    /// <summary>Advice from the sources there are, the first that covers the batch size deciding; put measurements before
    /// predictions.</summary>
    /// <param name="batch">Samples a step, at least 1.</param>
    /// <param name="metric">Name of the metric.</param>
    /// <param name="first">The pair, each with the bytes a parameter of its state.</param>
    /// <param name="second">The other.</param>
    /// <param name="sources">All for this pair.</param>
    public static BatchAdvice Of(
        double batch,
        string metric,
        (string Name, double StateBytes) first,
        (string Name, double StateBytes) second,
        IReadOnlyList<GapEvidence> sources
    )
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var objections = new List<string>();
        List<(string, FlipPoint)> flips = [.. sources.Where(s => s.Flip is not null).Select(s => (s.Origin, s.Flip!))];
        GapEvidence? decider = sources.FirstOrDefault(s => s.Covers(batch));
        if (decider is null)
        {
            foreach (GapEvidence source in sources)
                objections.Add(
                    batch < source.Points[0].Batch
                        ? $"batch size {Text(batch)} is below the smallest that the source knows, {Text(source.Points[0].Batch)} "
                            + $"({source.Origin}); nothing is extrapolated"
                        : $"batch size {Text(batch)} is above the largest that the source knows, {Text(source.Points[^1].Batch)} "
                            + $"({source.Origin}); nothing is extrapolated"
                );
            return new BatchAdvice(
                batch,
                metric,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "no source covers this batch size",
                new(first.Name, first.StateBytes, null, ""),
                new(second.Name, second.StateBytes, null, ""),
                flips,
                objections
            );
        }

        (GapPoint point, bool interpolated) = decider.At(batch);
        if (decider.Caveat is { } caveat)
            objections.Add(caveat);
        string origin = decider.Origin + (interpolated ? ", interpolated in log2 of the batch size" : "");
        double? second95 = decider.SecondAhead(point);
        double? confidence = second95 is { } p ? Math.Max(p, 1 - p) : null;
        string ahead = point.Gap > 0 ? second.Name : first.Name;
        if (point.Undermined is { } edge)
            objections.Add($"{edge}: learning rates beyond it could turn the answer");
        if (confidence is null)
            objections.Add("the source has no error to judge by (one seed, or a probe without errors)");
        else if (confidence < Enough)
            objections.Add(LowConfidence(confidence.Value));
        foreach (GapEvidence other in sources)
            if (
                other != decider
                && other.Covers(batch)
                && Math.Sign(other.At(batch).Point.Gap) is var sign
                && sign != 0
                && sign != Math.Sign(point.Gap)
            )
                objections.Add($"another source disagrees about the sign ({other.Origin})");
        if (decider.DegreesOfFreedom < VerdictRule.FewestSeeds - 1)
            objections.Add($"fewer than {VerdictRule.FewestSeeds} seeds give point estimates, and no recommendation");
        string? recommended =
            confidence >= Enough && point.Undermined is null && decider.DegreesOfFreedom >= VerdictRule.FewestSeeds - 1 ? ahead : null;
        double? worst = (point.Gap > 0 ? -point.Low : point.High) is { } end ? Math.Max(0, end) : null;
        OptimizerAdvice Advice((string Name, double StateBytes) o, Func<GapPoint, double?> rate)
        {
            if (rate(point) is { } here)
                return new(o.Name, o.StateBytes, here, origin);
            foreach (GapEvidence other in sources)
                if (other.Covers(batch) && rate(other.At(batch).Point) is { } there)
                    return new(o.Name, o.StateBytes, there, other.Origin);
            return new(o.Name, o.StateBytes, null, "");
        }
        return new BatchAdvice(
            batch,
            decider.Unit ?? metric,
            recommended,
            confidence,
            point.Gap,
            point.Low,
            point.High,
            decider.ExpectedRegret(point),
            worst,
            origin,
            Advice(first, g => g.FirstRate),
            Advice(second, g => g.SecondRate),
            flips,
            objections
        );
    }

    /// <summary>Every tuned optimizer, where the study has more than the pair; the best first, then by their metric. Empty
    /// otherwise.</summary>
    public IReadOnlyList<ArmAdvice> Arms { get; init; } = [];

    /// <summary>Half of the band in which <see cref="Arms"/> are level, in the metric's units.</summary>
    public double Relevance { get; init; }

    /// <summary>What that is; null where there are no <see cref="Arms"/>.</summary>
    public RelevanceBand? Band { get; init; }

    /// <summary>Of <see cref="Arms"/>, the one that is recommended.</summary>
    public ArmAdvice? Chosen => Arms.FirstOrDefault(a => a.Standing.Optimizer == Recommended);

    /// <summary>The optimizers that the runs do not part from the best, by name.</summary>
    public IReadOnlyList<string> LevelWithBest =>
        [.. Arms.Where(a => a.Standing.Place is ArmPlace.Level or ArmPlace.Open).Select(a => a.Standing.Optimizer)];

    /// <summary>The optimizer whose point estimate is ahead; null without evidence or at a tie.</summary>
    public string? LooksAhead =>
        Arms.Count > 0 ? Arms[0].Standing.Optimizer
        : Gap is null || GapCrossings.Sign(Gap.Value) == 0 ? null
        : Gap > 0 ? Second.Optimizer
        : First.Optimizer;

    /// <summary>The same advice with all tuned optimizers in view: of those that are level with the best the one of least memory is
    /// recommended, and of equal ones the better. None is where the best of all is not among them with a probability of at least
    /// <see cref="Enough"/>, where fewer than three seeds judge, or where one that is behind may do better beyond its grid.</summary>
    /// <param name="stateBytes">Bytes a parameter that an optimizer keeps.</param>
    public BatchAdvice Among(ArmStandings standings, Func<string, double> stateBytes)
    {
        ArgumentNullException.ThrowIfNull(standings);
        ArgumentNullException.ThrowIfNull(stateBytes);
        ArmAdvice[] arms = [.. standings.Arms.Select(a => new ArmAdvice(a, stateBytes(a.Optimizer)))];
        bool told =
            standings.Seeds >= VerdictRule.FewestSeeds
            && double.IsFinite(standings.Best.Value)
            && !standings.Arms.Any(a => a is { Place: ArmPlace.Open, AtEdge: true })
            && standings.Arms.Where(a => a.Place is ArmPlace.Best or ArmPlace.Level).Sum(a => a.ProbabilityBest) >= Enough;
        return this with
        {
            Recommended = told
                ? arms.Where(a => a.Standing.Place is ArmPlace.Best or ArmPlace.Level).MinBy(a => a.StateBytes)!.Standing.Optimizer
                : null,
            Confidence = standings.Best.ProbabilityBest,
            Arms = arms,
            // The pair's own confidence does not speak for all.
            Objections = [.. Objections.Where(o => Confidence is not { } pair || o != LowConfidence(pair))],
            Relevance = standings.Relevance,
            Band = standings.Band,
        };
    }

    private static string LowConfidence(double confidence) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"confidence is {100 * confidence:0}%, below the {100 * Enough:0}% from which one is recommended"
        );

    internal static string Text(double value) => Headlines.Number(value);
}
