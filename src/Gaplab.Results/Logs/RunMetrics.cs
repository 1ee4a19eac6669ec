// The metrics of one run, from whatever its script wrote.
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>The wanted series of a run, and what was there besides.</summary>
public sealed class RunMetrics
{
    private readonly MetricSource _source;
    private readonly Dictionary<string, MetricMatch> _found = new(StringComparer.Ordinal);
    private readonly List<MetricSeries> _all = [];
    private readonly List<LogProblem> _problems = [];

    private RunMetrics(MetricSource source) => _source = source;

    /// <summary>Every series of the files that were read; formats that come after the one that has all of what is wanted are not
    /// read.</summary>
    public IReadOnlyList<MetricSeries> All => _all;

    /// <summary>Lines, records and files that were set aside; the first of each file.</summary>
    public IReadOnlyList<LogProblem> Problems => _problems;

    /// <summary>How many there were in all.</summary>
    public int ProblemCount { get; private set; }

    /// <summary>Reads what a run wrote. A damaged file is a problem, not an error: a run that was ended leaves such files.</summary>
    /// <exception cref="InputException"><see cref="MetricSource.From"/> is no choice, or names a file that is not there or cannot be
    /// read: one line.</exception>
    public static RunMetrics Read(MetricSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        MetricSource.CheckFrom(source.From);
        var metrics = new RunMetrics(source);
        var folder = new LogFolder(source, metrics.Problem);
        foreach (LogFormat format in LogFormats.All)
        {
            IReadOnlyList<MetricSeries> series = folder.Series(format);
            metrics._all.AddRange(series);
            foreach ((string metric, string name) in source.Names)
                if (!metrics._found.ContainsKey(metric))
                {
                    MetricMatch match = name.Length > 0 ? MetricLookup.Named(name, series) : MetricLookup.ByConvention(metric, series);
                    if (match.IsDecided)
                        metrics._found.Add(metric, match);
                }
            if (metrics._found.Count == source.Names.Count && source.Names.Count > 0)
                break;
        }
        return metrics;
    }

    /// <summary>The series of a wanted metric; null when there is none, or several may be meant.</summary>
    public MetricSeries? Find(string metric) => _found.TryGetValue(metric, out MetricMatch match) ? match.Series : null;

    /// <summary>The series of a wanted metric.</summary>
    /// <exception cref="InputException">There is none, or several may be meant: one line with the nearest names that are there.</exception>
    public MetricSeries Get(string metric) => Find(metric) ?? throw new InputException($"{Fault(metric)}");

    /// <summary>Why a wanted metric was not found, with the nearest names that are there, on one line; null where it was found.</summary>
    public string? Fault(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        MetricMatch match = _found.GetValueOrDefault(metric, MetricMatch.None);
        if (match.Series is not null)
            return null;
        string wanted = _source.Names.GetValueOrDefault(metric, "");
        string what = wanted.Length > 0 ? $"'{Shown.Of(wanted)}' for {metric}" : metric;
        if (match.Several is { Count: > 0 } several)
            return $"{what} may be {string.Join(" or ", several.Take(4).Select(s => $"'{Shown.Of(s, 40)}'"))}"
                + $"{(several.Count > 4 ? $" or {several.Count - 4} more" : "")}; say which: metrics: {{{metric}: "
                + $"{Shown.Of(several[0], 40)}}}";
        string[] files = [.. _all.Select(s => s.File).Distinct(StringComparer.Ordinal)];
        string because = _problems.Count > 0 ? $"; {Shown.Line(_problems[0].ToString(), 200)}" : "";
        return files.Length == 0
            ? $"no {what}: no metrics in "
                + $"{Shown.Of(_source.Folder, Shown.MostWord)}{(_source.StandardOutput is null ? "" : " nor in what the script printed")}; "
                + $"expected a file of metrics, or lines such as 'step 10 loss 2.31'{because}"
            : $"no {what} among the {_all.Count} names in {Shown.List(files, 3)}; nearest: "
                + $"{MetricLookup.Nearest(wanted.Length > 0 ? wanted : metric, _all)}; say which: metrics: {{{metric}: NAME}}{because}";
    }

    private void Problem(IReadOnlyList<LogProblem> problems, int count)
    {
        _problems.AddRange(problems);
        ProblemCount += count;
    }
}
