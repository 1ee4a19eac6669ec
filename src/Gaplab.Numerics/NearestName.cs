// The valid name that a mistyped one is nearest to.
namespace Gaplab.Numerics;

/// <summary>Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.</summary>
public static class NearestName
{
    /// <summary>The nearest; empty when there is none.</summary>
    public static string Of(string name, IEnumerable<string> valid) => valid.MinBy(v => Distance(name, v)) ?? "";

    /// <summary>How many edits apart, upper and lower case alike.</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0) { d[i, j] = i + j; continue; }
                int same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                d[i, j] = Math.Min(d[i - 1, j - 1] + same, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
