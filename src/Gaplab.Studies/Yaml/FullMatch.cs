// Whether a whole text is as a pattern says that editors use too.
using System.Text.RegularExpressions;

namespace Gaplab.Studies.Yaml;

internal static class FullMatch
{
    /// <summary>Whether it matches; unlike <c>$</c> alone, a line break at the end does not.</summary>
    public static bool Of(string pattern, string text) =>
        Regex.Match(text, pattern, RegexOptions.CultureInvariant) is { Success: true } match && match.Length == text.Length;
}
