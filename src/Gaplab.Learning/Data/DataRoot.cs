// Where below a folder a data set lies: libraries take the folder above it.
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Finds a set in the folder itself or in folders below it that are named as a library names them.</summary>
internal static class DataRoot
{
    /// <param name="folder">As the user named it.</param>
    /// <param name="below">Folders below it, "*/name" for those of this name in any folder there.</param>
    /// <param name="holds">Whether a folder holds such a set.</param>
    /// <param name="choose">How to choose, where there are several.</param>
    /// <returns>The folder that holds it, or null.</returns>
    /// <exception cref="InputException">Several sets below, none in the folder itself.</exception>
    public static string? Find(
        string folder,
        IReadOnlyList<string> below,
        Func<string, bool> holds,
        string choose = "name one in task.path"
    )
    {
        try
        {
            if (holds(folder))
                return folder;
            string[] found =
            [
                .. below.SelectMany(b => Candidates(folder, b)).Where(f => Directory.Exists(f) && holds(f)).Order(StringComparer.Ordinal),
            ];
            if (found.Length <= 1)
                return found.FirstOrDefault();
            string some = string.Join(", ", found.Take(4).Select(f => Path.GetRelativePath(folder, f)));
            throw new InputException($"{folder}: holds {found.Length} data sets ({some}{(found.Length > 4 ? ", …" : "")}); {choose}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static IEnumerable<string> Candidates(string folder, string below) =>
        below.StartsWith("*/", StringComparison.Ordinal)
            ? Directory
                .EnumerateDirectories(folder)
                .Where(d => !Path.GetFileName(d).StartsWith('.'))
                .Select(d => Path.Combine(d, below[2..]))
            : [Path.Combine(folder, below)];
}
