// Options and output that every analysis shares: the pair, the metric's direction, JSON to standard output, text for people.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Cli;

/// <summary>--pair, --by-momentum, --json.</summary>
/// <param name="byMomentum">Whether --by-momentum has a meaning: predictions and probes are of comparisons that tune it.</param>
internal sealed class AnalysisOutput(bool byMomentum = true)
{
    private readonly Option<string?> _pair = new("--pair") { Description = "the two optimizers compared, FIRST,SECOND; a positive gap means SECOND is ahead (default sgd,adam)" };
    private readonly Option<bool> _byMomentum = new("--by-momentum") { Description = "compare at each momentum by itself instead of tuning it with the learning rate" };

    /// <summary>--json, and --html for commands that offer a page of their own.</summary>
    public DocumentOutput Document { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(_pair);
        if (byMomentum) command.Add(_byMomentum);
        command.Add(Document.Json);
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(Document.Json);

    /// <exception cref="InputException">Not two names.</exception>
    public AnalysisOptions Options(ParseResult parsed, (string First, string Second) byDefault, bool higherIsBetter = false)
    {
        (string first, string second) = byDefault;
        if (parsed.GetValue(_pair) is { } pair)
        {
            string[] names = [.. pair.Split(',').Select(n => n.Trim().ToLowerInvariant())];
            if (names.Length != 2 || names.Any(n => n.Length == 0)) throw new InputException($"--pair got '{pair}'; expected two optimizers, for example --pair sgd,adam");
            (first, second) = (names[0], names[1]);
        }
        return new AnalysisOptions { First = first, Second = second, HigherIsBetter = higherIsBetter, GroupByMomentum = byMomentum && parsed.GetValue(_byMomentum) };
    }

    /// <summary>Whether the user named the pair.</summary>
    public bool NamesPair(ParseResult parsed) => parsed.GetValue(_pair) is not null;

    /// <summary>Refuses a pair that the study does not have, before anything is trained for it.</summary>
    /// <exception cref="InputException">Not two names, one name twice, or a name of no optimizer.</exception>
    public void CheckPair(ParseResult parsed, IReadOnlyList<string> optimizers)
    {
        if (parsed.GetValue(_pair) is not { } pair) return;
        AnalysisOptions options = Options(parsed, ("", ""));
        if (options.First == options.Second) throw new InputException($"--pair got '{pair}', one optimizer twice; expected two of {Shown.List(optimizers, 20)}");
        foreach (string name in (string[])[options.First, options.Second])
            if (!optimizers.Contains(name)) throw new InputException($"--pair got '{pair}', but the study has no optimizer '{name}'; expected two of {Shown.List(optimizers, 20)}");
    }

    public void Print(ParseResult parsed, GapAnalysis analysis)
    {
        if (Json(parsed)) Console.Out.WriteLine(analysis.ToJson());
        else foreach (string line in analysis.ToLines()) Console.Out.WriteLine(line);
    }

    /// <summary>Where words for people go.</summary>
    public TextWriter Words(ParseResult parsed) => Document.Words(parsed);
}
