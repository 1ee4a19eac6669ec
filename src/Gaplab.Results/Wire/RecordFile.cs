// The framing of TensorFlow's record files: lengths, records and their checksums.
using System.Buffers.Binary;
using System.Numerics;

namespace Gaplab.Results.Wire;

/// <summary>A record: 8 bytes of length, their checksum, the bytes, and theirs; all little-endian.</summary>
/// <remarks>The checksum is CRC-32C, rotated right by 15 bits with 0xA282EAD8 added (TensorFlow's documentation, "tfrecord").</remarks>
internal static class RecordFile
{
    public const int HeaderLength = 12;

    /// <summary>Bytes of a record that is looked into: images may be longer, scalars never are.</summary>
    private const int Longest = 1 << 26;

    public static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    /// <summary>The length that a header says; null when its checksum is wrong.</summary>
    public static ulong? Length(ReadOnlySpan<byte> header) =>
        MaskedChecksum(header[..8]) == BinaryPrimitives.ReadUInt32LittleEndian(header[8..])
            ? BinaryPrimitives.ReadUInt64LittleEndian(header)
            : null;

    /// <summary>Writes one record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> record)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedChecksum(header[..8]));
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, MaskedChecksum(record));
        stream.Write(header);
        stream.Write(record);
        stream.Write(checksum);
    }

    /// <summary>Hands out every whole record, one at a time, with its number from 1. A record whose checksum is wrong is set aside; where
    /// a length is wrong the rest cannot be found.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="record">Receives number and bytes.</param>
    /// <param name="setAside">Receives place and reason.</param>
    /// <param name="most">Records that are looked at.</param>
    /// <returns>How many records were whole.</returns>
    public static long Read(
        Stream stream,
        Action<long, ReadOnlyMemory<byte>> record,
        Action<string, string> setAside,
        long most = long.MaxValue
    )
    {
        byte[] header = new byte[HeaderLength],
            buffer = new byte[1 << 12];
        long whole = 0;
        for (long number = 1; ; number++)
        {
            int got = number > most ? 0 : stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
            if (got == 0)
                return whole;
            string where = $"record {number}";
            if (got < HeaderLength)
            {
                setAside(where, "cut off at the end of the file");
                return whole;
            }
            if (Length(header) is not { } length)
            {
                setAside(where, "the checksum of its length is wrong; it and what follows are not read");
                return whole;
            }
            // Writers are not kept out: the file may have grown since it was opened.
            if (length > (ulong)Math.Max(0, stream.Length - stream.Position - 4))
            {
                setAside(where, "cut off at the end of the file");
                return whole;
            }
            if (length > Longest)
            {
                setAside(where, $"has {length} bytes, expected at most {Longest}");
                stream.Seek((long)length + 4, SeekOrigin.Current);
                continue;
            }
            int size = (int)length;
            if (buffer.Length < size + 4)
                buffer = new byte[Math.Max(size + 4, Math.Min(2 * buffer.Length, Longest + 4))];
            if (stream.ReadAtLeast(buffer.AsSpan(0, size + 4), size + 4, throwOnEndOfStream: false) < size + 4)
            {
                setAside(where, "cut off at the end of the file");
                return whole;
            }
            if (MaskedChecksum(buffer.AsSpan(0, size)) != BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(size)))
            {
                setAside(where, "its checksum is wrong");
                continue;
            }
            whole++;
            record(number, buffer.AsMemory(0, size));
        }
    }
}
