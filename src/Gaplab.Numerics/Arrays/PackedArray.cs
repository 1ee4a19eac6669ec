// An array of a .npz archive: its header, held against the archive's entry, and its data as a stream or unpacked.
using System.IO.Compression;
using Gaplab.Numerics.Files;
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Arrays;

/// <summary>One entry of an open archive, which is disposed of with it.</summary>
internal sealed class PackedArray : IDisposable
{
    /// <summary>Deflate cannot pack more tightly than this.</summary>
    private const long MostPacking = 1100;

    private readonly ZipArchive _archive;
    private readonly ZipArchiveEntry _entry;
    private readonly int _start;

    private PackedArray(ZipArchive archive, ZipArchiveEntry entry, string name)
    {
        (_archive, _entry, Name) = (archive, entry, name);
        if (entry.Length > MostPacking * Math.Max(1, entry.CompressedLength))
            throw new InputException(
                $"array '{name}' claims {entry.Length} bytes from {entry.CompressedLength} packed ones, which no packing can do"
            );
        using (Stream stream = entry.Open())
            (Header, _start) = NpyHeader.Read(stream);
        if (Header.ByteLength != entry.Length - _start)
            throw new InputException(
                $"array '{name}': its header claims {Header.ByteLength} bytes of data (shape {Header.ShapeText}), its entry "
                    + $"{entry.Length - _start}"
            );
    }

    public ArrayHeader Header { get; }

    public string Name { get; }

    /// <param name="path">The archive.</param>
    /// <param name="wanted">An array's name; null: the only one.</param>
    /// <param name="choose">What to do where there are several: "choose one with …".</param>
    /// <exception cref="InputException">No such array, or one whose header is not the entry's.</exception>
    /// <exception cref="InvalidDataException">No archive.</exception>
    public static PackedArray Open(string path, string? wanted, string choose)
    {
        var archive = new ZipArchive(RegularFile.Open(path), ZipArchiveMode.Read);
        try
        {
            ZipArchiveEntry[] entries = [.. archive.Entries.Where(e => e.FullName.EndsWith(".npy", StringComparison.Ordinal))];
            string[] names = [.. entries.Select(e => e.FullName[..^4])];
            int at = StoredArray.Choose(names, wanted, "array", choose);
            return new PackedArray(archive, entries[at], names[at]);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>The data from their beginning.</summary>
    public Stream Data()
    {
        Stream stream = _entry.Open();
        stream.ReadExactly(new byte[_start]);
        return stream;
    }

    /// <summary>The data in a file that has no name any more: what is read here and there cannot be read from a packed entry.</summary>
    /// <exception cref="InputException">They end early, or the disk has no room for them.</exception>
    public SafeFileHandle Unpack()
    {
        string path = Path.GetTempFileName();
        SafeFileHandle handle;
#pragma warning disable RS0030 // A file of ours, made the line before.
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }
#pragma warning restore RS0030
        finally
        {
            File.Delete(path);
        }
        try
        {
            using Stream packed = Data();
            byte[] piece = new byte[1 << 20];
            for (long at = 0, length = Header.ByteLength; at < length; )
            {
                int read = packed.Read(piece, 0, (int)Math.Min(piece.Length, length - at));
                if (read == 0)
                    throw new InputException("its packed data end early");
                RandomAccess.Write(handle, piece.AsSpan(0, read), at);
                at += read;
            }
            return handle;
        }
        catch (Exception e)
        {
            handle.Dispose();
            if (AtomicFile.IsDiskFull(e))
                throw new InputException(
                    $"array '{Name}' unpacks to {Header.ByteLength} bytes, for which {Path.GetTempPath()} has no room: set TMPDIR to "
                        + $"another folder, or save it as .npy",
                    e
                );
            throw;
        }
    }

    public void Dispose() => _archive.Dispose();
}
