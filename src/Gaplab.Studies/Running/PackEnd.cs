// How the work on a pack ended, as the study sees it, and the words that a worker says it in.
using System.Text.Json;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>The ways in which the work on a pack ends.</summary>
public enum PackEndKind
{
    /// <summary>Its runs were trained to their ends.</summary>
    Trained,

    /// <summary>It was finished already.</summary>
    Found,

    /// <summary>Another process has it.</summary>
    Busy,

    /// <summary>It was told to stop, and left a checkpoint.</summary>
    Stopped,

    /// <summary>The worker reported an error of its own.</summary>
    Failed,

    /// <summary>Memory ran out.</summary>
    OutOfMemory,

    /// <summary>The worker refused its input: the user can mend it.</summary>
    Input,

    /// <summary>The worker died or was killed.</summary>
    Killed,

    /// <summary>The time allowed was used up.</summary>
    TimedOut,

    /// <summary>A command gave no sign of life for too long.</summary>
    Silent,

    /// <summary>A command asks to be run again, with what it has in its folder.</summary>
    Preempted,
}

/// <summary>How the work on a pack ended.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Cause">One line for the kinds that are no result.</param>
public sealed record PackEnd(PackEndKind Kind, string? Cause = null)
{
    /// <summary>Whether every run of the pack has its result.</summary>
    public bool IsResult => Kind is PackEndKind.Trained or PackEndKind.Found;

    /// <summary>Whether the user should be told of trouble; a pack that another process has, or that was stopped in order, is
    /// none.</summary>
    public bool IsTrouble => !IsResult && Kind is not (PackEndKind.Stopped or PackEndKind.Busy or PackEndKind.Preempted);
}

/// <summary>The words of <see cref="PackEndKind"/> between a study and its workers, and on the terminal.</summary>
public static class PackEndWords
{
    private static readonly string[] s_words =
    [
        "trained",
        "found",
        "busy",
        "stopped",
        "failed",
        "out-of-memory",
        "input",
        "killed",
        "timed-out",
        "silent",
        "preempted",
    ];

    /// <summary>The word of a kind, e.g. "out-of-memory".</summary>
    public static string Word(this PackEndKind kind) => s_words[(int)kind];

    /// <exception cref="JsonException">No such word: the line was not written by a worker.</exception>
    public static PackEndKind Parse(string word)
    {
        int at = Array.IndexOf(s_words, word);
        return at >= 0
            ? (PackEndKind)at
            : throw new JsonException($"'{word}' is no end of a pack; expected one of {string.Join(", ", s_words)}");
    }

    /// <summary>The kind of end that an attempt was recorded with.</summary>
    internal static PackEndKind Of(Outcome outcome) =>
        Enum.GetValues<PackEndKind>()
            .First(kind =>
                kind is PackEndKind.Failed or PackEndKind.OutOfMemory or PackEndKind.Killed or PackEndKind.TimedOut or PackEndKind.Silent
                && kind.ToOutcome() == outcome
            );

    /// <summary>The outcome that an attempt is recorded with; of kinds that leave the runs of a pack missing.</summary>
    internal static Outcome ToOutcome(this PackEndKind kind) =>
        kind switch
        {
            PackEndKind.Failed => Outcome.Failed,
            PackEndKind.OutOfMemory => Outcome.OutOfMemory,
            PackEndKind.Killed => Outcome.Killed,
            PackEndKind.TimedOut => Outcome.TimedOut,
            PackEndKind.Silent => Outcome.Silent,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no failed attempt"),
        };
}
