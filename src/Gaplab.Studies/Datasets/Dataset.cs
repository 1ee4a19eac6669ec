// A data set of the catalogue: its files, where they come from, and what is known of them.
namespace Gaplab.Studies.Datasets;

/// <summary>A data set that can be fetched.</summary>
/// <param name="Name">One word, e.g. "mnist".</param>
/// <param name="Description">What it is and which task reads it.</param>
/// <param name="Licence">As its authors state it, or that they state none.</param>
/// <param name="Page">Where its authors describe it.</param>
public sealed record Dataset(string Name, string Description, string Licence, string Page, IReadOnlyList<DatasetFile> Files)
{
    /// <summary>Bytes of all files; null when one's is not known.</summary>
    public long? Size => Files.Any(f => f.Size is null) ? null : Files.Sum(f => f.Size);
}

/// <summary>A file of a data set.</summary>
/// <param name="Name">In the data set's folder; no path.</param>
/// <param name="Url">HTTPS; of the public source that its authors name.</param>
/// <param name="Size">Bytes, where known.</param>
/// <param name="Checksum">"sha256:…" or "md5:…", where known; else the first fetch is trusted and its SHA-256 recorded.</param>
public sealed record DatasetFile(string Name, string Url, long? Size = null, string? Checksum = null)
{
    /// <summary>An archive that <c>prepare</c> unpacks: tar.gz or zip.</summary>
    public bool IsArchive => Name.EndsWith(".tar.gz", StringComparison.Ordinal) || Name.EndsWith(".zip", StringComparison.Ordinal);
}
