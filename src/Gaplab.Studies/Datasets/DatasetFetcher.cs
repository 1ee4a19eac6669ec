// Downloads: resumed where they stopped, checked before they get their name, from the source or from a mirror.
using Gaplab.Numerics;

namespace Gaplab.Studies.Datasets;

/// <summary>Fetches data sets into a folder.</summary>
/// <param name="folder">Where they go.</param>
/// <param name="mirror">A folder, or the URL of one, that holds NAME/FILE; null is the source of each file.</param>
/// <param name="say">Told what happens, a line at a time.</param>
/// <param name="handler">Of the connection; null is the system's.</param>
public sealed class DatasetFetcher(DatasetFolder folder, string? mirror, Action<string> say, HttpMessageHandler? handler = null)
{
    private readonly Download _download = new(handler, say);

    /// <summary>Fetches the files that are absent or incomplete; a file that is there and good is left alone.</summary>
    /// <exception cref="InputException">No connection, a wrong checksum (nothing of it is kept), or a file there that is not the data
    /// set's.</exception>
    public void Fetch(Dataset set, CancellationToken stop = default)
    {
        Directory.CreateDirectory(folder.Of(set));
        foreach (DatasetFile file in set.Files)
        {
            string path = folder.Of(set, file);
            if (File.Exists(path))
            {
                if (folder.Objection(set, file, path) is { } wrong)
                    throw new InputException($"{path} {wrong}; remove it and fetch the data again");
                say($"{file.Name}: there already");
                if (!folder.Read(set).ContainsKey(file.Name))
                    Keep(set, file, path, "found in the folder");
                continue;
            }
            FetchOne(set, file, stop);
        }
    }

    private void FetchOne(Dataset set, DatasetFile file, CancellationToken stop)
    {
        string part = folder.PartOf(set, file),
            source = SourceOf(set, file);
        if (source.Contains("://", StringComparison.Ordinal))
            _download.Fetch(source, part, file.Size, stop);
        else
            Download.Copy(source, part, file.Size);
        string shown = Download.Shown(source);
        if (folder.Objection(set, file, part) is { } wrong)
        {
            File.Delete(part);
            throw new InputException($"{shown} {wrong}; nothing of it was kept. Try again, or another --mirror");
        }
        string path = folder.Of(set, file);
        Keep(set, file, part, shown);
        File.Move(part, path);
        say(
            file.Checksum is null
                ? $"{file.Name}: fetched; no checksum is known for it, so what came now is recorded and trusted from here on (sha256 "
                    + $"{folder.Read(set)[file.Name].Sha256})"
                : $"{file.Name}: fetched, checksum right"
        );
    }

    private void Keep(Dataset set, DatasetFile file, string path, string source) =>
        folder.Write(
            set,
            file.Name,
            new FetchedFile(
                new FileInfo(path).Length,
                DatasetFolder.Hash(path, "sha256"),
                file.Checksum is null ? "first-fetch" : "catalogue",
                source
            )
        );

    private string SourceOf(Dataset set, DatasetFile file)
    {
        if (mirror is null)
            return file.Url;
        if (!mirror.Contains("://", StringComparison.Ordinal))
            return Path.GetFullPath(Path.Combine(mirror, set.Name, file.Name));
        return
            Uri.TryCreate($"{mirror.TrimEnd('/')}/{set.Name}/{file.Name}", UriKind.Absolute, out Uri? uri)
            && uri.Scheme is "https" or "http"
            ? uri.AbsoluteUri
            : throw new InputException(
                $"--mirror got '{Download.Shown(mirror)}'; expected a folder or a URL that begins with https:// or http://"
            );
    }
}
