// Where runs are made: a folder for each claim on a run, which becomes the run's own by one rename when it is whole.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary><c>work/&lt;run&gt;/&lt;claim&gt;/</c>: what the holder of a claim has made of a run so far. Nobody else writes into
/// it.</summary>
/// <remarks>
/// Whoever claims the run next takes it up: by a rename where its owner has given it back or is known to have ended, so that large
/// files are not copied; else as a copy, as an owner that was stopped may come back and write on. Folders are removed with the run's
/// publication. An unfinished folder in the run's own place is one of a store written before work had folders, and is taken up too.
/// </remarks>
internal sealed class WorkFolders(RunStore store)
{
    public const string Folder = "work";

    // Behind the claim's name: its owner has given the folder back.
    private const string FreeMark = ".free";

    private string FolderOf(string run) => Path.Combine(store.Root, Folder, run);

    /// <summary>Marks a folder as given back: its owner will not write into it any more.</summary>
    public static void Free(string root, string run, string token)
    {
        string path = Path.Combine(root, Folder, run, token);
        if (!Directory.Exists(path))
            return;
        try
        {
            Directory.Move(path, path + FreeMark);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { } // it is copied instead
    }

    /// <summary>Every run that has a folder here, with the one in which was written last. What goes meanwhile is left out.</summary>
    public IReadOnlyList<RunFolder> All()
    {
        string root = Path.Combine(store.Root, Folder);
        var all = new List<RunFolder>();
        try
        {
            foreach (string run in Directory.Exists(root) ? Directory.GetDirectories(root) : [])
                if (
                    RunStore.IsId(Path.GetFileName(run))
                    && Directory.Exists(run)
                    && Directory.GetDirectories(run).MaxBy(Directory.GetLastWriteTimeUtc) is { } last
                )
                    all.Add(new RunFolder(Path.GetFileName(run), last));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { }
        return all;
    }

    /// <summary>What others have left of a run: the folders, and whether their owners are known to write no more.</summary>
    public IReadOnlyList<(string Name, RunFolder Run, bool IsFree)> Left(string run, string own)
    {
        var left = new List<(string, RunFolder, bool)>();
        RunFolder published = store.Run(run);
        if (published is { Exists: true, IsFinished: false })
            left.Add(("", published, true));
        if (Directory.Exists(FolderOf(run)))
            foreach (string path in Directory.GetDirectories(FolderOf(run)).Order(StringComparer.Ordinal))
                if (Path.GetFileName(path) is var name && name != own)
                    left.Add(
                        (
                            name,
                            new RunFolder(run, path),
                            name.EndsWith(FreeMark, StringComparison.Ordinal) || StoreOwner.Parse(name)?.IsGone() == true
                        )
                    );
        return left;
    }

    /// <summary>Takes up what others have left of the runs of a pack, where one of them has left something of each.</summary>
    /// <param name="claim">Held on all of the runs.</param>
    /// <param name="runs">Those to be made.</param>
    /// <param name="ended">Told each folder whose owner may have left a process writing into it.</param>
    /// <exception cref="InputException">Something cannot be moved or copied.</exception>
    public void TakeUp(PackClaim claim, IReadOnlyList<string> runs, Action<string>? ended = null)
    {
        var left = runs.Select(run => Left(run, claim.Token)).ToArray();
        // The farthest; of equals the one that need not be copied, and then the latest.
        string? best = left[0]
            .Where(l => left.All(other => other.Any(o => o.Name == l.Name)))
            .OrderBy(l => CommonStep([.. left.Select(other => other.First(o => o.Name == l.Name).Run)]))
            .ThenBy(l => l.IsFree)
            .ThenBy(l => Directory.GetLastWriteTimeUtc(l.Run.Folder))
            .Select(l => l.Name)
            .LastOrDefault();
        if (best is null)
            return;
        for (int r = 0; r < runs.Count; r++)
        {
            (_, RunFolder from, bool free) = left[r].First(l => l.Name == best);
            RunFolder to = claim.Work(runs[r]);
            if (free)
                ended?.Invoke(from.Folder);
            try
            {
                LastingFolder.Create(FolderOf(runs[r]));
                if (free)
                    Directory.Move(from.Folder, to.Folder);
                else
                    Copy(from.Folder, to.Folder);
            }
            catch (DirectoryNotFoundException)
            {
                // Its owner has come back and finished it, or the store is gone: what follows tells.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw AtomicFile.Explain(to.Folder, error);
            }
            to.DiscardTemporaries();
        }
    }

    /// <summary>Gives a whole run its place. Of two that come, the first stays: the second is compared with it and dropped.</summary>
    /// <param name="work">Its folder, with its result in it.</param>
    /// <exception cref="InputException">It cannot be moved: no permission, a full disk.</exception>
    /// <exception cref="VanishedRunException">It is gone, and the run is not finished.</exception>
    public void Publish(RunFolder work)
    {
        RunFolder published = store.Run(work.Id);
        if (Path.GetFullPath(work.Folder) == Path.GetFullPath(published.Folder))
            return;
        store.AssertThere();
        string place = published.Folder,
            shard = Path.GetDirectoryName(place)!;
        while (true)
        {
            try
            {
                LastingFolder.Create(shard);
                Directory.Move(work.Folder, place);
                AtomicFile.SyncFolder(shard);
                Discard(work.Id);
                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (!work.Exists)
                {
                    if (published.IsFinished)
                        return; // somebody has published it for us
                    throw new VanishedRunException($"{work.Folder} was deleted before its run was published", error);
                }
                if (!Directory.Exists(place))
                    throw AtomicFile.Explain(place, error);
            }
            if (!published.IsFinished)
                MoveAway(published);
            else if (RunCheck.Of(published, checkpoints: false).Result is { } first)
            {
                store.Compare(work, first);
                Discard(work.Id);
                return;
            }
            else
                store.SetAside(work.Id);
        }
    }

    /// <summary>Removes what was made of a run that is finished. An owner that was stopped misses its folder when it comes back.</summary>
    public void Discard(string run)
    {
        if (!store.Run(run).IsFinished)
            return;
        try
        {
            if (Directory.Exists(FolderOf(run)))
                Directory.Delete(FolderOf(run), recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { } // somebody writes there; Clean comes again
    }

    /// <summary>Removes what is left of finished runs, and the folder of all when it is empty.</summary>
    public void Clean()
    {
        string all = Path.Combine(store.Root, Folder);
        if (!Directory.Exists(all))
            return;
        foreach (string run in Directory.GetDirectories(all).Select(d => Path.GetFileName(d)!).Where(RunStore.IsId))
            Discard(run);
        try
        {
            Directory.Delete(all);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { } // others are at work
    }

    // An unfinished run of an older store stands in the way. Should a whole one have come there meanwhile, it is put back.
    private void MoveAway(RunFolder published)
    {
        string to = Path.Combine(FolderOf(published.Id), $"{StoreOwner.Self}-before{FreeMark}");
        try
        {
            LastingFolder.Create(FolderOf(published.Id));
            Directory.Move(published.Folder, to);
            if (new RunFolder(published.Id, to).IsFinished)
                Directory.Move(to, published.Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(published.Folder) && !published.IsFinished)
                throw AtomicFile.Explain(published.Folder, error);
        }
    }

    private static long CommonStep(IReadOnlyList<RunFolder> runs)
    {
        IEnumerable<long> common = runs[0].Checkpoints();
        foreach (RunFolder run in runs.Skip(1))
            common = common.Intersect(run.Checkpoints());
        return common.DefaultIfEmpty(-1).Max();
    }

    // Not what is being written, and no result: a copy is gone on with.
    private static void Copy(string from, string to)
    {
        LastingFolder.Create(to);
        foreach (string file in Directory.GetFiles(from))
            if (
                !file.EndsWith(".tmp", StringComparison.Ordinal)
                && Path.GetFileName(file) is not (RunFolder.PendingName or RunFolder.ResultName)
            )
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string folder in Directory.GetDirectories(from))
            if (new DirectoryInfo(folder).LinkTarget is null)
                Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
