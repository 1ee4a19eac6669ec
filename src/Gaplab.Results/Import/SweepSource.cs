// What lies at the path of a sweep: a file, of which the first bytes are looked at, or a folder.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Import;

/// <summary>A file or folder whose format is not yet known.</summary>
/// <param name="Path">As the user named it.</param>
/// <param name="Head">The first bytes of a file, at most <see cref="MostOfHead"/>; of a folder none.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
internal sealed record SweepSource(string Path, byte[] Head, bool IsFolder = false)
{
    public const int MostOfHead = 4096;

    /// <summary>What the user said; readers of whole histories take their values by it.</summary>
    public ImportOptions Options { get; init; } = new();

    /// <summary>Its own name, for messages.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <exception cref="InputException">Nothing is there, it cannot be read, or it is no regular file.</exception>
    public static SweepSource At(string path) =>
        Directory.Exists(path) ? new(path, [], IsFolder: true) : new(path, RegularFile.ReadStart(path, MostOfHead, FileLimit.Table));

    /// <summary>The file's text, in whatever encoding it is.</summary>
    /// <exception cref="InputException">It is no text, or larger than a table may be.</exception>
    public string Text(ImportNotes notes) => TableText.Read(Path, Name, notes.Findings);
}
