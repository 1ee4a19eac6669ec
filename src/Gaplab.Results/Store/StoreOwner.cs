// Who writes in a store: one process, told from every other by the machine's boot, its number and its start.
using System.Globalization;
using System.Runtime.InteropServices;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>A process that claims runs. The text of it is part of file names: <c>boot-process-start</c>.</summary>
/// <param name="Boot">Digest of the machine's boot and of its namespace of process numbers: within one, a number tells a process.</param>
/// <param name="Process">Its number.</param>
/// <param name="Start">When it started, in ticks of that boot: a number that is used again is another process.</param>
internal readonly partial record struct StoreOwner(string Boot, int Process, long Start)
{
    private const string Proc = "/proc";
    private const int NoSuchProcess = 3,
        StartField = 19; // of what follows the name in /proc/<id>/stat

    /// <summary>This process.</summary>
    public static StoreOwner Self { get; } = new(BootHere(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Boot}-{Process}-{Start}");

    /// <summary>Reads the text of one, with whatever follows a third hyphen; null where it is none.</summary>
    public static StoreOwner? Parse(string text)
    {
        string[] parts = text.Split('-');
        return
            parts.Length >= 3
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            ? new StoreOwner(parts[0], process, start)
            : null;
    }

    /// <summary>Whether it is known to have ended. False of a process of another machine, of which nothing is known from here.</summary>
    public bool IsGone()
    {
        if (Boot != Self.Boot || this == Self)
            return false;
        if (StartOf(Process) is { } start)
            return start != Start;
        return Signal(Process, 0) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess;
    }

    // Of a machine that does not tell its boot no two processes are alike: what they claim is judged by their leases.
    private static string BootHere()
    {
        const string Id = Proc + "/sys/kernel/random/boot_id";
        string boot = File.Exists(Id)
            ? RegularFile.ReadText(Id, FileLimit.Document) + new FileInfo(Proc + "/self/ns/pid").LinkTarget
            : Guid.NewGuid().ToString();
        return ContentId.Of(boot)[..8];
    }

    private static long? StartOf(int process)
    {
        try
        {
            // "number (name) state …": the name may hold blanks and brackets, so what follows it is counted from its last bracket.
            string stat = RegularFile.ReadText(string.Create(CultureInfo.InvariantCulture, $"{Proc}/{process}/stat"), FileLimit.Document);
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartField], CultureInfo.InvariantCulture);
        }
        catch (Exception error)
            when (error
                    is IOException
                        or UnauthorizedAccessException
                        or FormatException
                        or InputException
                        or IndexOutOfRangeException
                        or ArgumentOutOfRangeException
            )
        {
            return null; // it has ended, or may not be looked at
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
