// The GPUs of a machine, lent to runs: never one to two at once, whichever study asks.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Studies.Commands;

/// <summary>GPUs that a run holds until disposed.</summary>
/// <param name="Devices">Names for CUDA_VISIBLE_DEVICES.</param>
internal sealed record GpuLease(IReadOnlyList<string> Devices, IReadOnlyList<IDisposable> Locks) : IDisposable
{
    public void Dispose()
    {
        foreach (IDisposable one in Locks)
            one.Dispose();
    }
}

/// <summary>Lends GPUs by locks on files that every study of a user on this machine shares; a killed holder's lock is free at
/// once.</summary>
internal sealed class GpuPool
{
    /// <summary>Where a user or a scheduler says which GPUs are theirs.</summary>
    public const string Variable = "CUDA_VISIBLE_DEVICES";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly double _perRun;

    /// <param name="devices">Names of the GPUs, as CUDA_VISIBLE_DEVICES takes them.</param>
    /// <param name="perRun">GPUs of a run; 1/n shares one among n.</param>
    /// <param name="folder">Of the locks; null is the user's own.</param>
    public GpuPool(IReadOnlyList<string> devices, double perRun, string? folder = null)
    {
        (Devices, _perRun) = (devices, perRun);
        _folder = folder ?? Path.Combine(Path.GetTempPath(), $"gaplab-gpus-{System.Environment.UserName}");
        if (perRun > devices.Count)
            throw new InputException(
                $"model.gpus asks for {perRun.ToString(CultureInfo.InvariantCulture)} GPUs a run, and {devices.Count} "
                    + $"{(devices.Count == 1 ? "is" : "are")} there "
                    + $"({(devices.Count == 0 ? "nvidia-smi lists none" : string.Join(", ", devices))}); "
                    + $"expected at most that many, or {Variable} with the names of those to use"
            );
    }

    public IReadOnlyList<string> Devices { get; }

    /// <summary>Runs that can hold their GPUs at once.</summary>
    public int Runs =>
        _perRun == 0 ? int.MaxValue
        : _perRun < 1 ? Devices.Count * Share
        : Devices.Count / (int)_perRun;

    private int Share => (int)Math.Round(1 / _perRun);

    /// <summary>The GPUs of this machine: those of CUDA_VISIBLE_DEVICES, else all that nvidia-smi lists.</summary>
    public static IReadOnlyList<string> Here()
    {
        if (System.Environment.GetEnvironmentVariable(Variable) is { } set)
            return [.. set.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(d => d != "-1")];
        return [.. Ask("--query-gpu=index").Select(l => l.Trim())];
    }

    /// <summary>Bytes of the GPU with the least memory, of those that <see cref="Here"/> names; null where nvidia-smi tells none.</summary>
    public static long? LeastMemory()
    {
        string[] ids = [.. Here()];
        if (ids.Length == 0)
            return null;
        long[] sizes =
        [
            .. Ask($"--id={string.Join(',', ids)}", "--query-gpu=memory.total")
                .Select(l => l.Trim().Split(' ')[0]) // "143771 MiB"
                .Where(w => long.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out long _))
                .Select(w => long.Parse(w, CultureInfo.InvariantCulture) << 20),
        ];
        return sizes.Length == 0 ? null : sizes.Min();
    }

    /// <summary>The names of the GPUs that <see cref="Here"/> lists, each once: "NVIDIA H200"; empty where nvidia-smi tells none.</summary>
    public static string Models() =>
        Here() is { Count: > 0 } ids
            ? string.Join(", ", Ask($"--id={string.Join(',', ids)}", "--query-gpu=name").Select(l => l.Trim()).Distinct())
            : "";

    /// <summary>Waits until a run can have its GPUs.</summary>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>Null where it was stopped.</returns>
    public GpuLease? Take(CancellationToken stop)
    {
        if (_perRun == 0)
            return new GpuLease([], []);
        Directory.CreateDirectory(_folder);
        while (!stop.IsCancellationRequested)
        {
            if (TryTake() is { } lease)
                return lease;
            stop.WaitHandle.WaitOne(200);
        }
        return null;
    }

    /// <summary>Waits until no process computes on some GPUs but those that did before a run; where nvidia-smi is not there, there is
    /// nothing to see.</summary>
    /// <param name="devices">The GPUs.</param>
    /// <param name="before">Processes that computed there before.</param>
    /// <param name="shared">Whether others may have begun there meanwhile: living processes are then theirs.</param>
    /// <returns>What still computes there after all patience; empty where they are free.</returns>
    public static IReadOnlyList<string> UntilFree(IReadOnlyList<string> devices, IReadOnlyCollection<string> before, bool shared)
    {
        if (devices.Count == 0)
            return [];
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            string[] left = [.. Computing(devices).Except(before).Where(id => !shared || !Directory.Exists($"/proc/{id}"))];
            if (left.Length == 0 || Stopwatch.GetElapsedTime(began) > s_patience)
                return left;
            Thread.Sleep(500);
        }
    }

    /// <summary>Ids of the processes that compute on some GPUs.</summary>
    public static IReadOnlyList<string> Computing(IReadOnlyList<string> devices) =>
        devices.Count == 0 ? [] : [.. Ask($"--id={string.Join(',', devices)}", "--query-compute-apps=pid").Select(l => l.Trim())];

    private GpuLease? TryTake()
    {
        var devices = new List<string>();
        var locks = new List<IDisposable>();
        int wanted = Math.Max(1, (int)_perRun);
        foreach (string device in Devices)
        {
            if (TryLock(device) is not { } held)
                continue;
            devices.Add(device);
            locks.AddRange(held);
            if (devices.Count == wanted)
                return new GpuLease(devices, locks);
        }
        foreach (IDisposable one in locks)
            one.Dispose();
        return null;
    }

    // A GPU that runs share has a lock for each share, and one that they hold together against those that want it whole.
    private IReadOnlyList<IDisposable>? TryLock(string device)
    {
        string name = string.Concat(device.Select(c => char.IsLetterOrDigit(c) || c is '-' ? c : '_'));
        if (Lock($"{name}.lock", shared: _perRun < 1) is not { } whole)
            return null;
        if (_perRun >= 1)
            return [whole];
        for (int share = 0; share < Share; share++)
            if (Lock(string.Create(CultureInfo.InvariantCulture, $"{name}.{share}-of-{Share}.lock"), shared: false) is { } part)
                return [whole, part];
        whole.Dispose();
        return null;
    }

    private FileStream? Lock(string name, bool shared)
    {
        string path = Path.Combine(_folder, name);
        try
        {
#pragma warning disable RS0030 // A lock, not a document.
            if (!shared)
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite)) { }
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
#pragma warning restore RS0030
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Ask(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("nvidia-smi")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add("--format=csv,noheader");
        try
        {
            using Process process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return []; // no driver, no GPUs
        }
    }
}
