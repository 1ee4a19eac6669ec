// Reads the runs of a store, each held against its digests, and what lies among them that is no run.
using System.Collections.Concurrent;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>What is in a store's runs.</summary>
/// <param name="Results">By id: finished runs whose files are what was written.</param>
/// <param name="Damaged">Finished runs that are not, and what cannot be read: left out of <paramref name="Results"/>.</param>
public sealed record StoreReading(IReadOnlyDictionary<string, RunResult> Results, IReadOnlyList<Damage> Damaged);

/// <summary>Checks a run once, and again only when one of its files has another length or time. Of what other commands have checked the
/// index tells, where that is enough.</summary>
internal sealed class RunReader(RunStore store)
{
    private const string RunsFolder = "runs";

    /// <summary>The files that readers hold against their digests.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [RunFolder.ResultName, RunFolder.SpecName, RunFolder.EnvironmentName, RunFolder.MetricsName];

    /// <param name="Stamps">Before the check.</param>
    /// <param name="IsOurs">Whether this process has checked it, and not only another that wrote the index.</param>
    /// <param name="IsIndexed">Whether the index has it.</param>
    private sealed record Known(FileStamps Stamps, RunCheck Check, bool IsOurs, bool IsIndexed);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private int? _indexed;

    /// <summary>Reads every run.</summary>
    /// <param name="anew">Holds every file against its digest, whatever the index says of it.</param>
    public StoreReading Read(bool anew)
    {
        if (!anew)
            LoadIndex();
        (string[] ids, List<Damage> damaged) = Places();
        var checks = new RunCheck[ids.Length];
        Parallel.For(0, ids.Length, i => checks[i] = Check(store.Run(ids[i]), anew, listed: true));
        // In the order of the ids.
        var results = new Dictionary<string, RunResult>(ids.Length, StringComparer.Ordinal);
        for (int i = 0; i < ids.Length; i++)
        {
            damaged.AddRange(checks[i].Damaged);
            if (checks[i].Result is { } result)
                results[ids[i]] = result;
        }
        return new StoreReading(results, damaged);
    }

    /// <summary>A run held against its digests by this process.</summary>
    public RunCheck Check(RunFolder run) => Check(run, anew: true, listed: false);

    private RunCheck Check(RunFolder run, bool anew, bool listed)
    {
        var stamps = FileStamps.Of(run);
        if (_known.TryGetValue(run.Id, out Known? known) && known.Stamps.Equals(stamps) && (known.IsOurs || !anew))
            return known.Check;
        if (listed && Unlistable(run.Folder) is { } problem)
            return new RunCheck(null, [new Damage(run.Id, Relative(run.Folder), problem)]);
        RunCheck check = RunCheck.Of(run, checkpoints: false);
        if (check.Result is { } result)
            check = check with { Result = Kept(result) };
        _known[run.Id] = new Known(Kept(stamps), check, IsOurs: true, IsIndexed: false);
        return check;
    }

    // Who only looks holds very many of them for long.
    private RunResult Kept(RunResult result) => store.IsOnlyRead ? result.Slim() : result;

    private FileStamps Kept(FileStamps stamps) => store.IsOnlyRead ? stamps.Slim() : stamps;

    private void LoadIndex()
    {
        if (_indexed is not null)
            return;
        _indexed = StoreIndex.Load(
            store.Root,
            line =>
                _known.TryAdd(line.Id, new Known(Kept(line.Stamps), new RunCheck(Kept(line.Result), []), IsOurs: false, IsIndexed: true))
        );
    }

    /// <summary>Writes the index where it does not say what was read.</summary>
    public void SaveIndex(StoreReading reading)
    {
        // Of a run that was found otherwise meanwhile nothing is kept.
        var lines = new List<IndexLine>(reading.Results.Count);
        var fresh = new List<(string Id, Known Known)>();
        foreach ((string id, RunResult result) in reading.Results)
        {
            if (!_known.TryGetValue(id, out Known? known) || !ReferenceEquals(known.Check.Result, result))
                continue;
            lines.Add(new IndexLine(id, known.Stamps, result));
            if (!known.IsIndexed)
                fresh.Add((id, known));
        }
        if (fresh.Count == 0 && _indexed == lines.Count)
            return;
        StoreIndex.Save(store.Root, lines);
        _indexed = lines.Count;
        foreach ((string id, Known known) in fresh)
            _known.TryUpdate(id, known with { IsIndexed = true }, known);
    }

    /// <summary>The runs that have a folder where it belongs, in ordinal order; and what else lies there, or cannot be read.</summary>
    public (IReadOnlyList<string> Ids, List<Damage> Damaged) Folders()
    {
        (string[] ids, List<Damage> damaged) = Places();
        var good = new List<string>(ids.Length);
        foreach (string id in ids)
        {
            string folder = store.Run(id).Folder;
            if (Unlistable(folder) is { } problem)
                damaged.Add(new Damage(id, Relative(folder), problem));
            else
                good.Add(id);
        }
        return (good, damaged);
    }

    /// <summary>The same without a look at what stands in a run's place.</summary>
    private (string[] Ids, List<Damage> Damaged) Places()
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
        return ([.. ids], damaged);
    }

    /// <summary>A run held against all of its checksums, those of kept checkpoints too.</summary>
    public RunCheck WithCheckpoints(RunFolder run)
    {
        RunCheck check = Check(run);
        return check.Result is { } result && KeepsCheckpoints(result) ? RunCheck.Of(run, checkpoints: true) : check;
    }

    public static bool KeepsCheckpoints(RunResult result) =>
        result.Checksums.Keys.Any(k => k.StartsWith(RunFolder.CheckpointFolder, StringComparison.Ordinal));

    /// <summary>What readers of results do not look at: kept checkpoints, and the files of probes.</summary>
    public IEnumerable<Damage> Everything()
    {
        foreach (string id in Folders().Ids)
        {
            RunFolder run = store.Run(id);
            foreach (Damage damage in WithCheckpoints(run).Damaged)
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
}
