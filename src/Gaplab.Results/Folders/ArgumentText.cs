// The arguments of a script as a text: Namespace(lr=0.1, …), a command line, or a line for each.
using System.Text.RegularExpressions;

namespace Gaplab.Results.Folders;

/// <summary>Reads args.txt and the like, and names of folders that say settings: "lr=0.1,seed=1".</summary>
internal static partial class ArgumentText
{
    private const int Longest = 1 << 18;

    public static List<(string Key, string Value)> Parse(string text)
    {
        string given = (text.Length > Longest ? text[..Longest] : text).Trim();
        if (Printed().Match(given) is { Success: true } printed)
            return [.. Pairs().Matches(printed.Groups[1].Value).Select(m => (m.Groups[1].Value, Unquoted(m.Groups[2].Value)))];
        if (given.StartsWith("--", StringComparison.Ordinal) || given.Contains(" --", StringComparison.Ordinal))
            return CommandLine(given);
        var found = new List<(string, string)>();
        foreach (string line in given.Split('\n'))
            if (Line().Match(line) is { Success: true } pair)
                found.Add((pair.Groups[1].Value.TrimStart('-'), Unquoted(pair.Groups[2].Value)));
        return found;
    }

    /// <summary>The words of a command line; --flag alone is true.</summary>
    public static List<(string Key, string Value)> CommandLine(string text)
    {
        var found = new List<(string, string)>();
        string[] words = [.. Words().Matches(text).Select(m => Unquoted(m.Value))];
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (!word.StartsWith("--", StringComparison.Ordinal) || word.Length < 3)
            {
                if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var split && word[0] != '-')
                    found.Add((word[..split].TrimStart('+'), word[(split + 1)..]));
                continue;
            }
            string key = word.TrimStart('-');
            if (key.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                found.Add((Snake(key[..equals]), key[(equals + 1)..]));
            else if (i + 1 < words.Length && !words[i + 1].StartsWith("--", StringComparison.Ordinal))
                found.Add((Snake(key), words[++i]));
            else
                found.Add((Snake(key), "true"));
        }
        return found;
    }

    /// <summary>What the name of a folder says: parts "key=value" between commas, "&amp;" or two underscores.</summary>
    public static IEnumerable<(string Key, string Value)> OfFolder(string name)
    {
        foreach (string part in name.Split([",", "&", "__", ";"], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (part.IndexOf('=', StringComparison.Ordinal) is > 0 and var split && split < part.Length - 1)
                yield return (part[..split].TrimStart('+'), part[(split + 1)..]);
    }

    private static string Snake(string key) => key.Replace('-', '_');

    private static string Unquoted(string text)
    {
        string value = text.Trim();
        return value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
    }

    [GeneratedRegex(@"^(?:[A-Za-z_.]*Namespace|[A-Za-z_.]*Config|[A-Za-z_.]*Args?(?:uments)?)\((.*)\)$", RegexOptions.Singleline)]
    private static partial Regex Printed();

    [GeneratedRegex("""(?<=^|[,\s])([A-Za-z_]\w*)=('[^']*'|"[^"]*"|\[[^\]]*\]|\([^)]*\)|[^,]*)""")]
    private static partial Regex Pairs();

    [GeneratedRegex("""^\s*([-A-Za-z_][\w.\-/]*)\s*(?:[:=]\s*|\s)(\S.*?)\s*$""")]
    private static partial Regex Line();

    [GeneratedRegex("""(?:[^\s"']|"[^"]*"|'[^']*')+""")]
    private static partial Regex Words();
}
