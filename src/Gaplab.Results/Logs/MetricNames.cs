// What training scripts call their metrics: the words of a name, the counts of a run, and the names by which a metric is known.
using System.Text;

namespace Gaplab.Results.Logs;

/// <summary>What counts a run's progress.</summary>
internal enum MetricCount
{
    Step,
    Samples,
    Epoch,
    WallTime,
}

/// <summary>A quantity that scripts log under many names.</summary>
internal enum MetricQuantity
{
    Loss,
    Accuracy,
}

/// <summary>The part of the data that a metric is of.</summary>
internal enum MetricSplit
{
    Train,
    Validation,
    Test,
}

internal static class MetricNames
{
    /// <summary>Longer names are no names.</summary>
    public const int Longest = 1000;

    private static readonly Dictionary<string, MetricSplit> s_splits = new(StringComparer.Ordinal)
    {
        ["train"] = MetricSplit.Train,
        ["training"] = MetricSplit.Train,
        ["val"] = MetricSplit.Validation,
        ["valid"] = MetricSplit.Validation,
        ["validation"] = MetricSplit.Validation,
        ["eval"] = MetricSplit.Validation,
        ["evaluation"] = MetricSplit.Validation,
        ["dev"] = MetricSplit.Validation,
        ["test"] = MetricSplit.Test,
        ["testing"] = MetricSplit.Test,
    };

    private static readonly Dictionary<string, MetricQuantity> s_quantities = new(StringComparer.Ordinal)
    {
        ["loss"] = MetricQuantity.Loss,
        ["losses"] = MetricQuantity.Loss,
        ["acc"] = MetricQuantity.Accuracy,
        ["accuracy"] = MetricQuantity.Accuracy,
        ["acc1"] = MetricQuantity.Accuracy,
        ["top1"] = MetricQuantity.Accuracy,
        ["prec1"] = MetricQuantity.Accuracy,
    };

    /// <summary>Words that may stand in a metric's name without making it another metric.</summary>
    private static readonly HashSet<string> s_idle =
    [
        "epoch",
        "avg",
        "average",
        "mean",
        "metrics",
        "metric",
        "history",
        "result",
        "results",
        "log",
        "logs",
        "set",
        "total",
        "overall",
        "1",
    ];

    // In each row the most telling name first. "it" is a bar's.
    private static readonly Dictionary<string, (MetricCount Kind, int Rank)> s_counts = new(StringComparer.Ordinal);

    static MetricNames()
    {
        (MetricCount, string)[] rows =
        [
            (MetricCount.Step, "globalstep step steps currentstep numsteps iteration iterations iter iters numupdates updates update it"),
            (MetricCount.Samples, "samples samplesseen seensamples consumedsamples totalsamples examples examplesseen seenexamples"),
            (MetricCount.Epoch, "epoch epochs currentepoch epochnum"),
            (MetricCount.WallTime, "walltime timestamp"),
        ];
        foreach ((MetricCount kind, string names) in rows)
        foreach ((int rank, string name) in names.Split(' ').Index())
            s_counts.Add(name, (kind, rank));
    }

    /// <summary>What a name counts; null when it is a metric. The steps of an evaluation are not those of the run, but its epoch
    /// is.</summary>
    public static (MetricCount Kind, int Rank)? CountOf(string name)
    {
        if (name.Length > 40)
            return null;
        List<string> words = Words(name);
        return s_counts.TryGetValue(string.Concat(words.Where(w => w is not ("train" or "training" or "trainer"))), out var count) ? count
            : s_counts.TryGetValue(string.Concat(words.Where(w => !s_splits.ContainsKey(w))), out count) && count.Kind == MetricCount.Epoch
                ? count
            : null;
    }

    /// <summary>The part of the data that a single word names.</summary>
    public static MetricSplit? SplitOf(string word) => s_splits.TryGetValue(word.ToLowerInvariant(), out MetricSplit split) ? split : null;

    /// <summary>The part of the data that a name says it is of.</summary>
    public static MetricSplit? SplitIn(string name) =>
        Words(name).Select(w => s_splits.TryGetValue(w, out MetricSplit s) ? s : (MetricSplit?)null).FirstOrDefault(s => s is not null);

    /// <summary>A fraction of right answers, of which scripts print "9823/10000".</summary>
    public static bool IsAccuracy(string name) =>
        Words(name) is [.., var last] && ((s_quantities.TryGetValue(last, out var q) && q == MetricQuantity.Accuracy) || last == "correct");

    /// <summary>What a name means; null when it is something else. <c>Plainly</c>: nothing but split and quantity is in it.</summary>
    public static (MetricSplit? Split, MetricQuantity Quantity, bool Plainly)? MeaningOf(string name)
    {
        MetricSplit? split = null;
        MetricQuantity? quantity = null;
        bool plainly = true;
        foreach (string word in Words(name))
            if (s_splits.TryGetValue(word, out MetricSplit s))
            {
                if (split is { } other && other != s)
                    return null;
                split = s;
            }
            else if (s_quantities.TryGetValue(word, out MetricQuantity q))
            {
                if (quantity is { } other && other != q)
                    return null;
                quantity = q;
            }
            else if (s_idle.Contains(word))
                plainly &= word == "1";
            else if (Joined(word) is { } joined)
                (split, quantity) = joined;
            else
                return null;
        return quantity is { } found ? (split, found, plainly) : null;
    }

    /// <summary>Letters and digits in lower case: what separates the words and how they are cased does not matter.</summary>
    public static string Plain(string name) =>
        string.Concat((name.Length > Longest ? name[..Longest] : name).Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    /// <summary>The words in any order, with one word for each split and quantity.</summary>
    public static string Bag(string name) =>
        string.Join(
            ' ',
            Words(name)
                .Select(w =>
                    s_splits.TryGetValue(w, out MetricSplit s) ? s.ToString()
                    : s_quantities.TryGetValue(w, out MetricQuantity q) ? q.ToString()
                    : w
                )
                .Order(StringComparer.Ordinal)
        );

    /// <summary>"valloss" and "testacc", which some write as one word.</summary>
    private static (MetricSplit, MetricQuantity)? Joined(string word)
    {
        foreach ((string start, MetricSplit split) in s_splits)
            if (word.StartsWith(start, StringComparison.Ordinal) && s_quantities.TryGetValue(word[start.Length..], out MetricQuantity q))
                return (split, q);
        return null;
    }

    /// <summary>The words in lower case; they end at what is neither letter nor digit, and before a capital behind a small
    /// letter.</summary>
    private static List<string> Words(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char before = ' ';
        foreach (char c in name.Length > Longest ? name[..Longest] : name)
        {
            if (word.Length > 0 && (!char.IsLetterOrDigit(c) || (char.IsUpper(c) && char.IsLower(before))))
            {
                words.Add(word.ToString());
                word.Clear();
            }
            if (char.IsLetterOrDigit(c))
                word.Append(char.ToLowerInvariant(c));
            before = c;
        }
        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }
}
