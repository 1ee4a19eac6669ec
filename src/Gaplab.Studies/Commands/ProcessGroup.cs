// A program in a process group of its own: started without a shell, watched, and ended whole.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gaplab.Numerics;

namespace Gaplab.Studies.Commands;

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code; 0 where a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0 where it ended by itself.</param>
internal readonly record struct ProcessExit(int Code, int Signal)
{
    /// <summary>As a shell counts it: 128 and the signal.</summary>
    public int Status => Signal > 0 ? 128 + Signal : Code;
}

/// <summary>One program and all that it starts, in a session of its own. What it prints goes straight to a file: no pipe can fill, and
/// nothing is lost with this process.</summary>
/// <remarks>Should this process die, a watchdog of three lines of shell sees its end of a pipe close and ends the group in its stead.
/// Children that leave the group are found by the variable GAPLAB_OUT in their environment (as CI servers find theirs).</remarks>
internal sealed partial class ProcessGroup : IDisposable
{
    /// <summary>The variable that names a run's folder, and marks whose process one is.</summary>
    public const string Mark = "GAPLAB_OUT";

    private const short SetSignalDefaults = 4,
        SetSignalMask = 8,
        SetSession = 0x80;
    private const int NoHang = 1,
        NoSuchProcess = 3;

    // Larger than any C library's posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t.
    private const int Opaque = 1024;

    // Arguments: the group, the signal to ask with, the seconds until it kills. A line on its input is the end of its watch.
    private const string Watchdog = """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP
        read -r done && exit
        kill -s "$2" -- "-$1"
        while [ "$3" -gt 0 ] && kill -s 0 -- "-$1"; do sleep 1; set -- "$1" "$2" $(($3 - 1)); done
        kill -s KILL -- "-$1"
        """;

