// The closed list of verdicts on a comparison.
namespace Gaplab.Results.Analysis;

/// <summary>The verdicts, by their names in JSON; docs/statistics.md says when each is given.</summary>
public static class Verdict
{
    public const string Crossover = "crossover";
    public const string SeveralCrossovers = "several-crossovers";
    public const string FirstBetterThroughout = "first-better-throughout";
    public const string SecondBetterThroughout = "second-better-throughout";
    public const string FirstBetterInPart = "first-better-in-part";
    public const string SecondBetterInPart = "second-better-in-part";
    public const string Tie = "tie";
    public const string EdgeLimited = "edge-limited";
    public const string NotDetermined = "not-determined";
    public const string OneBatchSize = "one-batch-size";
    public const string NothingToCompare = "nothing-to-compare";

    /// <summary>Every verdict there is.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Crossover,
        SeveralCrossovers,
        FirstBetterThroughout,
        SecondBetterThroughout,
        FirstBetterInPart,
        SecondBetterInPart,
        Tie,
        EdgeLimited,
        NotDetermined,
        OneBatchSize,
        NothingToCompare,
    ];
}
