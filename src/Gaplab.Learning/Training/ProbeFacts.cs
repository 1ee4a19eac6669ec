// The facts that the file of every probe has, whatever it measured.
namespace Gaplab.Learning.Training;

/// <summary>Their names and words.</summary>
public static class ProbeFacts
{
    /// <summary>"measured", or why there are no numbers.</summary>
    public const string Status = "status";

    /// <summary>Names of the updates that were measured, one a line: the order of every array's rows.</summary>
    public const string Updates = "updates";

    /// <summary>The question (<see cref="ProbesKey"/>).</summary>
    public const string Key = "key";

    /// <summary>The step before whose update it was measured, and samples seen by then.</summary>
    public const string Step = "step",
        Samples = "samples";

    public const string Measured = "measured";

    /// <summary>The run had diverged, had ended before, or is shorter than the probe's window.</summary>
    public const string Diverged = "diverged",
        NotReached = "not-reached",
        RunTooShort = "run-too-short";

    public static bool AreMeasured(IReadOnlyDictionary<string, string> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return facts.GetValueOrDefault(Status) == Measured;
    }

    /// <summary>What stands in a fact one a line.</summary>
    public static string[] Lines(string fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return fact.Split('\n');
    }

    /// <inheritdoc cref="Lines"/>
    public static string OfLines(IEnumerable<string> lines) => string.Join('\n', lines);
}
