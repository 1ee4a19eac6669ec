// damaged/: what was not as written when it was to be made again. Nothing is deleted for it.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Store;

/// <summary>Keeps damaged runs and files of a store as <c>damaged/&lt;name&gt;-&lt;n&gt;</c>.</summary>
internal sealed class DamagedFolder(string root)
{
    private const string Name = "damaged";

    /// <summary>Moves something there.</summary>
    /// <param name="from">A file, a folder, or a link.</param>
    /// <param name="name">What it is kept as.</param>
    /// <param name="inside">Its path within that; empty: it is that.</param>
    /// <returns>Where it is, relative to the store; null where there was nothing.</returns>
    /// <exception cref="InputException">It cannot be moved.</exception>
    public string? Keep(string from, string name, string inside)
    {
        from = Path.TrimEndingDirectorySeparator(from);
        if (!StoreFile.Look(from).There)
            return null;
        int number = 1;
        string kept;
        do kept = Path.Combine(Name, string.Create(CultureInfo.InvariantCulture, $"{name}-{number++}"));
        while (StoreFile.Look(Path.Combine(root, kept)).There);
        string to = Path.TrimEndingDirectorySeparator(Path.Combine(root, kept, inside));
        try
        {
            LastingFolder.Create(Path.GetDirectoryName(to)!);
            if (Directory.Exists(from))
                Directory.Move(from, to);
            else
                File.Move(from, to);
            return kept;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{from} is damaged and cannot be moved to {to} ({error.Message.ReplaceLineEndings(" ")}); move it away by hand, or "
                    + $"change its permissions",
                error
            );
        }
    }
}
