// Unpacks tar.gz and zip into a folder, and never anywhere else, over anything else, or without end.
using System.Formats.Tar;
using System.IO.Compression;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Studies.Datasets;

/// <summary>Unpacks an archive's regular files; what is wrong with an archive is found before anything is written.</summary>
public static class ArchiveUnpacker
{
    /// <summary>The most that an archive may unpack to: so many times its size, and <see cref="Slack"/> besides. Text packs to a tenth at
    /// best; a bomb to a thousandth.</summary>
    private const long Ratio = 50,
        Slack = 16L << 20;

    /// <summary>More files than any data set of the catalogue has, by far.</summary>
    private const int MostFiles = 100_000;

    private const string Staging = ".unpacking";

    /// <param name="archive">tar.gz or zip.</param>
    /// <param name="folder">Where its files go.</param>
    /// <param name="reserved">Names at the top of the folder that no entry may take, beside the archive's own and the record of
    /// checksums.</param>
    /// <returns>The files, relative to <paramref name="folder"/>.</returns>
    /// <exception cref="InputException">Not such an archive, or an entry that leads out of the folder, is a link, takes a name twice or one
    /// of ours, differs from a file that is there; or too much for the archive's size or the disk.</exception>
    public static IReadOnlyList<string> Unpack(string archive, string folder, params IEnumerable<string> reserved)
    {
        string target = Path.GetFullPath(folder),
            staging = Path.Combine(target, Staging);
        if (new FileInfo(staging).LinkTarget is not null)
            File.Delete(staging);
        else if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
        try
        {
            // Twice: the first pass writes nothing, so that a bad entry at the end leaves nothing behind.
            long most = checked(Ratio * new FileInfo(archive).Length + Slack),
                needed = Check(archive, target, most, [.. reserved, Path.GetFileName(archive), DatasetFolder.Record]);
            if (FreeSpace.Of(target) is { } free && free < needed)
                throw new InputException(
                    $"{archive} unpacks to {ByteSize.Format(needed)}, and {target} has {ByteSize.Format(free)} free; free some space; "
                        + $"nothing was unpacked"
                );
            var files = new List<string>();
            long total = 0;
            foreach ((string name, _, Stream content) in Entries(archive, most))
            {
                string relative = Inside(archive, target, name),
                    path = Path.Combine(staging, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
#pragma warning disable RS0030 // Writes.
                using (FileStream file = new(path, FileMode.CreateNew, FileAccess.Write))
                    total = Copy(archive, content, file, total, most);
#pragma warning restore RS0030
                files.Add(relative);
            }
            // What is there already stays there: the same file is none the worse, and another is somebody's.
            string[] fresh =
            [
                .. files.Where(relative => !IsThere(archive, Path.Combine(staging, relative), Path.Combine(target, relative))),
            ];
            foreach (string relative in fresh)
            {
                string path = Path.Combine(target, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Move(Path.Combine(staging, relative), path);
            }
            return files;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InputException($"{archive} does not unpack: {e.Message.ReplaceLineEndings(" ")}; remove it and fetch it again", e);
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>Looks at every entry.</summary>
    /// <returns>The bytes that the entries say they have.</returns>
    private static long Check(string archive, string target, long most, IReadOnlyCollection<string> reserved)
    {
        // By names without regard to case: some disks have none.
        var files = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var folders = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        long total = 0;
        foreach ((string name, long length, _) in Entries(archive, most))
        {
            string relative = Inside(archive, target, name),
                top = relative.Split('/', '\\')[0];
            if (
                reserved.Contains(relative, StringComparer.OrdinalIgnoreCase)
                || top.Equals(Staging, StringComparison.OrdinalIgnoreCase)
                || relative.EndsWith(".part", StringComparison.OrdinalIgnoreCase) && relative == top
            )
                throw new InputException($"{archive} holds '{name}', a name of the folder's own; nothing was unpacked");
            if (!files.Add(relative))
                throw new InputException($"{archive} holds '{name}' twice; nothing was unpacked");
            for (string? above = Path.GetDirectoryName(relative); above is { Length: > 0 }; above = Path.GetDirectoryName(above))
                folders.Add(above);
            if (files.Count > MostFiles)
                throw new InputException(
                    $"{archive} holds more than {MostFiles} files; it is no data set of the catalogue; nothing was unpacked"
                );
            total += length;
            if (length < 0 || total > most)
                throw TooMuch(archive, most);
        }
        if (files.FirstOrDefault(folders.Contains) is { } both)
            throw new InputException($"{archive} holds '{both}' as a file and as a folder; nothing was unpacked");
        return total;
    }

    private static InputException TooMuch(string archive, long most) =>
        new(
            $"{archive} unpacks to more than {most} bytes, {Ratio} times its size; it is no data set of the catalogue; nothing was unpacked"
        );

    private static bool IsThere(string archive, string staged, string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"{archive} holds a file '{Path.GetFileName(path)}' where {path} is a folder; nothing was unpacked");
        if (!File.Exists(path))
            return false;
        if (
            new FileInfo(path).Length == new FileInfo(staged).Length
            && DatasetFolder.Hash(path, "sha256") == DatasetFolder.Hash(staged, "sha256")
        )
            return true;
        throw new InputException(
            $"{path} is there and differs from the archive's; it was left as it is and nothing was unpacked: move it away, or remove it"
        );
    }

    private static long Copy(string archive, Stream content, FileStream file, long total, long most)
    {
        var buffer = new byte[1 << 16];
        int read;
        while ((read = content.Read(buffer)) > 0)
        {
            // An entry may hold more than it says.
            if ((total += read) > most)
                throw TooMuch(archive, most);
            file.Write(buffer, 0, read);
        }
        return total;
    }

    private static string Inside(string archive, string target, string name)
    {
        string path = Path.GetFullPath(Path.Combine(target, name.Replace('\\', '/')));
        bool inside =
            !Path.IsPathRooted(name)
            && path.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && !name.Split('/', '\\').Contains("..");
        return inside
            ? Path.GetRelativePath(target, path)
            : throw new InputException($"{archive} holds '{name}', which leads out of the folder; nothing was unpacked");
    }

    private static IEnumerable<(string Name, long Length, Stream Content)> Entries(string archive, long most)
    {
        using FileStream stream = RegularFile.Open(archive);
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            foreach (ZipArchiveEntry entry in zip.Entries.Where(e => !e.FullName.EndsWith('/')))
            {
                const int Link = 0xA000,
                    Kind = 0xF000;
                if ((entry.ExternalAttributes >> 16 & Kind) == Link)
                    throw new InputException($"{archive} holds the link '{entry.FullName}'; expected files only; nothing was unpacked");
                using Stream content = entry.Open();
                yield return (entry.FullName, entry.Length, content);
            }
            yield break;
        }
        using var gzip = new GZipStream(stream, CompressionMode.Decompress);
        // Headers and padding count as well: they may be as much as the files, and no more.
        using var bounded = new BoundedStream(gzip, 2 * most);
        using var tar = new TarReader(bounded);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes)
                continue;
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                throw new InputException($"{archive} holds '{entry.Name}', a {entry.EntryType}; expected files only; nothing was unpacked");
            yield return (entry.Name, entry.Length, entry.DataStream ?? Stream.Null);
        }
    }
}
