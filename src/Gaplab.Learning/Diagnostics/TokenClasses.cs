// Target tokens sorted into classes of equal share by how often they occur.
namespace Gaplab.Learning.Diagnostics;

/// <summary>A class for every token id. Class 0 holds the most frequent tokens.</summary>
/// <param name="Of">Class of each id.</param>
/// <param name="Count">Classes.</param>
/// <param name="Share">The fraction of target occurrences in each class.</param>
internal sealed record TokenClasses(IReadOnlyList<int> Of, int Count, IReadOnlyList<double> Share)
{
    /// <summary>Ids by descending count, cut so that each class holds about the same share of occurrences: id of cumulative share s before
    /// it goes to class ⌊s·classes⌋. A token of a large share leaves classes empty; they stay, with share 0.</summary>
    /// <param name="counts">Occurrences as target by id.</param>
    /// <param name="classes">How many; 10 are deciles of the unigram distribution.</param>
    public static TokenClasses ByFrequency(IReadOnlyList<long> counts, int classes = 10)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        double total = counts.Sum(),
            before = 0;
        int[] of = new int[counts.Count];
        double[] share = new double[classes];
        foreach (int id in Enumerable.Range(0, counts.Count).OrderByDescending(i => counts[i]).ThenBy(i => i))
        {
            of[id] = total == 0 ? 0 : Math.Min(classes - 1, (int)(before * classes / total));
            if (total > 0)
                share[of[id]] += counts[id] / total;
            before += counts[id];
        }
        return new TokenClasses(of, classes, share);
    }
}
