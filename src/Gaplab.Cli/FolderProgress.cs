// Says on standard error how many runs of a large folder have been read, every few seconds.
using System.Diagnostics;

namespace Gaplab.Cli;

/// <summary>A line at most every five seconds; small folders are read before the first.</summary>
internal sealed class FolderProgress
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(5);

    private long _last = Stopwatch.GetTimestamp();

    public void Read(int done, int all)
    {
        long last = Volatile.Read(ref _last);
        if (Stopwatch.GetElapsedTime(last) < s_quiet || Interlocked.CompareExchange(ref _last, Stopwatch.GetTimestamp(), last) != last)
            return;
        Console.Error.WriteLine($"{AtWork.Start}{done} of {all} runs read");
    }
}
