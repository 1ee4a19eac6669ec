// Reads runs of Weights & Biases from their folders: a row for each, with its values at the end or at given samples.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>The reader of what Weights &amp; Biases leaves on a disk, online and offline; nothing is asked of its servers.</summary>
internal static class WandbRuns
{
    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        bool isAlone = !source.IsFolder && WandbFolder.OfLog(source.Path).Files is null;
        if (isAlone && IsBlank(source.Head))
            throw new InputException($"{source.Name} is empty; expected a log of Weights & Biases, or the folder of its run");
        long? batch = RunFolders.DefaultBatch(source.Options);
        // Of each run the history is given up as soon as its values are taken.
        List<ReadRun> runs = All(
            source,
            notes,
            r => new ReadRun(
                r.Place,
                r.WhyEmpty,
                r.IsEmpty ? null : WandbReading.Of(r, source.Options.EqualSamples, batch),
                r.History.Series.Values.Any(s => s.IsThinned)
            )
        );
        foreach (ReadRun run in runs.Where(r => r.Reading is null))
            notes.SetAside.Add((run.Place, run.WhyEmpty));
        RunReading[] readings = [.. runs.Select(r => r.Reading).OfType<RunReading>()];
        RunFolders.Tell(readings, notes);
        Tell(runs, notes);
        return RunFolders.Table(source.Name, readings);
    }

    /// <param name="Place">Where it lies.</param>
    /// <param name="WhyEmpty">Why nothing is known of it.</param>
    /// <param name="Reading">Null where nothing is known of it.</param>
    /// <param name="IsThinned">Whether values of its history were left out.</param>
    private sealed record ReadRun(string Place, string WhyEmpty, RunReading? Reading, bool IsThinned);

    /// <summary>Every run below a path, in the order of their paths; one that was started again under its id is one.</summary>
    /// <param name="source">A folder or a log.</param>
    /// <param name="notes">Receives what is said of all together.</param>
    /// <param name="of">What is made of each, several at a time.</param>
    internal static List<T> All<T>(SweepSource source, ImportNotes notes, Func<WandbRun, T> of)
    {
        IReadOnlyList<WandbFolder> folders = source.IsFolder ? WandbFolder.Below(source.Path) : [WandbFolder.OfLog(source.Path)];
        WandbFolder[][] attempts = [.. folders.GroupBy(f => f.Key).Select(g => g.ToArray())];
        var runs = new List<(string Place, T Of)>[attempts.Length];
        int done = 0;
        Parallel.For(
            0,
            attempts.Length,
            i =>
            {
                runs[i] = [.. Merged(attempts[i].Select(f => f.Read())).Select(r => (r.Place, of(r)))];
                if (Interlocked.Increment(ref done) is var now && now % 100 == 0)
                    source.Options.Progress?.Invoke(now, attempts.Length);
            }
        );
        if (runs.Where(r => r.Count > 1).ToArray() is { Length: > 0 } several)
            notes.Findings.Add(
                new(
                    FindingKinds.FolderReading,
                    Severity.Warning,
                    $"Runs of one id that differ in their settings are runs of their own: {several.Sum(r => r.Count)} "
                        + $"({Shown.Of(several[0][0].Place)} and {Shown.Of(several[0][1].Place)}{(several.Length > 1 ? "; …" : "")})."
                )
            );
        return [.. runs.SelectMany(r => r).Select(r => r.Of)];
    }

    /// <summary>The attempts of one id in the order in which they were begun. One that says something else of its settings, or is of
    /// another project, is another run: ids are reused by hand.</summary>
    private static List<WandbRun> Merged(IEnumerable<WandbRun> attempts)
    {
        WandbRun[] all = [.. attempts];
        bool dated = all.All(r => r.Started > 0);
        var runs = new List<WandbRun>();
        foreach (WandbRun run in all.OrderBy(r => dated ? r.Started : 0).ThenBy(r => r.Began, StringComparer.Ordinal))
            if (runs is [.., var before] && before.MayGoOnAs(run))
                before.Continue(run);
            else
                runs.Add(run);
        return runs;
    }

    private static void Tell(List<ReadRun> runs, ImportNotes notes)
    {
        int thinned = runs.Count(r => r.IsThinned);
        if (thinned > 0)
            notes.Findings.Add(
                new(
                    FindingKinds.HistoryThinned,
                    Severity.Hint,
                    $"Of {thinned} of {runs.Count} runs every second, fourth, … value of the longest histories is kept, and always the "
                        + "last, the lowest and the highest."
                )
            );
        int ended = runs.Count(r => r.Reading is { State: "" });
        if (ended > 0)
            notes.Caveats.Add($"{ended} of {runs.Count} runs known by their summary alone");
    }

    private static bool IsBlank(byte[] head) => head.All(b => b is 0xEF or 0xBB or 0xBF or <= 32);

    private static Recognition Recognise(SweepSource source)
    {
        if (!source.IsFolder)
            return WandbFrames.IsBegunBy(source.Head) ? Recognition.Certain
                : source.Name.EndsWith(".wandb", StringComparison.OrdinalIgnoreCase) && IsBlank(source.Head) ? Recognition.Possible
                : Recognition.No;
        // Deep below a folder, runs may be what another tool's runs logged besides.
        return WandbFolder.FirstLevel(source.Path) switch
        {
            null => Recognition.No,
            <= 2 => Recognition.Certain,
            _ => Recognition.Possible,
        };
    }

    public static SweepFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "wandb",
            Says =
                "runs of Weights & Biases on a disk, online and offline: a `.wandb` log, the folder of a run, or a folder of them such as "
                + "`wandb/`; what a log lacks is read from `config.yaml`, `wandb-summary.json` and the command line beside it",
            KnownBy = "the first bytes of a log, or folders called `run-DATE_TIME-ID` with its files",
            Endings = [".wandb"],
            IsOfFolders = true,
        };
}
