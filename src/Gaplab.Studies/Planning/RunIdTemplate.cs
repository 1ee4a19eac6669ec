// Ids of runs that differ in nothing but the learning rate and the seed: the text between these is made once.
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Planning;

/// <summary>Gives the ids that <see cref="RunId"/> gives, for the runs of one arm. A study may have 100,000 runs, and every reader of its
/// store asks for the ids of all.</summary>
internal sealed class RunIdTemplate
{
    // Numbers that stand in no study.
    private const double RateMark = 1.0985176432587613e-89;
    private const long SeedMark = 8_096_215_733_460_927_151;

    private readonly string[]? _pieces;
    private readonly bool _rateFirst;

    /// <param name="like">A run of the arm.</param>
    public RunIdTemplate(RunSpec like)
    {
        ArgumentNullException.ThrowIfNull(like);
        string text = RunId.Canonical(like with { Seed = SeedMark, Optimizer = like.Optimizer with { LearningRate = RateMark } }),
            rate = Text(RateMark),
            seed = Text(SeedMark);
        string[] pieces = text.Split([rate, seed], StringSplitOptions.None);
        // Where one of the two stands more than once, or not at all, each id is made from its whole text.
        if (pieces.Length != 3 || !text.Contains(rate, StringComparison.Ordinal) || !text.Contains(seed, StringComparison.Ordinal))
            return;
        _rateFirst = text.IndexOf(rate, StringComparison.Ordinal) < text.IndexOf(seed, StringComparison.Ordinal);
        _pieces = pieces;
    }

    /// <param name="run">Of the arm.</param>
    public string Of(RunSpec run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (_pieces is null)
            return RunId.Of(run);
        string rate = Text(run.Optimizer.LearningRate),
            seed = Text(run.Seed);
        return ContentId.Of(string.Concat(_pieces[0] + (_rateFirst ? rate : seed), _pieces[1], _rateFirst ? seed : rate, _pieces[2]));
    }

    private static string Text(double number) => JsonValue.Create(number).ToJsonString();

    private static string Text(long number) => JsonValue.Create(number).ToJsonString();
}
