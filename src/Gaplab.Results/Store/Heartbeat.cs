// The sign of life of a process that works in a store: a file of its own whose time the store's file system sets anew now and then.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Touches <c>workers/&lt;owner&gt;.json</c> while this process holds claims in a store, and judges the signs of others.</summary>
/// <remarks>
/// No local clock enters: the file's time is set by the file system that holds the store (on NFS by its server), and the age of
/// another's sign is the difference to one's own, touched a moment before. Where that clock jumps, or stands in the future of itself, a
/// sign counts as old too when it has not changed while it was watched for as long as a lease.
/// </remarks>
internal sealed partial class Heartbeat : IDisposable
{
    public const string Folder = "workers";

    /// <summary>Overrides how long a lease lasts: seconds, at least 2.</summary>
    public const string LeaseVariable = "GAPLAB_LEASE_SECONDS";

    private const string Extension = ".json";
    private const double DefaultLease = 120,
        BeatsPerLease = 8;
    private const int CurrentFolder = -100;

    private static readonly Lazy<TimeSpan> s_lease = new(() => ReadLease(Environment.GetEnvironmentVariable(LeaseVariable)));
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, Heartbeat> s_open = [];

    private readonly string _root,
        _path;
    private readonly Dictionary<string, (DateTime Written, long Since)> _watched = [];
    private readonly Timer _timer;
    private int _users = 1;

    private Heartbeat(string root)
    {
        (_root, _path) = (root, PathOf(root, StoreOwner.Self));
        var content = new JsonObject
        {
            ["host"] = Environment.MachineName,
            ["process"] = Environment.ProcessId,
            ["lease"] = Lease.TotalSeconds,
        };
        AtomicFile.WriteText(_path, JsonSeal.Close(content).ToJsonString(StoreJson.Line) + "\n");
        TimeSpan beat = Lease / BeatsPerLease;
        _timer = new Timer(_ => Touch(), null, beat, beat);
    }

    /// <summary>How long a sign of life counts.</summary>
    /// <exception cref="InputException">The variable holds none.</exception>
    public static TimeSpan Lease => s_lease.Value;

    /// <summary>The sign of this process in a store; the file is there until all that took it have disposed of it.</summary>
    /// <exception cref="InputException">The file cannot be written: full disk, no permission.</exception>
    public static Heartbeat Take(string root)
    {
        string key = Path.GetFullPath(root);
        lock (s_gate)
        {
            if (s_open.TryGetValue(key, out Heartbeat? open))
            {
                open._users++;
                return open;
            }
            return s_open[key] = new Heartbeat(key);
        }
    }

    /// <summary>Who works in a store now, as far as can be told without writing: by host and process.</summary>
    public static IReadOnlyList<(string Host, int Process)> AtWork(string root)
    {
        string folder = Path.Combine(root, Folder);
        if (!Directory.Exists(folder))
            return [];
        var found = new List<(string, int, DateTime)>();
        foreach (string file in Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (StoreOwner.Parse(Path.GetFileNameWithoutExtension(file)) is not { } owner || owner.IsGone())
                continue;
            try
            {
                JsonNode? sign = JsonNode.Parse(RegularFile.ReadText(file, FileLimit.Document));
                found.Add(((string?)sign?["host"] ?? "", owner.Process, File.GetLastWriteTimeUtc(file)));
            }
            catch (Exception error) when (error is InputException or IOException or System.Text.Json.JsonException) { }
        }
        // Nobody's clock is asked: the latest sign is the present, as far as the store knows.
        DateTime latest = found.Select(f => f.Item3).DefaultIfEmpty().Max();
        return [.. found.Where(f => latest - f.Item3 < Lease).Select(f => (f.Item1, f.Item2))];
    }

    /// <summary>Whether a claim has lapsed: its owner has ended, or has given no sign for the length of a lease.</summary>
    /// <param name="owner">Who holds it; null where the claim does not say (it is being written, or was cut off).</param>
    /// <param name="claim">The claim's file.</param>
    public bool HasLapsed(StoreOwner? owner, string claim)
    {
        if (owner == StoreOwner.Self)
            return false;
        if (owner?.IsGone() == true)
            return true;
        string sign = owner is { } known ? PathOf(_root, known) : claim;
        if (!File.Exists(sign))
            sign = claim;
        Touch();
        DateTime written = Written(sign),
            now = Written(_path);
        if (written == default || now == default)
            return false; // gone meanwhile: the next look tells
        lock (_watched)
        {
            if (!_watched.TryGetValue(sign, out var seen) || seen.Written != written)
                _watched[sign] = seen = (written, Stopwatch.GetTimestamp());
            return now - written > Lease || Stopwatch.GetElapsedTime(seen.Since) > Lease;
        }
    }

    /// <summary>Removes the signs of processes that have ended.</summary>
    public void RemoveLapsed()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_root, Folder), "*" + Extension))
            if (StoreOwner.Parse(Path.GetFileNameWithoutExtension(file)) is { } owner && HasLapsed(owner, file))
                AtomicFile.Discard(file);
    }

    public void Dispose()
    {
        lock (s_gate)
        {
            if (--_users > 0)
                return;
            s_open.Remove(_root);
        }
        using (var ended = new ManualResetEvent(false))
            if (_timer.Dispose(ended))
                ended.WaitOne();
        AtomicFile.Discard(_path);
    }

    private static string PathOf(string root, StoreOwner owner) => Path.Combine(root, Folder, owner + Extension);

    private static DateTime Written(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.LastWriteTimeUtc : default;
    }

    // "Now" of the file system: no time is passed. Of a file that is gone nothing is made.
    private void Touch()
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.SetLastWriteTimeUtc(_path, TimeProvider.System.GetUtcNow().UtcDateTime);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
            return;
        }
        _ = SetTimes(CurrentFolder, _path, 0, 0);
    }

    private static TimeSpan ReadLease(string? text) =>
        text is null ? TimeSpan.FromSeconds(DefaultLease)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 2 and <= 1e6
            ? TimeSpan.FromSeconds(seconds)
        : throw new InputException($"{LeaseVariable} got '{text}'; expected seconds, from 2 to 1000000");

    [LibraryImport("libc", EntryPoint = "utimensat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetTimes(int folder, string path, nint times, int flags);
}
