// Reads FASTA, plain or packed by gzip, as a stream: a chromosome of any size is held only as its bases.
using System.IO.Compression;
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Data.Genomes;

/// <summary>The bases of all records of a file, one after the other.</summary>
/// <remarks>
/// Letters of either case; U is T; IUPAC's ambiguous letters, gaps (-) and stops (*, .) are N. A run of more than <see cref="LongestGap"/>
/// N, as at the ends of chromosomes, is cut to that many, and between two records stands a run of N likewise.
/// </remarks>
internal static class FastaFile
{
    public const int LongestGap = 16;
    private const byte Whole = 0;

    /// <param name="path">The file.</param>
    /// <param name="hideRepeats">Lower-case bases are read as N.</param>
    /// <exception cref="InputException">Missing, empty, without bases, cut off, or holding what no sequence can hold, with its
    /// line.</exception>
    public static Nucleotides Read(string path, bool hideRepeats)
    {
        TextFiles.CheckExists(path, "FASTA file");
        var bases = new Nucleotides();
        try
        {
            using var file = RegularFile.Open(path);
            if (file.Length == 0)
                throw new InputException($"{path}: is empty; expected FASTA: a line '>name', then lines of bases");
            int first = file.ReadByte(),
                second = file.ReadByte();
            file.Position = 0;
            if (first == 0x1F && second == 0x8B)
            {
                using var unpacked = new GZipStream(new MarkedArchive(file, Whole), CompressionMode.Decompress);
                Parse(path, unpacked, bases, hideRepeats, packed: true);
            }
            else
            {
                Parse(path, file, bases, hideRepeats, packed: false);
            }
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{path}: cannot be unpacked, the .gz is broken or cut off: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        return bases;
    }

    private static void Parse(string path, Stream input, Nucleotides bases, bool hideRepeats, bool packed)
    {
        byte[] buffer = new byte[1 << 16];
        long line = 1,
            gap = 0,
            known = 0;
        bool header = false,
            start = true,
            whole = !packed,
            records = false;
        for (int read; (read = input.Read(buffer)) > 0; )
            foreach (byte b in buffer.AsSpan(0, read))
            {
                if (b == Whole && packed && !whole)
                {
                    whole = true;
                    continue;
                }
                if (packed && whole)
                    throw new InputException($"{path}: line {line} holds a NUL byte; expected FASTA");
                if (b == '\n')
                {
                    (header, start) = (false, true);
                    line++;
                    continue;
                }
                if (b >= 0x80)
                    throw new InputException(
                        $"{path}: line {line} holds byte 0x{b:X2}, which is not ASCII; expected FASTA: a line '>name', then lines of bases"
                    );
                if (header || b is (byte)' ' or (byte)'\t' or (byte)'\r')
                    continue;
                if (start && b is (byte)'>' or (byte)';')
                {
                    if (b == '>' && known > 0)
                        Gap(LongestGap);
                    (header, records) = (true, records || b == '>');
                    continue;
                }
                start = false;
                if (!records)
                    throw new InputException(
                        $"{path}: line {line} begins with '{Shown(b)}' before any record; expected FASTA: a line '>name', then lines "
                            + $"of bases"
                    );
                int id = IdOf(b);
                if (id < 0)
                    throw new InputException(
                        $"{path}: line {line} holds '{Shown(b)}', which is no nucleotide; expected letters of A C G T U N and IUPAC's "
                            + $"ambiguous ones (is it a protein?)"
                    );
                if (id == Nucleotides.Unknown || (hideRepeats && b >= 'a'))
                {
                    Gap(1);
                    continue;
                }
                gap = 0;
                known++;
                bases.Add(id);
            }
        if (!whole)
            throw new InputException($"{path}: cannot be unpacked, the .gz is broken or cut off; fetch or pack it again");
        if (!records)
            throw new InputException($"{path}: holds no record; expected FASTA: a line '>name', then lines of bases");
        if (known == 0)
            throw new InputException(
                $"{path}: holds no base{(hideRepeats ? " outside soft-masked repeats" : "")}; expected lines of bases after '>name'"
            );

        void Gap(int count)
        {
            for (; count > 0 && gap < LongestGap; count--, gap++)
                bases.Add(Nucleotides.Unknown);
        }
    }

    private static string Shown(byte b) => b is > 32 and < 127 ? ((char)b).ToString() : $"0x{b:X2}";

    private static int IdOf(byte b) =>
        (char)(b & ~0x20) switch
        {
            'A' => 0,
            'C' => 1,
            'G' => 2,
            'T' or 'U' => 3,
            'N' or 'R' or 'Y' or 'S' or 'W' or 'K' or 'M' or 'B' or 'D' or 'H' or 'V' or 'X' => Nucleotides.Unknown,
            _ => b is (byte)'-' or (byte)'*' or (byte)'.' ? Nucleotides.Unknown : -1,
        };

    // GZipStream ends without complaint where an archive was cut off; an archive of one byte put behind it is found only where the first is
    // whole (RFC 1952, section 2.2).
    private sealed class MarkedArchive : Stream
    {
        private readonly Stream _archive;
        private readonly MemoryStream _mark = new();

        public MarkedArchive(Stream archive, byte mark)
        {
            _archive = archive;
            using (var packer = new GZipStream(_mark, CompressionLevel.Fastest, leaveOpen: true))
                packer.WriteByte(mark);
            _mark.Position = 0;
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            _archive.Read(buffer, offset, count) is > 0 and var read ? read : _mark.Read(buffer, offset, count);

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
