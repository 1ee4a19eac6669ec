// The signals that end a study in order: with a checkpoint and a sentence.
using System.Runtime.InteropServices;

namespace Gaplab.Studies.Running;

/// <summary>Ctrl-C, Ctrl-\, a closed terminal, a request to terminate.</summary>
public static class StopSignals
{
    /// <summary>Those that a terminal sends to a study and to its workers alike.</summary>
    public static IReadOnlyList<PosixSignal> OfTerminals { get; } = [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];

    public static IReadOnlyList<PosixSignal> All { get; } = [.. OfTerminals, PosixSignal.SIGTERM];
}
