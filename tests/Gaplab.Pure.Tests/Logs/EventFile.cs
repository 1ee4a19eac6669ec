// Event files of TensorBoard made byte by byte, with a checksum of their own.
using System.Text;

namespace Gaplab.Pure.Tests.Logs;

/// <summary>Records of event files, as the format's description has them; the checksum goes bit by bit through its polynomial.</summary>
internal static class EventFile
{
    /// <summary>CRC-32C (Castagnoli, 0x1EDC6F41, reflected), masked.</summary>
    public static uint Checksum(byte[] bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    public static byte[] Record(byte[] data)
    {
        byte[] length = BitConverter.GetBytes((ulong)data.Length);
        return [.. length, .. BitConverter.GetBytes(Checksum(length)), .. data, .. BitConverter.GetBytes(Checksum(data))];
    }

    /// <summary>The records of a file; every checksum is looked at.</summary>
    public static IEnumerable<byte[]> Records(byte[] file)
    {
        for (int at = 0; at < file.Length; )
        {
            int length = (int)BitConverter.ToUInt64(file, at);
            byte[] data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(Record(data), file[at..(at + 16 + length)]);
            yield return data;
            at += 16 + length;
        }
    }

    public static byte[] Version(double time) => Event(time, 0, Field(3, Encoding.UTF8.GetBytes("brain.Event:2")));

    /// <summary>A value as PyTorch writes it.</summary>
    public static byte[] Simple(double time, long step, string tag, float value) =>
        Event(time, step, Field(5, Field(1, [.. Field(1, Encoding.UTF8.GetBytes(tag)), 0x15, .. BitConverter.GetBytes(value)])));

    /// <summary>A value as TensorFlow 2 writes it: a tensor.</summary>
    public static byte[] Tensor(double time, long step, string tag, byte[] tensor) =>
        Event(time, step, Field(5, Field(1, [.. Field(1, Encoding.UTF8.GetBytes(tag)), .. Field(8, tensor)])));

    public static byte[] Event(double time, long step, byte[] content) =>
        Record([0x09, .. BitConverter.GetBytes(time), 0x10, .. Varint((ulong)step), .. content]);

    /// <summary>A field with a length.</summary>
    public static byte[] Field(int number, byte[] content) => [(byte)((number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
