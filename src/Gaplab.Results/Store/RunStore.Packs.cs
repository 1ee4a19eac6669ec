// The packs of a store: taken up where others left them, finished all or nothing, and published run by run.
using Gaplab.Numerics;

namespace Gaplab.Results.Store;

public sealed partial class RunStore
{
    /// <summary>
    /// Brings a pack that a crash interrupted to one of two states: all its runs finished (true), or work left to do (false).
    /// </summary>
    /// <remarks>
    /// A pack finishes all or nothing. Its runs train as one program, and a half-finished pack would have to be trained anew
    /// for the other half. So a worker first stages every member (a complete, synced result.json.pending each, in its folder under
    /// work/) and only then publishes them one by one, each by a rename of its folder. Cut anywhere, what one worker has left is either
    /// not staged in every run, and is gone on with from its checkpoint; or every run is staged or published, and the rest is published
    /// here.
    /// A pending file is never stale: changing metrics.jsonl removes it first.
    /// Call it under the pack's claim.
    /// </remarks>
    /// <param name="ids">The pack's runs.</param>
    /// <param name="notice">Told what was found damaged, and what is done about it.</param>
    /// <param name="claim">Held on them; null where nobody else can be at work.</param>
    public bool RecoverPack(IReadOnlyList<string> ids, Action<string>? notice = null, PackClaim? claim = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        string[] open = [.. ids.Where(id => !Run(id).IsFinished)];
        foreach (string id in ids.Except(open))
            Run(id).DiscardTemporaries(); // of probes that were being measured
        var left = open.ToDictionary(id => id, id => _work.Left(id, claim?.Token ?? ""));
        foreach ((_, RunFolder run, bool free) in left.Values.SelectMany(l => l).Where(l => l.IsFree))
        {
            run.DiscardTemporaries();
            if (run.IsStaged && RunCheck.OfStaged(run).Damaged is [var damage, ..])
            {
                notice?.Invoke($"{damage}; the staged result is dropped, and the run goes on from its checkpoint");
                run.Unstage();
            }
        }
        bool IsWhole(RunFolder run) => run.IsFinished || (run.IsStaged && RunCheck.OfStaged(run).Damaged.Count == 0);
        string? whole = left
            .Values.FirstOrDefault()
            ?.Select(l => l.Name)
            .FirstOrDefault(name => left.Values.All(l => l.Any(o => o.Name == name && IsWhole(o.Run))));
        if (whole is not null)
            foreach (string id in open)
                Publish(left[id].First(l => l.Name == whole).Run);
        foreach (string id in ids)
            _work.Discard(id);
        return ids.All(id => Run(id).IsFinished);
    }

    /// <summary>Where the holder of a claim makes its runs. What others have left of them is taken up: their last checkpoint, and what a
    /// command has written.</summary>
    /// <param name="claim">Held on all of them.</param>
    /// <param name="ids">The runs to make.</param>
    /// <param name="ended">Told each folder that is moved, as a process of its last owner may still write there.</param>
    /// <exception cref="InputException">What is left cannot be moved or copied.</exception>
    public IReadOnlyList<RunFolder> TakeUp(PackClaim claim, IReadOnlyList<string> ids, Action<string>? ended = null)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(ids);
        _work.TakeUp(claim, ids, ended);
        return [.. ids.Select(claim.Work)];
    }

    /// <summary>Stages every member of a pack, then publishes every member.</summary>
    /// <param name="results">By run: the folder it was made in, and how it ended.</param>
    /// <param name="keep">Of a run's checkpoints (ascending steps) those that stay; null is all. The others go only when every
    /// member is staged: a full disk before that costs no more than the steps since the last of them.</param>
    /// <param name="claim">Held on the runs; null where nobody else can be at work.</param>
    /// <exception cref="LostClaimException">Another has taken the runs over: nothing is published.</exception>
    public void FinishPack(
        IReadOnlyList<(RunFolder Run, RunResult Result)> results,
        Func<IReadOnlyList<long>, IEnumerable<long>>? keep = null,
        PackClaim? claim = null
    )
    {
        ArgumentNullException.ThrowIfNull(results);
        foreach ((RunFolder run, RunResult result) in results)
            if (!run.IsFinished)
                run.StageResult(result, keep);
        foreach ((RunFolder run, _) in results)
        {
            if (claim?.IsHeld == false)
                throw new LostClaimException($"run {run.Id} was taken over by another worker: this one gave no sign of life for too long");
            Publish(run);
        }
    }

    private void Publish(RunFolder run)
    {
        try
        {
            if (run.IsStaged)
                run.CommitResult();
        }
        catch (Exception error) when (error is InputException or InvalidOperationException && Run(run.Id).IsFinished)
        {
            // Another has published this very folder meanwhile.
        }
        _work.Publish(run);
    }

    /// <summary>Holds a result that came second against the one that is there, and keeps both digests where they disagree.</summary>
    internal void Compare(RunFolder second, RunResult first)
    {
        RunResult came;
        try
        {
            came = RunResult.Parse(StoreFile.Read(Path.Combine(second.Folder, RunFolder.ResultName)));
        }
        catch (InputException)
        {
            return; // not whole, so no second result
        }
        IReadOnlyList<string> differences = ResultAgreement.Differences(
            first,
            came,
            ResultAgreement.IsSameNumerics(Run(second.Id).ReadEnv(), second.ReadEnv())
        );
        if (differences.Count > 0)
            _conflicts.Record(new Conflict(second.Id, first.ContentDigest, came.ContentDigest, differences));
    }
}
