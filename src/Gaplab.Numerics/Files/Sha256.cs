// SHA-256 as the store's files write it: 64 lower-case hexadecimal digits.
using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Files;

/// <summary>Digests of bytes and of files. They prove damage, not forgery: whoever changes a file on purpose can change its digest
/// too.</summary>
public static class Sha256
{
    /// <summary>Digits of a digest.</summary>
    public const int Length = 64;

    private const int Piece = 1 << 16;

    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of a file's content.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string OfFile(string path) => OfFile(path, long.MaxValue);

    /// <summary>Of a file's first bytes, or of all of them where it is shorter.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string OfFile(string path, long bytes)
    {
        long length = bytes == 0 ? 0 : Math.Min(bytes, LengthOf(path));
        if (length == 0)
            return Of([]);
        if (length <= Piece && OfSmall(path, (int)Math.Min(bytes, Piece)) is { } digest)
            return digest;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, path, bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // In one piece; null where the file has grown beyond one. A store has hundreds of thousands of small files.
    private static string? OfSmall(string path, int bytes)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(Piece + 1);
        try
        {
            using SafeFileHandle file = RegularFile.OpenHandle(path);
            int wanted = bytes < Piece ? bytes : Piece + 1,
                held = 0;
            while (held < wanted && RandomAccess.Read(file, piece.AsSpan(held, wanted - held), held) is > 0 and int read)
                held += read;
            return held > Piece ? null : Of(piece.AsSpan(0, held));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
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
        byte[] piece = new byte[Piece];
        while (bytes > 0 && stream.Read(piece, 0, (int)Math.Min(piece.Length, bytes)) is > 0 and int read)
        {
            hash.AppendData(piece, 0, read);
            bytes -= read;
        }
    }
}
