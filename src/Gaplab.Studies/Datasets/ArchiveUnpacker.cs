// Unpacks tar.gz and zip into a folder, and never anywhere else.
using System.Formats.Tar;
using System.IO.Compression;
using Gaplab.Numerics;

namespace Gaplab.Studies.Datasets;

/// <summary>Unpacks an archive's regular files; what would lead out of the folder is refused before anything is written.</summary>
public static class ArchiveUnpacker
{
    /// <summary>More than any data set of the catalogue unpacks to.</summary>
    private const long MostBytes = 64L << 30;

    /// <returns>The files, relative to <paramref name="folder"/>.</returns>
    /// <exception cref="InputException">Not such an archive, or an entry that leads out of the folder, is a link, or unpacks without end.</exception>
    public static IReadOnlyList<string> Unpack(string archive, string folder)
    {
        string target = Path.GetFullPath(folder), staging = Path.Combine(target, ".unpacking");
        if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        try
        {
            // Twice: the first pass writes nothing, so that a bad entry at the end leaves nothing behind.
            foreach ((string name, _) in Entries(archive)) Inside(archive, target, name);
            var files = new List<string>();
            long total = 0;
            foreach ((string name, Stream content) in Entries(archive))
            {
                string relative = Inside(archive, target, name), path = Path.Combine(staging, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                using (FileStream file = File.Create(path)) total = Copy(archive, content, file, total);
                files.Add(relative);
            }
            foreach (string relative in files)
            {
                string path = Path.Combine(target, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Move(Path.Combine(staging, relative), path, overwrite: true);
            }
            return files;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InputException($"{archive} does not unpack: {e.Message.ReplaceLineEndings(" ")}; remove it and fetch it again", e);
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }
    }

    private static long Copy(string archive, Stream content, FileStream file, long total)
    {
        var buffer = new byte[1 << 16];
        int read;
        while ((read = content.Read(buffer)) > 0)
        {
            if ((total += read) > MostBytes) throw new InputException($"{archive} unpacks to more than {MostBytes} bytes; it is no data set of the catalogue");
            file.Write(buffer, 0, read);
        }
        return total;
    }

    private static string Inside(string archive, string target, string name)
    {
        string path = Path.GetFullPath(Path.Combine(target, name.Replace('\\', '/')));
        bool inside = !Path.IsPathRooted(name) && path.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !name.Split('/', '\\').Contains("..");
        return inside ? Path.GetRelativePath(target, path) : throw new InputException($"{archive} holds '{name}', which leads out of the folder; nothing was unpacked");
    }

    private static IEnumerable<(string Name, Stream Content)> Entries(string archive)
    {
        using FileStream stream = RegularFile.Open(archive);
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            foreach (ZipArchiveEntry entry in zip.Entries.Where(e => !e.FullName.EndsWith('/')))
            {
                const int Link = 0xA000, Kind = 0xF000;
                if ((entry.ExternalAttributes >> 16 & Kind) == Link) throw new InputException($"{archive} holds the link '{entry.FullName}'; expected files only; nothing was unpacked");
                using Stream content = entry.Open();
                yield return (entry.FullName, content);
            }
            yield break;
        }
        using var gzip = new GZipStream(stream, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes) continue;
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                throw new InputException($"{archive} holds '{entry.Name}', a {entry.EntryType}; expected files only; nothing was unpacked");
            yield return (entry.Name, entry.DataStream ?? Stream.Null);
        }
    }
}
