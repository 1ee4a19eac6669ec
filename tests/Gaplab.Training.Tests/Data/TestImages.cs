// Small PNG and JPEG files written by hand after their specifications, for tests of what reads them.
using System.Buffers.Binary;
using System.IO.Compression;

namespace Gaplab.Training.Tests.Data;

internal static class TestImages
{
    /// <summary>A PNG of 8 bits per channel (ISO/IEC 15948): channels 1 (grey), 3 or 4, rows unfiltered.</summary>
    public static byte[] Png(int width, int height, int channels, Func<int, int, int, byte> pixel)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                for (int x = 0; x < width; x++)
                for (int c = 0; c < channels; c++)
                    zlib.WriteByte(pixel(y, x, c));
            }
        return
        [
            0x89,
            .. "PNG\r\n\x1a\n"u8,
            .. PngHeader(width, height, channels),
            .. Chunk("IDAT"u8, packed.ToArray()),
            .. Chunk("IEND"u8, []),
        ];
    }

    public static byte[] PngHeader(int width, int height, int channels)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (
            8,
            (byte)(
                channels switch
                {
                    1 => 0,
                    3 => 2,
                    _ => 6,
                }
            )
        );
        return Chunk("IHDR"u8, header);
    }

    /// <summary>A baseline JPEG (ITU-T T.81) of blocks of 8x8 equal pixels: channels 1 (grey) or 3 (Y, Cb, Cr), values by block and
    /// channel. Only constant coefficients are written.</summary>
    public static byte[] Jpeg(int blocksAcross, int blocksDown, int channels, Func<int, int, int, byte> block)
    {
        byte high(int n) => (byte)(n >> 8);
        int width = 8 * blocksAcross,
            height = 8 * blocksDown;
        List<byte> file = [0xFF, 0xD8];
        // Quantised by 8, a constant coefficient is the value less 128.
        file.AddRange([0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64)]);
        file.AddRange([0xFF, 0xC0, 0, (byte)(8 + 3 * channels), 8, high(height), (byte)height, high(width), (byte)width, (byte)channels]);
        for (int c = 0; c < channels; c++)
            file.AddRange([(byte)(c + 1), 0x11, 0]);
        // Nine codes of four bits for the sizes 0 … 8 of a difference; one code, a single 0, for "no more coefficients".
        file.AddRange([0xFF, 0xC4, 0, 28, 0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
        file.AddRange([0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.AddRange([0xFF, 0xDA, 0, (byte)(6 + 2 * channels), (byte)channels]);
        for (int c = 0; c < channels; c++)
            file.AddRange([(byte)(c + 1), 0x00]);
        file.AddRange([0, 63, 0]);

        var bits = new List<bool>();
        int[] last = new int[channels];
        for (int y = 0; y < blocksDown; y++)
        for (int x = 0; x < blocksAcross; x++)
        for (int c = 0; c < channels; c++)
        {
            int value = block(y, x, c) - 128,
                difference = value - last[c],
                size = 0;
            last[c] = value;
            while (Math.Abs(difference) >> size > 0)
                size++;
            Put(size, 4);
            Put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
            bits.Add(false);
        }
        while (bits.Count % 8 != 0)
            bits.Add(true);
        foreach (bool[] byteBits in bits.Chunk(8))
        {
            byte value = byteBits.Aggregate((byte)0, (sum, bit) => (byte)(2 * sum + (bit ? 1 : 0)));
            file.Add(value);
            if (value == 0xFF)
                file.Add(0);
        }
        file.AddRange([0xFF, 0xD9]);
        return [.. file];

        void Put(int value, int count)
        {
            for (int i = count - 1; i >= 0; i--)
                bits.Add((value >> i & 1) == 1);
        }
    }

    public static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        uint crc = uint.MaxValue;
        foreach (byte b in chunk.AsSpan(4, 4 + data.Length))
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc & 1) == 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), ~crc);
        return chunk;
    }
}
