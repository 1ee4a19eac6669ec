// One run of a folder: its settings, and the value of each of its metrics at the end or at given samples.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Import;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders;

/// <summary>A metric's value and how long the run had trained when it was measured.</summary>
internal readonly record struct RunValue(string Name, double Value, double? Samples, double? Epochs);

/// <summary>A run as it was read.</summary>
internal sealed record RunReading
{
    public required string Path { get; init; }

    public required IReadOnlyDictionary<string, string> Config { get; init; }

    public required RunSettings Settings { get; init; }

    public required IReadOnlyList<RunValue> Values { get; init; }

    /// <summary>"failed" where the run says so itself; "" where it says nothing.</summary>
    public string State { get; init; } = "";

    /// <summary>The largest rate that was logged, where no config says one.</summary>
    public double? PeakRate { get; init; }

    /// <summary>What of its files could not be read.</summary>
    public string? Why { get; init; }

    /// <summary>Why it does not reach the samples that were asked for.</summary>
    public string? Short { get; init; }

    private const string Section = "config";

    private static readonly Dictionary<string, string> s_noNames = [];

    private static readonly string[] s_files = ["metrics", "metric", "log", "logs", "history", "results", "result", "scalars", "progress"];

    /// <exception cref="InputException">Nothing of it can be read: one line.</exception>
    /// <param name="run">What was found of it.</param>
    /// <param name="equalSamples">Where in its training its values are wanted; null: at its end.</param>
    /// <param name="defaultBatch">Its batch where it says none.</param>
    public static RunReading Of(FoundRun run, double? equalSamples, long? defaultBatch)
    {
        var problems = new List<string>();
        (RunConfig config, bool failed) = ReadConfig(run, problems);
        RunMetrics metrics = RunMetrics.Read(
            new MetricSource
            {
                Folder = run.Folder.Path,
                Files = run.Logs,
                StandardOutput = run.Logs.Count == 0 ? run.Output : null,
                Names = s_noNames,
            }
        );
        if (metrics.ProblemCount > 0)
            problems.Add(metrics.Problems[0].ToString());
        Settled(run, metrics, config);
        RunSettings settings = RunSettings.Of(config.Values);
        (List<RunValue> values, double? peak, double? reached) = ReadValues(metrics, settings.BatchSize ?? defaultBatch, equalSamples);
        if (values.Count == 0 && equalSamples is { } asked && metrics.All.Count > 0)
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"no value that is known to be of at most {asked} samples")
            );
        if (values.Count == 0)
            throw new InputException(problems.Count > 0 ? $"no metric; {problems[0]}" : "no metric in its files");
        return new()
        {
            Path = run.Folder.Shown,
            Config = config.Values,
            Settings = settings,
            Values = values,
            PeakRate = settings.LearningRate.Length == 0 ? peak : null,
            State =
                !failed && run.Failed is null ? ""
                : RunStates.HaveDiverged(values.Select(v => (v.Name, (double?)v.Value))) ? "diverged"
                : "failed",
            Why = problems.Count == 0 ? null : string.Join("; ", problems.Take(2)),
            Short =
                equalSamples is { } n && !(reached >= 0.99 * n)
                    ? reached is { } end
                        ? string.Create(CultureInfo.InvariantCulture, $"ended at {end} of {n} samples")
                        : "its log does not say at how many samples its values were measured"
                    : null,
        };
    }

    private static (RunConfig Config, bool Failed) ReadConfig(FoundRun run, List<string> problems)
    {
        var config = new RunConfig();
        bool failed = false;
        for (FolderNode? at = run.Folder; at is not null; at = at.Parent)
            foreach ((string key, string value) in ArgumentText.OfFolder(at.Name))
                config.Add(key, value);
        foreach (string path in run.Configs)
            try
            {
                if (TrainerState.IsOne(System.IO.Path.GetFileName(path)))
                    TrainerConfig.Read(path, config);
                else
                    config.Read(path);
            }
            catch (InputException e)
            {
                problems.Add($"{System.IO.Path.GetFileName(path)}: {e.Message}");
            }
        foreach (string log in run.Logs.Where(l => l.Contains("tfevents", StringComparison.Ordinal)))
            failed |= HyperParameters.Read(System.IO.Path.Combine(run.Folder.Path, log), log, config);
        return (config, failed);
    }

    /// <summary>Settings that stand among the metrics, as Ray writes them into every line of its results.</summary>
    private static void Settled(FoundRun run, RunMetrics metrics, RunConfig config)
    {
        if (run.Configs.Count > 0)
            return;
        foreach (MetricSeries series in metrics.All.Where(s => IsSetting(s.Name)))
            config.Add(
                series.Name[(Section.Length + 1)..].Replace('/', '.'),
                series.Points[^1].Value.ToString("R", CultureInfo.InvariantCulture)
            );
    }

    /// <summary>"train/metrics/loss" is of the file metrics.csv in the folder of the training data: "train/loss".</summary>
    private static string Plain(string name)
    {
        string[] parts = name.Split('/');
        return parts.Length < 3 ? name : string.Join('/', [.. parts[..^1].Where(p => !s_files.Contains(p)), parts[^1]]);
    }

    private static bool IsSetting(string name) =>
        name.StartsWith(Section + "/", StringComparison.Ordinal) || name.StartsWith(Section + ".", StringComparison.Ordinal);

    private static (List<RunValue> Values, double? Peak, double? Reached) ReadValues(RunMetrics metrics, long? batch, double? equalSamples)
    {
        var values = new List<RunValue>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        double? peak = null,
            reached = null;
        foreach (MetricSeries read in metrics.All)
        {
            MetricSeries series = read with { Name = Plain(read.Name) };
            if (series.Points.Count == 0 || IsSetting(series.Name) || !seen.Add(series.Name))
                continue;
            if (ColumnNames.Rank(ColumnRole.LearningRate, series.Name) >= 0)
            {
                double largest = series.Points.Where(p => double.IsFinite(p.Value)).Select(p => p.Value).DefaultIfEmpty().Max();
                if (largest > 0)
                    peak = Math.Max(peak ?? 0, largest);
                continue;
            }
            MetricPoint last = series.Points[^1];
            foreach (MetricPoint point in series.Points)
                if (Samples(point, batch) is { } at)
                    reached = Math.Max(reached ?? 0, at);
            if (equalSamples is { } n)
            {
                MetricPoint[] before = [.. series.Points.Where(p => Samples(p, batch) <= n * (1 + 1e-9))];
                if (before.Length == 0)
                    continue;
                last = before[^1];
            }
            values.Add(new(series.Name, last.Value, Samples(last, batch), last.Position.Epoch));
        }
        return (values, peak, reached);
    }

    private static double? Samples(MetricPoint point, long? batch) =>
        point.Position.Samples ?? (point.Position.Step is { } step && batch is { } size ? (double)step * size : null);
}
