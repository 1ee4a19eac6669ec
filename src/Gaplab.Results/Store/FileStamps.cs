// Lengths and times of a run's files: whether they may have changed since they were read.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gaplab.Results.Store;

/// <summary>Of the files that readers hold against their digests, in their order: bytes and time of the last change, in ticks of 100 ns.
/// Equal stamps are a reason not to read a file again, and no proof: a disk that loses bits changes neither.</summary>
internal sealed class FileStamps : IEquatable<FileStamps>
{
    private const long Missing = -1,
        Unreadable = -2;

    private readonly long[]? _numbers;
    private readonly UInt128 _digest;

    private FileStamps(long[] numbers)
        : this(numbers, BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(numbers.AsSpan())))) { }

    private FileStamps(long[]? numbers, UInt128 digest) => (_numbers, _digest) = (numbers, digest);

    /// <summary>Length and time of each file.</summary>
    public IReadOnlyList<long> Numbers =>
        _numbers ?? throw new InvalidOperationException("who only looks keeps what tells stamps apart, and not the stamps");

    /// <summary>What tells them from others, for who holds very many.</summary>
    public FileStamps Slim() => new(null, _digest);

    /// <summary>Looks at the files of a run.</summary>
    public static FileStamps Of(RunFolder run)
    {
        long[] numbers = new long[2 * RunReader.Files.Count];
        for (int i = 0; i < RunReader.Files.Count; i++)
            (numbers[2 * i], numbers[2 * i + 1]) = Look(Path.Combine(run.Folder, RunReader.Files[i]));
        return new FileStamps(numbers);
    }

    /// <summary>As they were written down; null where they are those of other files.</summary>
    public static FileStamps? Of(IReadOnlyCollection<long> numbers) =>
        numbers.Count == 2 * RunReader.Files.Count ? new FileStamps([.. numbers]) : null;

    private static (long Length, long Time) Look(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.Exists ? (file.Length, file.LastWriteTimeUtc.Ticks)
                : StoreFile.Look(path).There ? (Unreadable, 0)
                : (Missing, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (Unreadable, 0);
        }
    }

    public bool Equals(FileStamps? other) => other is not null && _digest == other._digest;

    public override bool Equals(object? obj) => Equals(obj as FileStamps);

    public override int GetHashCode() => _digest.GetHashCode();
}
