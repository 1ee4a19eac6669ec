// A run's files held against their digests: what every reader of a store sees of a run.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>What a reader gets of a run.</summary>
/// <param name="Result">Of a finished run whose files are all what was written; null of any other.</param>
/// <param name="Damaged">What is wrong; empty for a good run and for one that is not finished.</param>
internal sealed record RunCheck(RunResult? Result, IReadOnlyList<Damage> Damaged)
{
    private static readonly RunCheck s_unfinished = new(null, []);

    /// <summary>Checks a finished run: result.json against its own digest, the files it lists against theirs, and spec.json against the
    /// run's id.</summary>
    /// <param name="run">The run.</param>
    /// <param name="checkpoints">Kept checkpoints too. They enter no number but those measured at them, and are checked when that is
    /// done.</param>
    public static RunCheck Of(RunFolder run, bool checkpoints) => Of(run, RunFolder.ResultName, checkpoints);

    /// <summary>The same of a result that is staged and not committed yet.</summary>
    public static RunCheck OfStaged(RunFolder run) => Of(run, RunFolder.PendingName, checkpoints: false);

    private static RunCheck Of(RunFolder run, string resultName, bool checkpoints)
    {
        (bool there, _) = StoreFile.Look(Path.Combine(run.Folder, resultName));
        if (!there)
            return s_unfinished;
        var damaged = new List<Damage>();
        RunResult? result = null;
        Try(
            resultName,
            bytes =>
            {
                result = RunResult.Parse(bytes);
                return null;
            }
        );
        if (result is null)
            return new RunCheck(null, damaged);
        string? spec = null;
        Try(
            RunFolder.SpecName,
            bytes =>
            {
                spec = Sha256.Of(bytes);
                return ContentId.OfJson(bytes) == run.Id ? null : $"is not the spec whose id is {run.Id}";
            }
        );
        foreach ((string name, string expected) in result.Checksums.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            bool checkpoint = name.StartsWith(RunFolder.CheckpointFolder, StringComparison.Ordinal);
            if (checkpoint && !checkpoints)
                continue;
            (bool here, string? problem) = StoreFile.Look(Path.Combine(run.Folder, name));
            try
            {
                if (!here || problem is not null)
                    Tell(name, here ? problem! : "is missing though result.json lists it");
                else if (
                    (name == RunFolder.SpecName && spec is not null ? spec : Sha256.OfFile(Path.Combine(run.Folder, name))) != expected
                )
                    Tell(name, "has changed since the run finished (its SHA-256 is not the one in result.json)");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Tell(name, StoreFile.Unreadable(error));
            }
        }
        return new RunCheck(damaged.Count == 0 ? result : null, damaged);

        // One reason a file: the first is the plainest.
        void Tell(string name, string reason)
        {
            if (!damaged.Any(d => d.File == name))
                damaged.Add(new Damage(run.Id, name, reason));
        }

        void Try(string name, Func<byte[], string?> problem)
        {
            try
            {
                if (problem(StoreFile.Read(Path.Combine(run.Folder, name))) is { } reason)
                    Tell(name, reason);
            }
            catch (InputException error)
            {
                Tell(name, error.Message);
            }
        }
    }

    /// <summary>What of an unfinished run cannot be gone on with: nothing when it was never begun.</summary>
    public static Damage? OfBegun(RunFolder run)
    {
        (bool there, string? problem) = StoreFile.Look(Path.Combine(run.Folder, RunFolder.SpecName));
        if (problem is not null)
            return new Damage(run.Id, RunFolder.SpecName, problem);
        (bool metrics, string? noFile) = StoreFile.Look(Path.Combine(run.Folder, RunFolder.MetricsName));
        if (noFile is not null)
            return new Damage(run.Id, RunFolder.MetricsName, noFile);
        if (StoreFile.Look(Path.Combine(run.Folder, RunFolder.CheckpointFolder)) is (true, null))
            return new Damage(run.Id, RunFolder.CheckpointFolder, "is a file, expected a folder");
        if (!there)
            return metrics || run.Checkpoints().Count > 0 ? new Damage(run.Id, RunFolder.SpecName, "is missing") : null;
        try
        {
            return ContentId.OfJson(StoreFile.Read(Path.Combine(run.Folder, RunFolder.SpecName))) == run.Id
                ? null
                : new Damage(run.Id, RunFolder.SpecName, $"is not the spec whose id is {run.Id}");
        }
        catch (InputException error)
        {
            return new Damage(run.Id, RunFolder.SpecName, error.Message);
        }
    }

    /// <summary>What is wrong with env.json of a run that is not finished; null when it is as written, older than digests or
    /// absent.</summary>
    public static Damage? OfEnvironment(RunFolder run)
    {
        string path = Path.Combine(run.Folder, RunFolder.EnvironmentName);
        if (!StoreFile.Look(path).There)
            return null;
        try
        {
            using JsonDocument document = JsonSeal.Parse(StoreFile.Read(path));
            return JsonSeal.Check(document.RootElement) == SealState.Broken
                ? new Damage(run.Id, RunFolder.EnvironmentName, "does not match its digest")
                : null;
        }
        catch (InputException error)
        {
            return new Damage(run.Id, RunFolder.EnvironmentName, error.Message);
        }
        catch (JsonException)
        {
            return new Damage(run.Id, RunFolder.EnvironmentName, "is no JSON");
        }
    }
}
