// Reads folders of runs of Weights & Biases as one table: a row for every step at which something of a run is kept.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import.Wandb;

/// <summary>The reader of what Weights &amp; Biases leaves on a disk, online and offline; nothing is asked of its servers.</summary>
internal static class WandbRuns
{
    /// <summary>Steps of all runs together that are kept while they are read, and fields of the table: what 1 GiB holds with
    /// ease.</summary>
    private const int MostSteps = 1 << 19,
        MostFields = 1 << 24;

    private const int FewestPoints = 16,
        MostPoints = 1 << 12;

    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        if (
            !source.IsFolder
            && WandbFolder.OfLog(source.Path) is { Files: null }
            && source.Head.All(b => b is 0xEF or 0xBB or 0xBF or <= 32)
        )
            throw new InputException($"{source.Name} is empty; expected a log of Weights & Biases, or the folder of its run");
        IReadOnlyList<WandbFolder> folders = source.IsFolder ? WandbFolder.Below(source.Path) : [WandbFolder.OfLog(source.Path)];
        if (folders.Count == 0)
            throw new InputException(
                $"{source.Path}: holds no run of Weights & Biases; expected folders such as run-20260131_120000-3f2a91c0"
            );
        int most = Math.Clamp(MostSteps / folders.Count, FewestPoints, MostPoints);
        List<WandbRun> runs = Merged(folders.Select(f => f.Read(most, (file, why) => notes.SetAside.Add((Of(f.Place, file), why)))));
        foreach (WandbRun run in runs.Where(r => r.IsEmpty))
            notes.SetAside.Add((run.Place, $"a run without settings and values ({run.Ending})"));
        runs.RemoveAll(r => r.IsEmpty);
        if (runs.Count == 0)
            throw new InputException(
                $"{source.Path}: no run of Weights & Biases can be read: {notes.SetAside[0].Where}: {notes.SetAside[0].Why}"
                    + (notes.SetAside.Count > 1 ? $"; and {notes.SetAside.Count - 1} more" : "")
            );
        return Table(source.Name, runs, most, notes);

        static string Of(string place, string file) => place.EndsWith(file, StringComparison.Ordinal) ? place : $"{place}/{file}";
    }

    /// <summary>The runs in the order in which they were begun; one that was started again under its id is one.</summary>
    private static List<WandbRun> Merged(IEnumerable<WandbRun> read)
    {
        var runs = new List<WandbRun>();
        var known = new Dictionary<(string, string), WandbRun>();
        foreach (
            WandbRun run in read.ToList()
                .OrderBy(r => r.Started > 0 ? r.Started : double.MaxValue)
                .ThenBy(r => r.Place, StringComparer.Ordinal)
        )
            if (run.Id.Length > 0 && known.TryGetValue((run.Project, run.Id), out WandbRun? earlier))
                earlier.Continue(run);
            else
            {
                runs.Add(run);
                known.TryAdd((run.Project, run.Id), run);
            }
        return runs;
    }

    private static SourceTable Table(string name, List<WandbRun> runs, int most, ImportNotes notes)
    {
        (string Name, Func<WandbRun, string> Of)[] own =
        [
            .. ((string Name, Func<WandbRun, string> Of)[])
                [
                    ("run_id", r => r.Id),
                    ("run_name", r => r.Name),
                    ("project", r => r.Project),
                    ("sweep", r => r.Sweep),
                    ("state", r => r.State),
                ],
        ];
        own = [.. own.Where(c => runs.Any(r => c.Of(r).Length > 0))];
        var header = new List<string>([.. own.Select(c => c.Name), "_step"]);
        int step = header.Count - 1;
        var config = new Dictionary<string, int>(StringComparer.Ordinal);
        var metrics = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string key in runs.SelectMany(r => r.Config.Keys))
            if (config.TryAdd(key, header.Count))
                header.Add($"config.{key}");
        HashSet<string> taken = [.. header];
        foreach (string key in runs.SelectMany(r => r.History.Series.Keys.Concat(r.Summary.Keys.Where(k => k != "_step"))))
            if (metrics.TryAdd(key, header.Count))
                header.Add(taken.Contains(key) ? $"metrics.{key}" : key);
        TableHeader.Check(name, header);

        List<(WandbRun Run, SortedDictionary<long, List<(int Column, double Value)>> Steps)> all;
        while ((all = [.. runs.Select(r => (r, Steps(r, metrics)))]).Sum(r => (long)r.Steps.Count) * header.Count > MostFields && most > 1)
        {
            most /= 2;
            runs.ForEach(r => r.History.Thin(most));
        }
        Tell(runs, notes);
        var rows = new List<SourceRow>();
        foreach ((WandbRun run, var steps) in all)
        {
            string[] constant = new string[header.Count];
            Array.Fill(constant, "");
            for (int c = 0; c < own.Length; c++)
                constant[c] = own[c].Of(run);
            foreach ((string key, string value) in run.Config)
                constant[config[key]] = value;
            foreach ((long at, var values) in steps)
            {
                string[] fields = [.. constant];
                if (at != NoStep)
                    fields[step] = at.ToString(CultureInfo.InvariantCulture);
                foreach ((int column, double value) in values)
                    fields[column] = value.ToString("R", CultureInfo.InvariantCulture);
                rows.Add(new(rows.Count + 1, fields, run.Place));
            }
        }
        return new(name, [.. header], rows);
    }

    private const long NoStep = long.MinValue;

    /// <summary>What is kept of a run, by step. What only its summary says belongs to its last; where the log breaks off before the
    /// summary's own step, all of the summary is a step behind it.</summary>
    private static SortedDictionary<long, List<(int Column, double Value)>> Steps(WandbRun run, Dictionary<string, int> columns)
    {
        var steps = new SortedDictionary<long, List<(int, double)>>();
        foreach ((string key, ThinnedSeries series) in run.History.Series)
        foreach ((long step, double value) in series.Points())
            At(step).Add((columns[key], value));
        long last = steps.Count > 0 ? steps.Keys.Last() : NoStep;
        bool isAhead =
            run.Summary.TryGetValue("_step", out double end) && end > last && Math.Abs(end) < 1L << 53 && (last == NoStep || run.IsDamaged);
        foreach ((string key, double value) in run.Summary)
            if (key != "_step" && (isAhead || !run.History.Series.ContainsKey(key)))
                At(isAhead ? (long)end : last).Add((columns[key], value));
        // A run of which only the settings are known is a run all the same.
        if (steps.Count == 0)
            At(NoStep);
        return steps;

        List<(int, double)> At(long step) => steps.TryGetValue(step, out var there) ? there : steps[step] = [];
    }

    private static void Tell(List<WandbRun> runs, ImportNotes notes)
    {
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
        int ended = runs.Count(r => r.State.Length == 0);
        if (ended > 0)
            notes.Caveats.Add($"{ended} of {runs.Count} runs known by their summary alone");
    }

    private static Recognition Recognise(SweepSource source)
    {
        if (!source.IsFolder)
            return WandbFrames.IsBegunBy(source.Head) ? Recognition.Certain
                : source.Name.EndsWith(".wandb", StringComparison.OrdinalIgnoreCase)
                && source.Head.All(b => b is 0xEF or 0xBB or 0xBF or <= 32)
                    ? Recognition.Possible
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
        };
}
