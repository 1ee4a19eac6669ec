// Reads the runs of a store, each held against its digests, and what lies among them that is no run.
using System.Collections.Concurrent;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>What is in a store's runs.</summary>
/// <param name="Results">By id: finished runs whose files are what was written.</param>
/// <param name="Damaged">Finished runs that are not, and what cannot be read: left out of <paramref name="Results"/>.</param>
public sealed record StoreReading(IReadOnlyDictionary<string, RunResult> Results, IReadOnlyList<Damage> Damaged);

/// <summary>Checks a run once, and again only when one of its files has another length or time.</summary>
internal sealed class RunReader(RunStore store)
{
    private const string RunsFolder = "runs";

    /// <summary>The files that readers hold against their digests.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [RunFolder.ResultName, RunFolder.SpecName, RunFolder.EnvironmentName, RunFolder.MetricsName];

    private readonly ConcurrentDictionary<string, ((long, long)[] Stamps, RunCheck Check)> _known = [];

    public StoreReading Read()
    {
        (IReadOnlyList<string> ids, List<Damage> damaged) = Folders();
        var results = new SortedDictionary<string, RunResult>(StringComparer.Ordinal);
        foreach (string id in ids)
        {
            RunCheck check = Check(store.Run(id));
            damaged.AddRange(check.Damaged);
            if (check.Result is { } result)
                results[id] = result;
        }
        return new StoreReading(results, damaged);
    }

    public RunCheck Check(RunFolder run)
    {
        (long, long)[] stamps = [.. Files.Select(name => Stamp(Path.Combine(run.Folder, name)))];
        if (_known.TryGetValue(run.Id, out var known) && known.Stamps.AsSpan().SequenceEqual(stamps))
            return known.Check;
        RunCheck check = RunCheck.Of(run, checkpoints: false);
        if (store.IsOnlyRead && check.Result is { } result)
            check = check with { Result = result.Slim() };
        _known[run.Id] = (stamps, check);
        return check;
    }

    /// <summary>The runs that have a folder where it belongs, in ordinal order; and what else lies there, or cannot be read.</summary>
    public (IReadOnlyList<string> Ids, List<Damage> Damaged) Folders()
    {
        var ids = new List<string>();
        var damaged = new List<Damage>();
        string runs = Path.Combine(store.Root, RunsFolder);
        foreach (string shard in Entries(runs, damaged))
        {
            string name = Path.GetFileName(shard);
            foreach (string folder in Entries(shard, damaged))
            {
                string id = Path.GetFileName(folder);
                if (RunStore.IsId(id) && id.StartsWith(name, StringComparison.Ordinal) && name.Length == 2)
                {
                    if (Unlistable(folder) is { } problem)
                        damaged.Add(new Damage(id, Relative(folder), problem));
                    else
                        ids.Add(id);
                }
                else if (File.Exists(Path.Combine(folder, RunFolder.SpecName)))
                {
                    damaged.Add(
                        new Damage(RunStore.IsId(id) ? id : "", Relative(folder), "lies where no run belongs, and is ignored; move it away")
                        {
                            IsStray = true,
                        }
                    );
                }
            }
        }
        ids.Sort(StringComparer.Ordinal);
        return (ids, damaged);
    }

    /// <summary>What readers of results do not look at: kept checkpoints, and the files of probes.</summary>
    public IEnumerable<Damage> Everything()
    {
        foreach (string id in Folders().Ids)
        {
            RunFolder run = store.Run(id);
            foreach (Damage damage in RunCheck.Of(run, checkpoints: true).Damaged)
                yield return damage;
            if (!run.IsFinished && RunCheck.OfBegun(run) is { } begun)
                yield return begun;
            if (!run.IsFinished && RunCheck.OfEnvironment(run) is { } environment)
                yield return environment;
            if (!Directory.Exists(run.Folder))
                continue;
            foreach (
                string file in run.OwnFolders()
                    .Where(Directory.Exists)
                    .SelectMany(own => Directory.EnumerateFiles(own, "*.safetensors"))
                    .Order(StringComparer.Ordinal)
            )
            {
                if (OfTensors(run, Path.GetRelativePath(run.Folder, file)) is { } damage)
                    yield return damage;
            }
        }
    }

    /// <summary>What is wrong with a safetensors file of a run; null when nothing is, or it is not there.</summary>
    public static Damage? OfTensors(RunFolder run, string name)
    {
        string path = Path.Combine(run.Folder, name);
        if (!StoreFile.Look(path).There)
            return null;
        try
        {
            Safetensors.OpenVerified(path).Dispose();
            return null;
        }
        catch (InputException error)
        {
            return Damage.Of(run.Id, name, path, error);
        }
    }

    private List<string> Entries(string folder, List<Damage> damaged)
    {
        (bool there, _) = StoreFile.Look(folder);
        if (!there)
            return [];
        try
        {
            if (Directory.Exists(folder))
                return [.. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)];
            damaged.Add(new Damage("", Relative(folder), "is no folder"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            damaged.Add(new Damage("", Relative(folder), StoreFile.Unreadable(error)));
        }
        return [];
    }

    private static string? Unlistable(string folder)
    {
        if (!Directory.Exists(folder))
            return "is no folder";
        try
        {
            _ = Directory.EnumerateFileSystemEntries(folder).FirstOrDefault();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return StoreFile.Unreadable(error);
        }
    }

    private string Relative(string path) => Path.GetRelativePath(store.Root, path);

    private static (long Length, long Time) Stamp(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.Exists ? (file.Length, file.LastWriteTimeUtc.Ticks)
                : StoreFile.Look(path).There ? (-2, 0)
                : (-1, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (-2, 0);
        }
    }
}