    private static readonly Dictionary<string, int> s_signals = new()
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["USR2"] = 12,
        ["TERM"] = 15,
    };

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly int _id;
    private readonly Process _watchdog;
    private readonly string _mark;
    private ProcessExit? _exit;

    private ProcessGroup(int id, Process watchdog, string mark) => (_id, _watchdog, _mark) = (id, watchdog, mark);

    /// <summary>Of the group and its first process.</summary>
    public int Id => _id;

    /// <summary>Starts a program.</summary>
    /// <param name="words">The program, looked up in PATH, and its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">All of its variables, <see cref="Mark"/> among them.</param>
    /// <param name="output">The file that what it prints is added to.</param>
    /// <param name="stopSignal">What the watchdog asks with.</param>
    /// <param name="grace">Seconds until it kills.</param>
    /// <exception cref="InputException">It cannot be started.</exception>
    public static ProcessGroup Start(
        IReadOnlyList<string> words,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        string output,
        string stopSignal,
        double grace
    )
    {
        int id = Spawn(words, folder, environment, output);
        try
        {
            return new ProcessGroup(id, Watch(id, stopSignal, grace), environment[Mark]);
        }
        catch
        {
            _ = Kill(-id, s_signals["KILL"]); // nobody would watch it
            throw;
        }
    }

    /// <summary>How the first process ended; null while it runs.</summary>
    public ProcessExit? Poll()
    {
        if (_exit is not null)
            return _exit;
        int got = WaitPid(_id, out int status, NoHang);
        if (got == 0 || (got < 0 && Marshal.GetLastPInvokeError() == 4))
            return null;
        // Somebody else has reaped it (a parent may have had this process ignore SIGCHLD): how it ended is not known, so not well.
        if (got < 0)
            return _exit = new ProcessExit(0, s_signals["KILL"]);
        int signal = status & 0x7f;
        return _exit = signal == 0 ? new ProcessExit((status >> 8) & 0xff, 0) : new ProcessExit(0, signal);
    }

    /// <summary>Sends a signal to every process of the group.</summary>
    public void Signal(string name) => _ = Kill(-_id, s_signals[name]);

    /// <summary>Whether a process of the group, or one that left it, is there.</summary>
    public bool AnyLeft() => _exit is null || GroupLives() || Marked(_mark).Count > 0;

    /// <summary>Ends what is left: asks, waits, kills. Returns what was there when it came.</summary>
    /// <param name="signal">To ask with.</param>
    /// <param name="grace">Seconds until it kills.</param>
    public IReadOnlyList<string> End(string signal, double grace)
    {
        List<(int Id, string Name)> left = Marked(_mark);
        Signal(signal);
        foreach ((int id, _) in left)
            _ = Kill(id, s_signals[signal]);
        long asked = Stopwatch.GetTimestamp();
        while (Left() && Stopwatch.GetElapsedTime(asked).TotalSeconds < grace)
            Thread.Sleep(20);
        long killed = Stopwatch.GetTimestamp();
        while (Left())
        {
            // One that is in a driver's call, or another user's, cannot be killed: it is told, and the study goes on.
            if (Stopwatch.GetElapsedTime(killed) > s_patience)
            {
                left.AddRange(Marked(_mark).Where(m => left.All(l => l.Id != m.Id)));
                _exit ??= new ProcessExit(0, s_signals["KILL"]);
                break;
            }
            Signal("KILL");
            foreach ((int id, _) in Marked(_mark))
                _ = Kill(id, s_signals["KILL"]);
            Thread.Sleep(20);
        }
        return [.. left.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Name} ({l.Id})"))];

        bool Left()
        {
            Poll();
            return AnyLeft();
        }
    }

    /// <summary>Ends processes that an earlier process left with a run's folder: no two may write it.</summary>
    /// <returns>Whether there were any.</returns>
    public static bool EndLeftovers(string output, double grace)
    {
        if (Marked(output).Count == 0)
            return false;
        foreach ((int id, _) in Marked(output))
            _ = Kill(id, s_signals["TERM"]);
        long asked = Stopwatch.GetTimestamp();
        while (Marked(output) is { Count: > 0 } left)
        {
            if (Stopwatch.GetElapsedTime(asked) > TimeSpan.FromSeconds(grace) + s_patience)
                throw new InputException(
                    $"{left[0].Name} ({left[0].Id}), which an earlier call left in {output}, cannot be killed; end "
                        + $"it, and run the study again"
                );
            if (Stopwatch.GetElapsedTime(asked).TotalSeconds >= grace)
                foreach ((int id, _) in left)
                    _ = Kill(id, s_signals["KILL"]);
            Thread.Sleep(20);
        }
        return true;
    }

    /// <summary>Bytes of memory that the run's processes have resident; what several of them share counts once.</summary>
    public long ResidentBytes() =>
        Marked(_mark)
            .Sum(p =>
                ReadOrNull($"/proc/{p.Id}/smaps_rollup")?.Split('\n').FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal))
                    is { } line
                && long.TryParse(line.AsSpan(4).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long kib)
                    ? kib << 10
                    : 0
            );

    /// <summary>Lets the group go; where its end has not been seen, something went wrong here, and it is ended.</summary>
    public void Dispose()
    {
        if (Poll() is null)
            End("KILL", 0);
        try
        {
            _watchdog.StandardInput.WriteLine("done");
            _watchdog.StandardInput.Flush();
            _watchdog.StandardInput.Close();
            _watchdog.WaitForExit();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // Somebody ended the watchdog; there is nothing left to watch.
        }
        _watchdog.Dispose();
    }

    private bool GroupLives() => Kill(-_id, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;

    private static Process Watch(int group, string signal, double grace)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (
            string word in (string[])
                [
                    "-c",
                    Watchdog,
                    "gaplab-watchdog",
                    group.ToString(CultureInfo.InvariantCulture),
                    signal,
                    Math.Ceiling(grace).ToString(CultureInfo.InvariantCulture),
                ]
        )
            start.ArgumentList.Add(word);
        start.Environment.Remove(Mark);
        return Process.Start(start)!;
    }

    // Processes with this run's folder in their environment; zombies have none.
    private static List<(int Id, string Name)> Marked(string output)
    {
        byte[] mark = Encoding.UTF8.GetBytes($"{Mark}={output}\0");
        var found = new List<(int, string)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                continue;
            if (BytesOrNull($"{folder}/environ") is not { } environ || environ.AsSpan().IndexOf(mark) is not (>= 0 and var at))
                continue;
            if (at == 0 || environ[at - 1] == 0)
                found.Add((id, ReadOrNull($"{folder}/comm")?.Trim() ?? ""));
        }
        return found;
    }

    private static string? ReadOrNull(string path) => BytesOrNull(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    // Files of /proc have no length, vanish at any moment, and belong to other people.
    private static byte[]? BytesOrNull(string path)
    {
        try
        {
#pragma warning disable RS0030 // Files of /proc say that they are empty.
            return File.ReadAllBytes(path);
#pragma warning restore RS0030
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Spawn(IReadOnlyList<string> words, string folder, IReadOnlyDictionary<string, string> environment, string output)
    {
        const int readOnly = 0,
            appendCreate = 0x441; // O_WRONLY | O_CREAT | O_APPEND
        IntPtr actions = Marshal.AllocHGlobal(Opaque),
            attributes = Marshal.AllocHGlobal(Opaque),
            signals = Marshal.AllocHGlobal(Opaque);
        IntPtr[] arguments = [.. words.Select(Marshal.StringToCoTaskMemUTF8), IntPtr.Zero],
            variables = [.. environment.Select(e => Marshal.StringToCoTaskMemUTF8($"{e.Key}={e.Value}")), IntPtr.Zero];
        try
        {
            Must(ActionsInit(actions));
            Must(ActionsChangeFolder(actions, folder));
            Must(ActionsOpen(actions, 0, "/dev/null", readOnly, 0));
            Must(ActionsOpen(actions, 1, output, appendCreate, Convert.ToUInt32("644", 8)));
            Must(ActionsDuplicate(actions, 1, 2));
            Must(AttributesInit(attributes));
            // This runtime ignores some signals and blocks others; a program expects to find them as a shell gives them.
            _ = SignalsFill(signals);
            Must(AttributesDefaults(attributes, signals));
            _ = SignalsEmpty(signals);
            Must(AttributesMask(attributes, signals));
            Must(AttributesFlags(attributes, SetSignalDefaults | SetSignalMask | SetSession));
            int error = SpawnProgram(out int id, words[0], actions, attributes, arguments, variables);
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            return error == 0
                ? id
                : throw new InputException(
                    $"the command '{Shown.Of(words[0])}' cannot be started in {folder}: {Marshal.GetPInvokeErrorMessage(error)}"
                );
        }
        finally
        {
            foreach (IntPtr text in arguments.Concat(variables))
                Marshal.FreeCoTaskMem(text);
            Marshal.FreeHGlobal(actions);
            Marshal.FreeHGlobal(attributes);
            Marshal.FreeHGlobal(signals);
        }

        static void Must(int error)
        {
            if (error != 0)
                throw new InputException($"a command cannot be started: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SpawnProgram(
        out int id,
        string file,
        IntPtr actions,
        IntPtr attributes,
        [In] IntPtr[] arguments,
        [In] IntPtr[] environment
    );

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(IntPtr actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(IntPtr actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsChangeFolder(IntPtr actions, string folder);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsOpen(IntPtr actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int ActionsDuplicate(IntPtr actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(IntPtr attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(IntPtr attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesFlags(IntPtr attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesDefaults(IntPtr attributes, IntPtr signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesMask(IntPtr attributes, IntPtr signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int SignalsFill(IntPtr signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int SignalsEmpty(IntPtr signals);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int id, out int status, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int id, int signal);
}
