// nanoGPT's token files (.bin): raw little-endian uint16 ids, memory-mapped so that size is no matter.
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Data.Text;

/// <summary>The ids of one <c>.bin</c> file as <c>numpy.array(ids, dtype=numpy.uint16).tofile</c> writes it on a little-endian
/// machine.</summary>
public sealed class MappedTokens : TokenSequence, IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly unsafe byte* _pointer;

    private unsafe MappedTokens(MemoryMappedFile file, long length)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, length * 2, MemoryMappedFileAccess.Read);
        Length = length;
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _pointer = pointer + _view.PointerOffset;
    }

    public override long Length { get; }

    /// <summary>The largest id in the file.</summary>
    public int LargestId { get; private set; }

    /// <summary>SHA-256 of the file.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>Maps a file and reads it through once for its largest id and its hash.</summary>
    /// <exception cref="InputException">Missing, empty, or of an odd size.</exception>
    public static MappedTokens Open(string path)
    {
        TextFiles.CheckExists(path, "token file");
        RegularFile.RefuseSpecial(path);
        long bytes = new FileInfo(path).Length;
        if (bytes == 0)
            throw new InputException($"{path}: the token file is empty; expected little-endian uint16 ids (nanoGPT's .bin)");
        if (bytes % 2 != 0)
            throw new InputException(
                $"{path}: {bytes} bytes is odd; expected little-endian uint16 ids (nanoGPT's .bin), two bytes each. Is it a text? Then "
                    + $"use task.kind: text"
            );
        MemoryMappedFile file;
        try
        {
            file = MemoryMappedFile.CreateFromFile(
                RegularFile.Open(path, 0),
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: false
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        var tokens = new MappedTokens(file, bytes / 2);
        tokens.Scan();
        return tokens;
    }

    public override unsafe void Read(long start, Span<long> tokens)
    {
        CheckRange(start, tokens.Length);
        var bytes = new ReadOnlySpan<byte>(_pointer + start * 2, tokens.Length * 2);
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private unsafe void Scan()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int chunk = 1 << 20;
        int largest = 0;
        for (long start = 0; start < Length * 2; start += chunk)
        {
            var bytes = new ReadOnlySpan<byte>(_pointer + start, (int)Math.Min(chunk, Length * 2 - start));
            hash.AppendData(bytes);
            for (int i = 0; i < bytes.Length; i += 2)
                largest = Math.Max(largest, BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..]));
        }
        LargestId = largest;
        Hash = hash.GetHashAndReset();
    }
}
