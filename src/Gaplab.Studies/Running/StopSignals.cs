// The signals that end a study in order: with a checkpoint and a sentence.
using System.Runtime.InteropServices;

namespace Gaplab.Studies.Running;

/// <summary>Ctrl-C, Ctrl-\, a closed terminal, a request to terminate; and USR1, USR2 and XCPU, with which queues announce the end of a
/// job's time. Terminals and queues send them to a study and to its workers alike.</summary>
public static class StopSignals
{
    // Linux's numbers, and those of the BSDs and macOS.
    private static readonly bool s_linux = OperatingSystem.IsLinux();

    public static IReadOnlyList<PosixSignal> All { get; } =
    [
        PosixSignal.SIGINT,
        PosixSignal.SIGQUIT,
        PosixSignal.SIGHUP,
        PosixSignal.SIGTERM,
        .. OperatingSystem.IsWindows()
            ? (PosixSignal[])[]
            : [(PosixSignal)(s_linux ? 10 : 30), (PosixSignal)(s_linux ? 12 : 31), (PosixSignal)24],
    ];
}
