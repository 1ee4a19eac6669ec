// The framing of Weights & Biases' .wandb files: blocks of chunks with checksums, out of which records are put together.
using System.Buffers.Binary;
using System.IO.Hashing;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>A file is a header of 7 bytes and the log format of LevelDB: blocks of 32 KiB (the header counts for the first) of chunks, each
/// a checksum, a length, a type and its bytes; all little-endian.</summary>
/// <remarks>github.com/google/leveldb, doc/log_format.md. Unlike LevelDB's, the checksum is the plain CRC-32 of zlib, over type and
/// bytes.</remarks>
internal static class WandbFrames
{
    /// <summary>":W&amp;B", 0xBEE1, and the version.</summary>
    private const int HeaderLength = 7;

    private const int BlockLength = 1 << 15,
        ChunkHeaderLength = 7;

    /// <summary>Bytes of a record that is looked into; media are in files of their own.</summary>
    private const int Longest = 1 << 26;

    private const byte Full = 1,
        First = 2,
        Middle = 3,
        Last = 4;

    private const string CutOff = "cut off at the end of the file";

    /// <summary>Whether a file begins as one of these does, in the version that is known.</summary>
    public static bool IsBegunBy(ReadOnlySpan<byte> head) =>
        head.Length >= HeaderLength
        && head[..4].SequenceEqual(":W&B"u8)
        && BinaryPrimitives.ReadUInt16LittleEndian(head[4..]) == 0xBEE1
        && head[6] == 0;

    /// <summary>Hands out every whole record of a file whose header was checked. What follows a wrong checksum is not trusted to the end of
    /// its block.</summary>
    /// <param name="stream">At its beginning.</param>
    /// <param name="record">Receives each record; its bytes are overwritten afterwards.</param>
    /// <param name="problem">Receives the byte at which something is wrong, and what.</param>
    public static void Read(Stream stream, Action<ReadOnlyMemory<byte>> record, Action<long, string> problem)
    {
        byte[] block = new byte[BlockLength];
        var whole = new RecordBuffer();
        for (long at = 0; ; at += BlockLength)
        {
            int got = stream.ReadAtLeast(block, BlockLength, throwOnEndOfStream: false),
                next = at == 0 ? HeaderLength : 0;
            while (got - next >= ChunkHeaderLength)
            {
                int length = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(next + 4)),
                    end = next + ChunkHeaderLength + length;
                byte type = block[next + 6];
                if (type == 0 && length == 0)
                {
                    // Room that was reserved and not written to.
                    next = got;
                    break;
                }
                if (end > got)
                {
                    problem(at + next, got < BlockLength ? CutOff : "a chunk is longer than its block");
                    whole.Drop();
                    next = got;
                    break;
                }
                if (Crc32.HashToUInt32(block.AsSpan(next + 6, 1 + length)) != BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(next)))
                {
                    problem(at + next, "the checksum is wrong; what follows in its block is not read");
                    whole.Drop();
                    next = got;
                    break;
                }
                ReadOnlyMemory<byte> bytes = block.AsMemory(next + ChunkHeaderLength, length);
                if (type is Full or First && whole.IsOpen)
                    problem(at + next, "the record before has no end");
                switch (type)
                {
                    case Full:
                        whole.Drop();
                        record(bytes);
                        break;
                    case First:
                        whole.Begin(bytes.Span);
                        break;
                    // Of a record whose beginning is lost nothing can be read.
                    case Middle or Last when whole.IsOpen:
                        if (!whole.Add(bytes.Span))
                            problem(at + next, $"a record has more than {Longest} bytes");
                        else if (type == Last)
                            record(whole.Take());
                        break;
                }
                next = end;
            }
            if (got == BlockLength)
                continue;
            if (whole.IsOpen || next < got)
                problem(at + next, CutOff);
            return;
        }
    }

    /// <summary>A record that lies in several chunks.</summary>
    private sealed class RecordBuffer
    {
        private byte[] _bytes = [];
        private int _length;

        public bool IsOpen { get; private set; }

        public void Drop() => IsOpen = false;

        public void Begin(ReadOnlySpan<byte> first)
        {
            (_length, IsOpen) = (0, true);
            Add(first);
        }

        /// <summary>False when it is too long; it is dropped then.</summary>
        public bool Add(ReadOnlySpan<byte> more)
        {
            if (_length + more.Length > Longest)
                return IsOpen = false;
            if (_bytes.Length < _length + more.Length)
                Array.Resize(ref _bytes, Math.Max(_length + more.Length, Math.Min(2 * _bytes.Length, Longest)));
            more.CopyTo(_bytes.AsSpan(_length));
            _length += more.Length;
            return true;
        }

        public ReadOnlyMemory<byte> Take()
        {
            IsOpen = false;
            return _bytes.AsMemory(0, _length);
        }
    }
}
