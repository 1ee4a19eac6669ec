// Which batch sizes go to which optimizer, which are level and which are open: what a sentence about a range may say.
using System.Globalization;

namespace Gaplab.Results.Analysis;

/// <summary>The batch sizes of a comparison by who is ahead; each ascending.</summary>
internal sealed record BatchSides(
    IReadOnlyList<long> First,
    IReadOnlyList<long> Second,
    IReadOnlyList<long> Level,
    IReadOnlyList<long> Open
)
{
    /// <summary>Each size by its own 95% interval.</summary>
    public static BatchSides Decided(IReadOnlyList<Gap> gaps) => Of(gaps, g => g.Decided);

    /// <summary>Each size by the sign of its point estimate: nothing is open but where both diverged.</summary>
    public static BatchSides Estimated(IReadOnlyList<Gap> gaps) =>
        new(
            Where(gaps, g => GapCrossings.Sign(g.Value) < 0),
            Where(gaps, g => GapCrossings.Sign(g.Value) > 0),
            Where(gaps, g => GapCrossings.Sign(g.Value) == 0 && !double.IsNaN(g.Value)),
            Where(gaps, g => double.IsNaN(g.Value))
        );

    private static BatchSides Of(IReadOnlyList<Gap> gaps, Func<Gap, int> sign) =>
        new(
            Where(gaps, g => sign(g) < 0),
            Where(gaps, g => sign(g) > 0),
            Where(gaps, g => g.IsLevel),
            Where(gaps, g => sign(g) == 0 && !g.IsLevel)
        );

    private static long[] Where(IReadOnlyList<Gap> gaps, Func<Gap, bool> match) => [.. gaps.Where(match).Select(g => g.Batch).Order()];

    /// <summary>"sgd is ahead at 4, adam at 64 and 256; level at 16; not decided at 32".</summary>
    public string Text(AnalysisOptions pair)
    {
        int all = First.Count + Second.Count + Level.Count + Open.Count;
        var ahead = new List<string>();
        foreach ((string name, IReadOnlyList<long> batches) in new[] { (pair.First, First), (pair.Second, Second) })
            if (batches.Count > 0)
            {
                bool everywhere = batches.Count == all && all > 1;
                string where = everywhere ? $"at every batch size from {batches[0]} to {batches[^1]}" : $"at {List(batches)}";
                ahead.Add($"{name}{(ahead.Count == 0 ? " is ahead" : "")} {where}");
            }
        var parts = new List<string>();
        if (ahead.Count > 0)
            parts.Add(string.Join(", ", ahead));
        if (Level.Count > 0)
            parts.Add($"level at {List(Level)}");
        if (Open.Count > 0)
            parts.Add($"not decided at {(Open.Count == all ? "any batch size" : List(Open))}");
        return string.Join("; ", parts);
    }

    /// <summary>"4, 16 and 64".</summary>
    public static string List(IReadOnlyList<long> batches)
    {
        string[] text = [.. batches.Select(b => b.ToString(CultureInfo.InvariantCulture))];
        return text.Length < 2 ? string.Concat(text) : $"{string.Join(", ", text[..^1])} and {text[^1]}";
    }
}
