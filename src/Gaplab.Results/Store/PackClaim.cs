// The right to work on the runs of a pack: files that only one process can create, and that lapse when their owner gives no sign of life.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Holds <c>claims/&lt;run&gt;.&lt;n&gt;</c> of every run of a pack until disposed. No lock, no lock server.</summary>
/// <remarks>
/// A claim is a file that was not there before (O_EXCL), and of the claims on a run the one with the largest n counts. Who finds the
/// largest lapsed creates the next: of several that try, one succeeds, and no file of another's is removed to take it. A claim saves
/// time and no more: that two work on one run, because one was stopped for longer than a lease, spoils nothing, as each writes into a
/// folder of its own and the first whole result stays.
/// The owner's name is in the file, with the number of the claim within it: <c>boot-process-start-k</c>.
/// </remarks>
public sealed class PackClaim : IDisposable
{
    internal const string Folder = "claims";

    private static int s_counter;

    private readonly string _root;
    private readonly List<(string Name, int Number)> _held = [];
    private readonly Heartbeat _heartbeat;

    private PackClaim(string root)
    {
        (_root, _heartbeat) = (root, Heartbeat.Take(root));
        Token = string.Create(CultureInfo.InvariantCulture, $"{StoreOwner.Self}-{Interlocked.Increment(ref s_counter)}");
    }

    /// <summary>Names this claim alone, in this store and ever after.</summary>
    internal string Token { get; }

    /// <summary>Takes all of several claims, or none and returns null when another holds one of them.</summary>
    /// <remarks>In the order of the names: of two that overlap, the one that gets the first common claim gets the rest too.</remarks>
    /// <exception cref="InputException">A file cannot be made: full disk, no permission.</exception>
    internal static PackClaim? TryTake(string root, IEnumerable<string> names)
    {
        var claim = new PackClaim(root);
        try
        {
            string[] ordered = [.. names.Order(StringComparer.Ordinal)];
            if (claim.TryTake(ordered))
                return claim;
            claim.Dispose();
            return null;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Whether all of it is still ours: nobody has found it lapsed. To be asked before anything is published.</summary>
    public bool IsHeld => _held.All(h => File.Exists(PathOf(h.Name, h.Number)) && !File.Exists(PathOf(h.Name, h.Number + 1)));

    /// <summary>The folder in which the holder makes a run; nobody else writes there.</summary>
    internal RunFolder Work(string run) => new(run, Path.Combine(_root, WorkFolders.Folder, run, Token));

    /// <summary>Gives the claim back, and lets what was begun be taken up by whoever claims it next.</summary>
    public void Dispose()
    {
        if (_held.Count > 0)
        {
            ILookup<string, (int Number, string Path)> there = There();
            foreach ((string name, int number) in _held)
            {
                WorkFolders.Free(_root, name, Token);
                // The lapsed ones below it first: none of them may count again.
                foreach ((_, string path) in there[name].Where(c => c.Number <= number))
                    AtomicFile.Discard(path);
            }
            _held.Clear();
        }
        _heartbeat.Dispose();
    }

    /// <summary>Removes the claims that have lapsed, and the signs of life of processes that have ended.</summary>
    /// <exception cref="InputException">No lease can be had of the environment: said before anything is claimed.</exception>
    internal static void Clean(string root)
    {
        string folder = Path.Combine(root, Folder);
        _ = Heartbeat.Lease;
        if (!Directory.Exists(folder))
            return;
        using Heartbeat heartbeat = Heartbeat.Take(root);
        foreach (string path in Directory.EnumerateFiles(folder).ToArray())
            // Those of stores that were written under file locks: whoever held one is long gone, or holds it without its name.
            if (path.EndsWith(".lock", StringComparison.Ordinal) || heartbeat.HasLapsed(OwnerOf(path), path))
                AtomicFile.Discard(path);
        heartbeat.RemoveLapsed();
    }

    private bool TryTake(IReadOnlyList<string> names)
    {
        ILookup<string, (int Number, string Path)> there = There();
        foreach (string name in names)
        {
            int number = 1;
            if (there[name].LastOrDefault() is { Number: > 0 } last)
            {
                if (!_heartbeat.HasLapsed(OwnerOf(last.Path), last.Path))
                    return false;
                number = last.Number + 1;
            }
            if (!TryCreate(PathOf(name, number)))
                return false;
            _held.Add((name, number));
        }
        // Another may have found larger ones, which have been removed since, and come after us with one more.
        there = There();
        return _held.TrueForAll(h => there[h.Name].All(c => c.Number <= h.Number));
    }

    private bool TryCreate(string path)
    {
        try
        {
            LastingFolder.Create(Path.GetDirectoryName(path)!);
            RegularFile.RefuseSpecial(path);
#pragma warning disable RS0030 // Made by one process alone, and never written again.
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
#pragma warning restore RS0030
            file.Write(System.Text.Encoding.UTF8.GetBytes(Token));
            return true;
        }
        catch (IOException error) when ((error.HResult & 0xFFFF) is 17 or 80)
        {
            return false; // EEXIST, ERROR_FILE_EXISTS: whether or not it is there still
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(path, error);
        }
    }

    // By name, ascending. Names hold dots, so what counts follows the last.
    private ILookup<string, (int Number, string Path)> There()
    {
        string folder = Path.Combine(_root, Folder);
        IEnumerable<string> files = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
        return files
            .Select(path =>
                (
                    Name: Path.GetFileNameWithoutExtension(path),
                    Number: int.TryParse(
                        Path.GetExtension(path).TrimStart('.'),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out int number
                    )
                        ? number
                        : 0,
                    path
                )
            )
            .Where(c => c.Number > 0)
            .OrderBy(c => c.Number)
            .ToLookup(c => c.Name, c => (c.Number, c.path));
    }

    private static StoreOwner? OwnerOf(string path)
    {
        try
        {
            return StoreOwner.Parse(RegularFile.ReadText(path, FileLimit.Document));
        }
        catch (Exception error) when (error is InputException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PathOf(string name, int number) =>
        Path.Combine(_root, Folder, string.Create(CultureInfo.InvariantCulture, $"{name}.{number}"));
}
