// How a run of a command ended: typed by why it was ended, its exit code, its words and its metrics, in that order.
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics;

namespace Gaplab.Studies.Commands;

/// <summary>Why the laboratory ended a command; <see cref="None"/> where it ended by itself.</summary>
internal enum EndedFor
{
    None,
    Stop,
    Time,
    Silence,
    Memory,
}

/// <summary>The ways in which a run of a command ends.</summary>
internal enum CommandOutcome
{
    Completed,
    Diverged,
    Preempted,
    Stopped,
    OutOfMemory,
    OutOfDisk,
    TimedOut,
    Silent,
    Killed,
    Failed,
}

/// <summary>How a run ended, in words where it is no result.</summary>
internal sealed record CommandEnding(CommandOutcome Outcome, string Cause = "")
{
    /// <summary>EX_TEMPFAIL of sysexits.h: run me again.</summary>
    public const int TryAgain = 75;

    private const int MostWords = 300;

    private static readonly string[] s_memory =
    [
        "CUDA out of memory",
        "OutOfMemoryError",
        "MemoryError",
        "Cannot allocate memory",
        "std::bad_alloc",
        "RESOURCE_EXHAUSTED",
        "DefaultCPUAllocator: can't allocate memory",
    ];

    private static readonly string[] s_disk = ["No space left on device", "Disk quota exceeded"];

    /// <summary>The word of an outcome: "out-of-memory".</summary>
    public static string Word(CommandOutcome outcome) => JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.ToString());

    /// <param name="exit">How the program ended.</param>
    /// <param name="ended">Why it was ended.</param>
    /// <param name="limit">What it was ended for, in words: "took longer than …".</param>
    /// <param name="lastLines">Of what it printed, the last last.</param>
    /// <param name="diverged">What its metrics say of a divergence; null: none.</param>
    /// <param name="missing">What its metrics lack; null: nothing.</param>
    /// <param name="diskIsFull">Whether there is no room where it writes.</param>
    /// <param name="output">The file of all that it printed, for people.</param>
    public static CommandEnding Of(
        ProcessExit exit,
        EndedFor ended,
        string limit,
        IReadOnlyList<string> lastLines,
        string? diverged,
        string? missing,
        string output,
        bool diskIsFull
    )
    {
        switch (ended)
        {
            case EndedFor.Stop:
                return new(CommandOutcome.Stopped);
            case EndedFor.Time:
                return new(CommandOutcome.TimedOut, limit);
            case EndedFor.Silence:
                return new(CommandOutcome.Silent, limit);
            case EndedFor.Memory:
                return new(CommandOutcome.OutOfMemory, limit);
        }
        if (exit.Status == TryAgain)
            return new(CommandOutcome.Preempted, $"exit code {TryAgain}: it asks to be run again");
        // Many scripts raise an error at the first NaN: that is their divergence, whatever the exit code.
        if (diverged is not null)
            return new(CommandOutcome.Diverged, diverged);
        string how =
            exit.Signal > 0
                ? string.Create(CultureInfo.InvariantCulture, $"it was killed by signal {exit.Signal}")
                : string.Create(CultureInfo.InvariantCulture, $"exit code {exit.Code}");
        string said = LastWords(lastLines) is { Length: > 0 } words ? $"; its last words: {words}" : "; it printed nothing";
        string all = $" (all that it printed: {output})";
        if (exit.Status != 0)
        {
            bool Says(string[] some) => lastLines.Any(l => some.Any(w => l.Contains(w, StringComparison.OrdinalIgnoreCase)));
            return diskIsFull || Says(s_disk) ? new(CommandOutcome.OutOfDisk, $"{how}{said}{all}")
                : exit.Status == 137 || Says(s_memory) ? new(CommandOutcome.OutOfMemory, $"{how}{said}{all}")
                : exit.Signal > 0 ? new(CommandOutcome.Killed, $"{how}{said}{all}")
                : new(CommandOutcome.Failed, $"{how}{said}{all}");
        }
        return missing is not null
            ? new(CommandOutcome.Failed, $"it exited with code 0, but {missing}{all}")
            : new(CommandOutcome.Completed);
    }

    // The line of an exception rather than the last of its stack.
    private static string LastWords(IReadOnlyList<string> lines)
    {
        string line =
            lines.LastOrDefault(l => l.Length > 0 && !char.IsWhiteSpace(l[0]) && l.Contains("Error", StringComparison.Ordinal))
            ?? lines.LastOrDefault(l => l.Trim().Length > 0)
            ?? "";
        return Shown.Of(line.Trim(), MostWords);
    }
}
