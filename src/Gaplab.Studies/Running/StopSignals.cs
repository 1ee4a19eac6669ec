// The signals that end a study in order: with a checkpoint and a sentence.
using System.Runtime.InteropServices;

namespace Gaplab.Studies.Running;

/// <summary>Ctrl-C, Ctrl-\, a closed terminal, a request to terminate. Terminals and queues send them to a study and to its workers
/// alike.</summary>
public static class StopSignals
{
    public static IReadOnlyList<PosixSignal> All { get; } =
    [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP, PosixSignal.SIGTERM];
}
