// How a run or an attempt at one ended: a closed list with the words that the store's files use.
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

/// <summary>How a run ended. Completed and Diverged are results; the others are missing values: retried, then reported, never counted
/// against an optimizer.</summary>
public enum Outcome
{
    /// <summary>The budget was used up.</summary>
    Completed,

    /// <summary>The loss became NaN or infinite, or passed the stated multiple of its start: +infinity in the statistics.</summary>
    Diverged,

    /// <summary>The worker died or was killed.</summary>
    Killed,

    /// <summary>Memory ran out.</summary>
    OutOfMemory,

    /// <summary>The time allowed was used up.</summary>
    TimedOut,

    /// <summary>The worker reported an error of its own.</summary>
    Failed,

    /// <summary>A command gave no sign of life for too long.</summary>
    Silent,
}

/// <summary>The words of <see cref="Outcome"/> in files.</summary>
public static class OutcomeWords
{
    private static readonly string[] s_words = ["completed", "diverged", "killed", "out-of-memory", "timed-out", "failed", "silent"];

    /// <summary>The word in files: "completed", "diverged", "killed", "out-of-memory", "timed-out", "failed" or "silent".</summary>
    public static string Word(this Outcome outcome) => s_words[(int)outcome];

    /// <summary>Whether the outcome is a result (a row of the statistics) and not a missing value.</summary>
    public static bool IsResult(this Outcome outcome) => outcome is Outcome.Completed or Outcome.Diverged;

    /// <exception cref="InputException">No such word.</exception>
    public static Outcome Parse(string? word)
    {
        int at = Array.IndexOf(s_words, word);
        return at >= 0 ? (Outcome)at : throw new InputException($"'{word}' is no outcome; expected one of {string.Join(", ", s_words)}");
    }
}
