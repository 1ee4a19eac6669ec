// Says what a command is at, once it has been at it for longer than a user waits without wondering.
using Gaplab.Numerics;

namespace Gaplab.Cli;

/// <summary>From its making to its disposal: one line on standard error after two seconds, another every ten.</summary>
internal sealed class LongWork : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2), Again = TimeSpan.FromSeconds(10);
    private readonly Timer _timer;
    private readonly long _began = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <param name="what">In the present tense: "counting the runs of study.yaml".</param>
    public LongWork(string what) =>
        _timer = new Timer(_ => Console.Error.WriteLine(FormattableString.Invariant($"gaplab: {Shown.Of(what, 120)} ({System.Diagnostics.Stopwatch.GetElapsedTime(_began).TotalSeconds:0} s)")), null, First, Again);

    public void Dispose()
    {
        // A line must not come after what the command says next.
        using var ended = new ManualResetEvent(false);
        if (_timer.Dispose(ended)) ended.WaitOne();
    }
}
