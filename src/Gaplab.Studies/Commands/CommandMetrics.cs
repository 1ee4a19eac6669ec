// What a run of a command measured: its series by our names, its final numbers, and whether they diverged.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Logs;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Commands;

/// <summary>The metrics of one run.</summary>
internal sealed record CommandMetrics
{
    // In model.metrics: where a value stands, and no metric.
    private const string StepName = "step",
        SamplesName = "samples";

    /// <summary>The metrics of a study that a script can have: all but those that Gaplab makes of every step's loss.</summary>
    public static IReadOnlyList<string> OfStudies { get; } = [.. StudySpec.Metrics.Except(["last-mean", "last-min"])];

    /// <summary>What <c>model.metrics</c> may name.</summary>
    public static IReadOnlyList<string> Nameable { get; } = [.. MetricSource.Conventional.Union(OfStudies)];

    private static IEnumerable<string> Usual => OfStudies.Intersect(MetricSource.Conventional);

    /// <summary>The last value of each.</summary>
    public required IReadOnlyDictionary<string, double> Final { get; init; }

    /// <summary>Values at steps of the run, in their order; those whose step is not known are left out.</summary>
    public required IReadOnlyList<MetricRow> Rows { get; init; }

    /// <summary>Of each: the script's name for it and the file that it was read from.</summary>
    public required IReadOnlyDictionary<string, string> Sources { get; init; }

    /// <summary>Where they were read.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Series found, of whatever name.</summary>
    public int Count { get; init; }

    /// <summary>The last step that a value has.</summary>
    public long? LastStep { get; init; }

    /// <summary>Why the study's metric is not there; null where it is.</summary>
    public string? Missing { get; init; }

    /// <summary>What makes it a diverged run; null where nothing does.</summary>
    public string? Diverged { get; init; }

    /// <summary>Reads them from a run's folder and from what it printed.</summary>
    /// <param name="command">Where they are, and what they are called.</param>
    /// <param name="metric">The study's metric.</param>
    /// <param name="folder">The command's own folder.</param>
    /// <param name="printed">What it printed.</param>
    /// <param name="run">Its sizes and its divergence factor.</param>
    public static CommandMetrics Read(CommandSpec command, string metric, string folder, string printed, RunSpec run)
    {
        // Those that usual names tell are kept where they are there; the study's own must be.
        var names = Usual.Append(metric).Distinct().ToDictionary(name => name, _ => "");
        foreach ((string name, object theirs) in command.Metrics.Values)
            names[name] = (string)theirs;
        RunMetrics reading;
        try
        {
            reading = RunMetrics.Read(
                new()
                {
                    Folder = folder,
                    StandardOutput = printed,
                    From = command.MetricsFrom,
                    Names = names,
                }
            );
        }
        catch (InputException e)
        {
            return None(e.Message);
        }
        Dictionary<string, MetricSeries> found = names
            .Keys.Where(name => name is not (StepName or SamplesName))
            .Select(name => (Name: name, Series: reading.Find(name)))
            .Where(s => s.Series is { Points.Count: > 0 })
            .ToDictionary(s => s.Name, s => s.Series!);
        var rows = new List<MetricRow>();
        long? last = null;
        foreach ((string name, MetricSeries series) in found)
        foreach (MetricPoint point in series.Points)
            if (point.Position.Step is >= 0 and var step)
            {
                last = Math.Max(last ?? 0, step);
                long samples = point.Position.Samples is >= 0 and < 1e18 and var seen ? (long)seen : step * run.Batch;
                rows.Add(new MetricRow(step, samples, name, point.Value));
            }
        return new CommandMetrics
        {
            Final = found.ToDictionary(s => s.Key, s => s.Value.Points[^1].Value),
            Rows = [.. rows.OrderBy(r => r.Step)],
            Sources = found.ToDictionary(s => s.Key, s => $"'{s.Value.Name}' in {Path.GetFileName(s.Value.File)}"),
            Files = [.. found.Values.Select(s => s.File).Distinct()],
            Count = reading.All.Count,
            LastStep = last,
            Missing = reading.Fault(metric),
            Diverged = Divergence(found, metric, run.DivergenceFactor),
        };
    }

    /// <summary>The last line that a command printed from which a metric was read; null where it was read elsewhere.</summary>
    /// <param name="metric">By our name.</param>
    /// <param name="printed">What it printed.</param>
    public string? LineOf(string metric, string printed)
    {
        if (!Final.TryGetValue(metric, out double value) || !Sources[metric].EndsWith(Path.GetFileName(printed), StringComparison.Ordinal))
            return null;
        try
        {
            return RegularFile
                .ReadLines(printed, FileLimit.Document)
                .LastOrDefault(line =>
                    StandardOutputLine
                        .Values(line)
                        .Any(v => v.Value.Equals(value) && Sources[metric].Contains(v.Name, StringComparison.Ordinal))
                )
                ?.Trim();
        }
        catch (InputException)
        {
            return null; // longer than anyone reads
        }
    }

    private static CommandMetrics None(string why) =>
        new()
        {
            Final = new Dictionary<string, double>(),
            Rows = [],
            Sources = new Dictionary<string, string>(),
            Files = [],
            Missing = why,
        };

    // A loss that is no number at its end, or that ends above its start by the factor. What it was between is forgiven: it came back.
    private static string? Divergence(IReadOnlyDictionary<string, MetricSeries> series, string metric, double factor)
    {
        foreach (string name in ((string[])["validation-loss", "train-loss", metric]).Distinct())
        {
            if (!series.TryGetValue(name, out MetricSeries? of) || of.Points.Count == 0)
                continue;
            double end = of.Points[^1].Value,
                start = of.Points.Select(p => p.Value).FirstOrDefault(double.IsFinite, double.NaN);
            if (!double.IsFinite(end))
                return $"{name} is {end.ToString(CultureInfo.InvariantCulture)}";
            if (name.EndsWith("loss", StringComparison.Ordinal) && start > 0 && end > factor * start)
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is {end:g6}, more than {factor:g6} times its first value {start:g6}"
                );
        }
        return null;
    }
}
