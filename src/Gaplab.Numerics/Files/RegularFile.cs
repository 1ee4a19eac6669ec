// The one door through which files are read: regular files only, no more bytes than their kind may have, text that is UTF-8.
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Files;

/// <summary>Opens and reads files that others made.</summary>
/// <remarks>A pipe could wait for ever and a device has no end, so both are refused before they are opened. Links are followed.</remarks>
public static class RegularFile
{
    private const FileShare Others = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Opens a file for reading; writers are not kept out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="buffer">Bytes read ahead; 1 or 0: none.</param>
    /// <exception cref="InputException">It is a pipe, a device or a socket.</exception>
    /// <exception cref="IOException">It is not there or cannot be read; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static FileStream Open(string path, int buffer = 1 << 16)
    {
        RefuseSpecial(path);
#pragma warning disable RS0030 // This is the door.
        return new FileStream(path, FileMode.Open, FileAccess.Read, Others, buffer);
#pragma warning restore RS0030
    }

    /// <summary>As <see cref="Open"/>, for reading at given places.</summary>
    /// <inheritdoc cref="Open"/>
    public static SafeFileHandle OpenHandle(string path)
    {
        RefuseSpecial(path);
#pragma warning disable RS0030 // This is the door.
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, Others);
#pragma warning restore RS0030
    }

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="InputException">One line: it is not there, a folder, no regular file, not to be read, or larger than its kind may
    /// be.</exception>
    public static byte[] ReadBytes(string path, FileLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return Read(path, limit, stream => stream.Length <= limit.Most ? ToEnd(stream, path, limit) : throw TooLarge(path, limit));
    }

    /// <summary>The first bytes of a file, by which its kind is recognised; fewer where it has no more.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">How many.</param>
    /// <param name="limit">What it is expected to be.</param>
    /// <exception cref="InputException">One line: it is not there, a folder, no regular file, or not to be read.</exception>
    public static byte[] ReadStart(string path, int most, FileLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return Read(
            path,
            limit,
            stream =>
            {
                byte[] start = new byte[most];
                return start[..stream.ReadAtLeast(start, most, throwOnEndOfStream: false)];
            }
        );
    }

    private static byte[] Read(string path, FileLimit limit, Func<FileStream, byte[]> bytes)
    {
        try
        {
            using FileStream stream = Open(path, 0);
            return bytes(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: no such {limit.What}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(path)
                ? new InputException($"{path}: is a folder; expected a {limit.What}", e)
                : new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A file's text.</summary>
    /// <exception cref="InputException">As <see cref="ReadBytes"/>, or it is not UTF-8.</exception>
    public static string ReadText(string path, FileLimit limit) => Utf8Text.Decode(path, ReadBytes(path, limit));

    /// <summary>A file's lines without their ends; text behind the last end is a line.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static IEnumerable<string> ReadLines(string path, FileLimit limit)
    {
        using var text = new StringReader(ReadText(path, limit));
        while (text.ReadLine() is { } line)
            yield return line;
    }

    /// <summary>Refuses a pipe, a device and a socket; anything else, absent files among it, passes.</summary>
    /// <exception cref="InputException">One line.</exception>
    public static void RefuseSpecial(string path)
    {
        if (SpecialFile.KindOf(path) is { } kind)
            throw new InputException(
                $"{path}: is {kind}; expected a regular file{(kind == "a pipe" ? ": save what comes through it to a file first" : "")}"
            );
    }

    /// <summary>The error of a file, or of what it unpacks to, that is larger than its kind may be.</summary>
    public static InputException TooLarge(string path, FileLimit limit) =>
        new($"{path}: has more than {limit.Most} bytes; a {limit.What} has at most that many: {limit.Otherwise}");

    // The length is a hint: files of /proc have none, and a file may grow while it is read.
    private static byte[] ToEnd(FileStream stream, string path, FileLimit limit)
    {
        byte[] bytes = new byte[stream.Length];
        int got = 0;
        while (true)
        {
            if (got < bytes.Length)
            {
                int read = stream.Read(bytes, got, bytes.Length - got);
                if (read == 0)
                    break;
                got += read;
                continue;
            }
            int next = stream.ReadByte();
            if (next < 0)
                break;
            if (got >= limit.Most)
                throw TooLarge(path, limit);
            Array.Resize(ref bytes, (int)Math.Min(limit.Most, Math.Max(4096, 2L * got)));
            bytes[got++] = (byte)next;
        }
        if (got < bytes.Length)
            Array.Resize(ref bytes, got);
        return bytes;
    }
}
