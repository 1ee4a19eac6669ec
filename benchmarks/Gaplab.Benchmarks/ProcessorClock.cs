// Processor time of this process: what a block costs on a machine that others use too.
using System.Runtime.InteropServices;

namespace Gaplab.Benchmarks;

internal static partial class ProcessorClock
{
    private const int ProcessTime = 2; // CLOCK_PROCESS_CPUTIME_ID of Linux

    /// <summary>Processor seconds of all threads of this process since it began, to a microsecond.</summary>
    public static double Seconds
    {
        get
        {
            Time time;
            unsafe
            {
                if (clock_gettime(ProcessTime, &time) != 0)
                    throw new InvalidOperationException("the system has no clock of a process's processor time");
            }
            return time.Seconds + 1e-9 * time.Nanoseconds;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds,
            Nanoseconds;
    }

    [LibraryImport("libc")]
    private static unsafe partial int clock_gettime(int clock, Time* time);
}
