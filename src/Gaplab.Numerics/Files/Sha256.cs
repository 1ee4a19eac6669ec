// SHA-256 as the store's files write it: 64 lower-case hexadecimal digits.
using System.Security.Cryptography;

namespace Gaplab.Numerics.Files;

/// <summary>Digests of bytes and of files. They prove damage, not forgery: whoever changes a file on purpose can change its digest
/// too.</summary>
public static class Sha256
{
    /// <summary>Digits of a digest.</summary>
    public const int Length = 64;

    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of a file's content.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string OfFile(string path) => OfFile(path, long.MaxValue);

    /// <summary>Of a file's first bytes, or of all of them where it is shorter.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string OfFile(string path, long bytes)
    {
        if (bytes == 0 || LengthOf(path) == 0)
            return Of([]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, path, bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Bytes of a file, or of what a link leads to. A pipe or a device has none: opening one might never return, so ask
    /// before.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    public static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.Length : (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo)?.Length ?? 0;
    }

    /// <summary>Adds a file's first bytes to a digest in the making.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Add(IncrementalHash hash, string path, long bytes)
    {
        ArgumentNullException.ThrowIfNull(hash);
        // Whoever writes the file meanwhile is not disturbed.
        using FileStream stream = RegularFile.Open(path, 0);
        byte[] piece = new byte[1 << 16];
        while (bytes > 0 && stream.Read(piece, 0, (int)Math.Min(piece.Length, bytes)) is > 0 and int read)
        {
            hash.AppendData(piece, 0, read);
            bytes -= read;
        }
    }
}
