// Failures that are the same in run after run: the rest of a grid would only tell them again.
using System.Text.RegularExpressions;

namespace Gaplab.Studies.Running;

/// <summary>Counts the failed attempts of a call by what they say, whatever paths and numbers are in it.</summary>
internal sealed partial class AlikeFailures
{
    private const int Enough = 3;

    private readonly List<(string Pack, string Cause)> _all = [];

    /// <summary>Attempts that failed.</summary>
    public int Count => _all.Count;

    /// <summary>Takes one more; tells whether there are enough of its kind, of more than one pack where there is more than one.</summary>
    /// <param name="pack">Its id.</param>
    /// <param name="cause">What it said.</param>
    /// <param name="packs">Packs of the study.</param>
    public bool Add(string pack, string cause, int packs)
    {
        string alike = PathsAndNumbers().Replace(cause, "#");
        _all.Add((pack, alike));
        string[] same = [.. _all.Where(f => f.Cause == alike).Select(f => f.Pack)];
        return same.Length >= Enough && (packs == 1 || same.Distinct().Count() > 1);
    }

    [GeneratedRegex("[^ (]*/[^ )]+|[0-9]+")]
    private static partial Regex PathsAndNumbers();
}
