// The options of every analysis that compares two optimizers.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Cli;

/// <summary>--pair, --by-momentum.</summary>
/// <param name="byMomentum">Whether --by-momentum has a meaning: predictions and probes are of comparisons that tune it.</param>
internal sealed class PairOptions(bool byMomentum = true)
{
    private readonly Option<string?> _pair = Pair();
    private readonly Option<bool> _byMomentum = new("--by-momentum")
    {
        Description = "compare at each momentum by itself instead of tuning it with the learning rate",
    };

    public void AddTo(Command command)
    {
        command.Add(_pair);
        if (byMomentum)
            command.Add(_byMomentum);
    }

    /// <summary>--pair, which means the same in every command that has it.</summary>
    public static Option<string?> Pair(string of = "") =>
        new("--pair")
        {
            Description =
                $"{of}the two optimizers compared, FIRST,SECOND; a positive gap means SECOND is ahead (default sgd,adam where both are "
                + $"there, else the first two)",
        };

    /// <summary>Whether the user named the pair.</summary>
    public bool NamesPair(ParseResult parsed) => parsed.GetValue(_pair) is not null;

    /// <summary>What to compare, of the optimizers there are.</summary>
    /// <exception cref="InputException">Not two names, one name twice, or a name of no optimizer.</exception>
    public AnalysisOptions Options(ParseResult parsed, IReadOnlyList<string> optimizers, bool higherIsBetter = false)
    {
        OptimizerPair pair = parsed.GetValue(_pair) is { } text ? OptimizerPair.Parse(text, optimizers) : OptimizerPair.Default(optimizers);
        return Options(parsed, (pair.First, pair.Second), higherIsBetter);
    }

    /// <summary>What to compare, where something else than the optimizers decides what is compared by default.</summary>
    /// <exception cref="InputException">Not two names, or one name twice.</exception>
    public AnalysisOptions Options(ParseResult parsed, (string First, string Second) byDefault, bool higherIsBetter = false)
    {
        (string first, string second) = parsed.GetValue(_pair) is { } text
            ? OptimizerPair.Parse(text)
            : new OptimizerPair(byDefault.First, byDefault.Second);
        return new AnalysisOptions
        {
            First = first,
            Second = second,
            HigherIsBetter = higherIsBetter,
            GroupByMomentum = byMomentum && parsed.GetValue(_byMomentum),
        };
    }

    /// <summary>Refuses a pair that the study does not have, before anything is trained for it.</summary>
    /// <exception cref="InputException">Not two names, one name twice, or a name of no optimizer.</exception>
    public void CheckPair(ParseResult parsed, IReadOnlyList<string> optimizers)
    {
        if (parsed.GetValue(_pair) is { } text)
            _ = OptimizerPair.Parse(text, optimizers);
    }
}
