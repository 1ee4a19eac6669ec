// Which series of a log is meant: by the name that a user gives, or by the names that scripts commonly use.
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>What was found for one metric.</summary>
/// <param name="Series">Null when none, or more than one, may be meant.</param>
/// <param name="Several">The names of those that may be meant, where they are more than one.</param>
internal readonly record struct MetricMatch(MetricSeries? Series, IReadOnlyList<string> Several)
{
    public static MetricMatch None { get; } = new(null, []);

    public bool IsDecided => Series is not null || Several.Count > 0;
}

internal static class MetricLookup
{
    private const int MostNearest = 6;

    /// <summary>The metrics that are known by common names.</summary>
    public static IReadOnlyList<string> Conventional { get; } =
    ["train-loss", "validation-loss", "test-loss", "train-accuracy", "validation-accuracy", "test-accuracy", "step", "samples", "epoch"];

    /// <summary>The series of a name: the same, else the same in any case, else the same letters and digits, else the same words in any
    /// order ("loss/val" for "valid_loss"), else one behind a heading or a file's name.</summary>
    public static MetricMatch Named(string name, IReadOnlyList<MetricSeries> all)
    {
        string plain = MetricNames.Plain(name),
            bag = MetricNames.Bag(name);
        Func<string, bool>[] tiers =
        [
            n => n == name,
            n => n.Equals(name, StringComparison.OrdinalIgnoreCase),
            n => plain.Length > 0 && MetricNames.Plain(n) == plain,
            n => bag.Length > 0 && MetricNames.Bag(n) == bag,
            n => plain.Length > 0 && Tails(n).Any(t => MetricNames.Plain(t) == plain),
        ];
        foreach (Func<string, bool> tier in tiers)
            if (all.Where(s => tier(s.Name)).ToArray() is { Length: > 0 } found)
                return One(found);
        return MetricMatch.None;
    }

    /// <summary>The series that a metric of ours usually is: of several kinds of name, the first that is there.</summary>
    public static MetricMatch ByConvention(string metric, IReadOnlyList<MetricSeries> all)
    {
        if (Enum.TryParse(metric, ignoreCase: true, out MetricCount count) && Conventional.Contains(metric))
            return
                all.Select(s => (Series: s, Count: MetricNames.CountOf(s.Name)))
                    .Where(c => c.Count is { } found && found.Kind == count)
                    .GroupBy(c => c.Count!.Value.Rank)
                    .MinBy(g => g.Key)
                    is { } best
                ? One([.. best.Select(c => c.Series)])
                : MetricMatch.None;
        if (
            metric.Split('-') is not [var part, var of]
            || !Conventional.Contains(metric)
            || !Enum.TryParse(part, ignoreCase: true, out MetricSplit split)
            || !Enum.TryParse(of, ignoreCase: true, out MetricQuantity quantity)
        )
            return MetricMatch.None;
        var known = all.Select(s => (Series: s, Meaning: MetricNames.MeaningOf(s.Name)))
            .Where(m => m.Meaning is { } meaning && meaning.Quantity == quantity)
            .Select(m => (m.Series, m.Meaning!.Value.Split, m.Meaning!.Value.Plainly))
            .ToArray();
        MetricSplit?[][] splits = split switch
        {
            // Without a word for the part of the data it is the loss that is trained on.
            MetricSplit.Train =>
            [
                [MetricSplit.Train, null],
            ],
            // Who holds out one set alone often calls it the test set.
            MetricSplit.Validation =>
            [
                [MetricSplit.Validation],
                [MetricSplit.Test],
            ],
            _ =>
            [
                [MetricSplit.Test],
            ],
        };
        foreach (MetricSplit?[] these in splits)
        foreach (bool plainly in (bool[])[true, false])
            if (known.Where(k => k.Plainly == plainly && these.Contains(k.Split)).Select(k => k.Series).ToArray() is { Length: > 0 } found)
                // A single value beside a series of many is its summary: "train_loss" at the end of a run that logs "loss".
                return One(these.Length > 1 && found.Max(f => f.Points.Count) > 1 ? [.. found.Where(f => f.Points.Count > 1)] : found);
        return MetricMatch.None;
    }

    /// <summary>The names nearest to one, quoted; all of them where they are few.</summary>
    public static string Nearest(string name, IReadOnlyList<MetricSeries> all)
    {
        string plain = MetricNames.Plain(name);
        string[] nearest =
        [
            .. all.Select(s => s.Name)
                .Distinct(StringComparer.Ordinal)
                .OrderBy(n => NearestName.Distance(plain, MetricNames.Plain(n)))
                .ThenBy(n => n, StringComparer.Ordinal)
                .Take(MostNearest)
                .Select(n => $"'{Shown.Of(n, 40)}'"),
        ];
        return string.Join(", ", nearest);
    }

    /// <summary>What stands behind each slash.</summary>
    private static IEnumerable<string> Tails(string name)
    {
        for (int slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1))
            yield return name[(slash + 1)..];
    }

    private static MetricMatch One(MetricSeries[] found) =>
        found.Length == 1 ? new(found[0], []) : new(null, [.. found.Select(f => f.Name)]);
}
