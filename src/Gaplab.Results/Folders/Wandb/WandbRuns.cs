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
        List<WandbRun> runs = All(source, notes);
        foreach (WandbRun run in runs.Where(r => r.IsEmpty))
            notes.SetAside.Add((run.Place, $"a run without settings and values ({run.Ending})"));
        RunReading[] readings = [.. runs.Where(r => !r.IsEmpty).Select(r => WandbReading.Of(r, source.Options.EqualSamples))];
        Tell(runs, readings, notes);
        return RunFolders.Table(source.Name, readings);
    }

    /// <summary>Every run below a path, in the order of their paths; one that was started again under its id is one.</summary>
    internal static List<WandbRun> All(SweepSource source, ImportNotes notes)
    {
        IReadOnlyList<WandbFolder> folders = source.IsFolder ? WandbFolder.Below(source.Path) : [WandbFolder.OfLog(source.Path)];
        WandbFolder[][] attempts = [.. folders.GroupBy(f => f.Key).Select(g => g.ToArray())];
        var runs = new WandbRun[attempts.Length];
        var aside = new List<(string, string)>[attempts.Length];
        int done = 0;
        Parallel.For(
            0,
            attempts.Length,
            i =>
            {
                aside[i] = [];
                runs[i] = Merged(
                    attempts[i]
                        .Select(f =>
                            f.Read(
                                (file, why) =>
                                    aside[i].Add((f.Place.EndsWith(file, StringComparison.Ordinal) ? f.Place : $"{f.Place}/{file}", why))
                            )
                        )
                );
                if (Interlocked.Increment(ref done) is var now && now % 100 == 0)
                    source.Options.Progress?.Invoke(now, attempts.Length);
            }
        );
        foreach (List<(string, string)> of in aside)
            notes.SetAside.AddRange(of);
        return [.. runs];
    }

    private static WandbRun Merged(IEnumerable<WandbRun> attempts)
    {
        WandbRun[] order = [.. attempts.OrderBy(r => r.Started).ThenBy(r => r.Place, StringComparer.Ordinal)];
        foreach (WandbRun later in order.Skip(1))
            order[0].Continue(later);
        return order[0];
    }

    private static void Tell(List<WandbRun> runs, RunReading[] readings, ImportNotes notes)
    {
        RunFolders.Tell(readings, notes);
        int thinned = runs.Count(r => r.History.Series.Values.Any(s => s.IsThinned));
        if (thinned > 0)
            notes.Findings.Add(
                new(
                    FindingKinds.HistoryThinned,
                    Severity.Hint,
                    $"Of {thinned} of {runs.Count} runs every second, fourth, … value of the longest histories is kept, and always the "
                        + "last, the lowest and the highest."
                )
            );
        int ended = runs.Count(r => r is { IsEmpty: false, State: "" });
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
