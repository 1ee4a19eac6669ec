// The format of folders of runs: any config file beside or above any file of metrics, a row per run.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders;

/// <summary>The reader of trees in which every run has a folder: those of Lightning, Hydra, Ray, the Trainer of Hugging Face, TensorBoard
/// with hyper-parameters, and loops made at home.</summary>
internal static class RunFolders
{
    private static readonly string[] s_own = ["run_id", "optimizer", "lr", "batch", "seed", "state"];

    private static readonly ColumnRole[] s_roles =
    [
        ColumnRole.Run,
        ColumnRole.Optimizer,
        ColumnRole.LearningRate,
        ColumnRole.Batch,
        ColumnRole.Seed,
        ColumnRole.State,
    ];

    private const long MostCells = 1L << 27;

    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        IReadOnlyList<FoundRun> found = RunFinder.Find(FolderTree.Of(source.Path), out IReadOnlyList<(string, string)> aside);
        notes.SetAside.AddRange(aside);
        var readings = new RunReading?[found.Count];
        var refused = new string?[found.Count];
        int done = 0;
        long? batch = DefaultBatch(source.Options);
        Parallel.For(
            0,
            found.Count,
            i =>
            {
                try
                {
                    readings[i] = RunReading.Of(found[i], source.Options.EqualSamples, batch);
                }
                catch (InputException e)
                {
                    refused[i] = e.Message;
                }
                if (Interlocked.Increment(ref done) is var now && now % 100 == 0)
                    source.Options.Progress?.Invoke(now, found.Count);
            }
        );
        for (int i = 0; i < found.Count; i++)
            if (refused[i] is { } why)
                notes.SetAside.Add((found[i].Folder.Shown, why));
        RunReading[] runs = [.. readings.OfType<RunReading>()];
        Tell(runs, notes);
        return Table(source.Name, runs);
    }

    /// <summary>The batch that --default says: steps are counted in its samples.</summary>
    internal static long? DefaultBatch(ImportOptions options) =>
        options
            .Defaults.Select(d => d.Split('=', 2))
            .Where(d => d.Length == 2 && ColumnNames.RoleNamed(d[0]) == ColumnRole.Batch)
            .Select(d => SweepNumber.Parse(d[1]) is { } size && size >= 1 && size < 1L << 40 ? (long?)size : null)
            .LastOrDefault();

    /// <summary>A row for each run that was read, whatever tool wrote it.</summary>
    internal static SourceTable Table(string name, RunReading[] runs)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        string[][] said = [.. runs.Select(Known)];
        // A column that no run fills would be taken for one that all of them leave empty.
        int[] filled = [.. Enumerable.Range(0, s_own.Length).Where(c => c == 0 || Array.Exists(said, s => s[c].Length > 0))];
        foreach (int own in filled)
            columns.Add(s_own[own], columns.Count);
        foreach (string key in runs.SelectMany(r => r.Config.Keys).Distinct(StringComparer.Ordinal))
            columns.TryAdd("config." + key, columns.Count);
        int settings = columns.Count;
        var measured = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string metric in runs.SelectMany(r => r.Values.Select(v => v.Name)).Distinct(StringComparer.Ordinal))
        {
            // What is counted is no setting, though it may be called as one: the "batch" of a bar.
            string column =
                columns.ContainsKey(metric) || IsSetting(metric) || metric.StartsWith("config", StringComparison.Ordinal)
                    ? "measured " + metric
                    : metric;
            if (columns.TryAdd(column, columns.Count))
                measured.Add(metric, columns[column]);
        }
        TableHeader.Check(name, columns.Keys);
        if ((long)runs.Length * columns.Count > MostCells)
            throw new InputException(
                $"{name}: {columns.Count} different keys in {runs.Length} runs; expected the same few in every run: name a part of the runs"
            );
        var rows = new List<SourceRow>(runs.Length);
        var lengths = new RunLengths();
        var same = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (RunReading run in runs)
        {
            int line = rows.Count + 1;
            string[] fields = new string[columns.Count];
            Array.Fill(fields, "");
            for (int c = 0; c < filled.Length; c++)
                fields[c] = Once(said[line - 1][filled[c]]);
            foreach ((string key, string value) in run.Config)
                fields[columns["config." + key]] = Once(value);
            foreach (RunValue value in run.Values)
                if (measured.TryGetValue(value.Name, out int column))
                {
                    fields[column] = Text(value.Value);
                    lengths.Add(line, column, value.Samples, value.Epochs);
                }
            if (run.Short is { } why)
                lengths.AddShort(line, why);
            rows.Add(new(line, fields, run.Path) { Why = run.Why });
        }
        return new(name, [.. columns.Keys], rows)
        {
            Given = new Dictionary<ColumnRole, int>([
                .. filled.Index().Select(f => KeyValuePair.Create(s_roles[f.Item], f.Index)),
                .. MetricOf([.. columns.Keys], settings) is { } loss
                    ? [KeyValuePair.Create(ColumnRole.Metric, loss)]
                    : (KeyValuePair<ColumnRole, int>[])[],
            ]),
            Measured = Enumerable.Range(settings, columns.Count - settings).ToHashSet(),
            Lengths = lengths.IsEmpty ? null : lengths,
        };

        // Most values are those of other runs too.
        string Once(string text) => same.TryGetValue(text, out string? kept) ? kept : same[text] = text;
    }

    /// <summary>Where no column has a name that tables use for a metric, the one loss of the most telling part of the data by the words of
    /// its name: "epoch_val_loss".</summary>
    private static int? MetricOf(string[] header, int from)
    {
        int[] measured = [.. Enumerable.Range(from, header.Length - from)];
        if (measured.Any(c => ColumnNames.Rank([.. ColumnNames.Losses, .. ColumnNames.Scores], header[c]) >= 0))
            return null;
        foreach (MetricSplit? split in (MetricSplit?[])[MetricSplit.Validation, MetricSplit.Test, null, MetricSplit.Train])
            if (
                measured
                    .Where(c =>
                        MetricNames.MeaningOf(header[c]) is { } meaning && meaning.Quantity == MetricQuantity.Loss && meaning.Split == split
                    )
                    .ToArray() is
                { Length: > 0 } found
            )
                return found.Length == 1 ? found[0] : null;
        return null;
    }

    private static string[] Known(RunReading run) =>
        [
            run.Path,
            run.Settings.Optimizer,
            run.Settings.LearningRate.Length > 0 ? run.Settings.LearningRate : Text(run.PeakRate),
            run.Settings.Batch,
            run.Settings.Seed,
            run.State,
        ];

    private static bool IsSetting(string metric) =>
        ((ColumnRole[])[.. s_roles, ColumnRole.Momentum, ColumnRole.Beta2, ColumnRole.Group]).Any(r => ColumnNames.Rank(r, metric) >= 0);

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>What is to be said of all runs together.</summary>
    internal static void Tell(RunReading[] runs, ImportNotes notes)
    {
        foreach (
            var made in runs.Where(r => r.Settings.Product.Length > 0).GroupBy(r => r.Settings.Product, StringComparer.Ordinal).Take(4)
        )
            Add(Severity.Warning, $"The batch of {made.Count()} of {runs.Length} runs is {Shown.Of(made.Key, 200)}.");
        if (runs.Count(r => r.PeakRate is not null) is > 0 and var peaks)
        {
            notes.Caveats.Add($"learning rate of {peaks} of {runs.Length} runs: the largest that was logged");
            Add(
                Severity.Warning,
                $"No config of {peaks} of {runs.Length} runs says a learning rate: the largest that was logged is taken."
            );
        }
        foreach (var chosen in runs.SelectMany(r => r.Settings.Chosen).GroupBy(c => c, StringComparer.Ordinal).Take(4))
            Add(
                Severity.Hint,
                $"Several keys could be meant in {chosen.Count()} of {runs.Length} runs; taken is the {Shown.Of(chosen.Key, 200)}."
            );
        RunReading[] damaged = [.. runs.Where(r => r.Why is not null)];
        if (damaged.Length > 0)
            Add(
                Severity.Warning,
                $"Files of {damaged.Length} of {runs.Length} runs could be read in part: "
                    + string.Join("; ", damaged.Take(3).Select(d => $"{Shown.Of(d.Path)}: {Shown.Of(d.Why, 120)}"))
                    + (damaged.Length > 3 ? "; …" : ".")
            );

        void Add(Severity severity, string message) => notes.Findings.Add(new(FindingKinds.FolderReading, severity, message));
    }

    public static SweepFormat Format { get; } =
        new(source => source.IsFolder && RunFinder.HasRuns(source.Path) ? Recognition.Certain : Recognition.No, Read)
        {
            Name = "run-folders",
            Says =
                "a folder per run, of Lightning, Hydra, Ray Tune, Hugging Face's Trainer, TensorBoard or a loop of one's own "
                + "([your-runs.md](your-runs.md))",
            IsOfFolders = true,
            KnownBy = "a config beside or above files of metrics",
        };
}
