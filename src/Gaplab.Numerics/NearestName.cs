// The valid name that a mistyped one is nearest to, or that what another program calls it stands for.
namespace Gaplab.Numerics;

/// <summary>Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours; before it, what names mean
/// elsewhere.</summary>
public static class NearestName
{
    // Names are short; what is longer is no name, and the distance takes the product of both lengths.
    private const int Most = 64;

    /// <summary>The nearest; empty when there is none.</summary>
    public static string Of(string name, IEnumerable<string> valid) => valid.MinBy(v => Distance(name, v)) ?? "";

    /// <summary>"; nearest valid name 'idx'": the end of a message.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="valid">What could have been.</param>
    /// <param name="elsewhere">What other programs' names, <see cref="Plain"/>, mean here; one that means "" is known and has no
    /// counterpart.</param>
    public static string Hint(string name, IReadOnlyCollection<string> valid, IReadOnlyDictionary<string, string>? elsewhere = null)
    {
        string plain = Plain(name);
        if (valid.FirstOrDefault(v => Plain(v) == plain) is { } spelled)
            return $"; nearest valid name '{spelled}'";
        if (elsewhere is not null && elsewhere.TryGetValue(plain, out string? meant))
        {
            if (meant.Length == 0)
                return $"; none of them is the same as {Shown.Of(name)}";
            if (valid.Contains(meant))
                return $"; nearest valid name '{meant}'";
        }
        return $"; nearest valid name '{Of(plain.Length > 0 && name.Contains('.', StringComparison.Ordinal) ? plain : name, valid)}'";
    }

    /// <summary>The last part of a dotted name in lower case, letters and digits alone: "torch.optim.AdamW" is "adamw", "fashion_mnist" is
    /// "fashionmnist".</summary>
    public static string Plain(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string last = name[(name.LastIndexOf('.') + 1)..];
        return string.Concat((last.Length > Most ? last[..Most] : last).Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));
    }

    /// <summary>How many edits apart, upper and lower case alike; of long names, by their beginnings.</summary>
    public static int Distance(string a, string b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        int cut = Math.Max(0, a.Length - Most) + Math.Max(0, b.Length - Most);
        (a, b) = (a.Length > Most ? a[..Most] : a, b.Length > Most ? b[..Most] : b);
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        for (int j = 0; j <= b.Length; j++)
        {
            if (i == 0 || j == 0)
            {
                d[i, j] = i + j;
                continue;
            }
            int same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
            d[i, j] = Math.Min(d[i - 1, j - 1] + same, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
        }
        return d[a.Length, b.Length] + cut;
    }
}
