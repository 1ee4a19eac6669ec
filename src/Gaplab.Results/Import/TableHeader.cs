// What the names of a table's columns must be, whatever format it is in.
using Gaplab.Numerics;

namespace Gaplab.Results.Import;

/// <summary>Every column is told from the others by a name that a message can hold, and there are not too many.</summary>
internal static class TableHeader
{
    public const int MostColumns = 10_000,
        LongestName = 1000;

    /// <param name="place">File and line, for messages.</param>
    /// <param name="header">The names in the order of the columns.</param>
    /// <exception cref="InputException">Two names are equal, a name is too long, or there are too many.</exception>
    public static void Check(string place, IReadOnlyCollection<string> header)
    {
        if (header.Count > MostColumns)
            throw new InputException($"{place}: {header.Count} columns; expected at most {MostColumns}");
        if (header.FirstOrDefault(h => h.Length > LongestName) is { } longest)
            throw new InputException(
                $"{place}: the name of column '{SourceTable.Shown(longest)}' has {longest.Length} characters; expected at most "
                    + $"{LongestName}"
            );
        if (header.GroupBy(h => h, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InputException($"{place}: two columns are called '{SourceTable.Shown(twice.Key)}'; rename one");
    }
}
