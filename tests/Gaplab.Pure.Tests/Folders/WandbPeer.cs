// A second reader of .wandb files, which shares nothing with ours: the whole file at once, its own checksum, Google's reader of messages.
using System.Globalization;
using Google.Protobuf;

namespace Gaplab.Pure.Tests.Folders;

/// <summary>What a log says, as far as tests compare it.</summary>
internal sealed class WandbPeer
{
    public Dictionary<string, string> Config { get; } = [];

    public Dictionary<string, SortedDictionary<long, double>> Curves { get; } = [];

    public int? ExitCode { get; private set; }

    public WandbPeer(string path)
    {
        foreach (byte[] record in Records(File.ReadAllBytes(path)))
        foreach ((int number, byte[] content) in Messages(record))
            switch (number)
            {
                case 2:
                    History(content);
                    break;
                case 17:
                    foreach ((_, byte[] config) in Messages(content).Where(f => f.Number == 4))
                    foreach ((_, byte[] item) in Messages(config).Where(f => f.Number == 1))
                        if (Item(item) is var (key, json) && key != "_wandb")
                            Config[key] = json;
                    break;
                case 18:
                    ExitCode = Varints(content).FirstOrDefault(f => f.Number == 1).Value;
                    break;
            }
    }

    private void History(byte[] content)
    {
        var values = Messages(content).Where(f => f.Number == 1).Select(f => Item(f.Content)).ToDictionary(i => i.Key, i => i.Json);
        long step = long.Parse(values["_step"], CultureInfo.InvariantCulture);
        foreach ((string key, string json) in values.Where(v => !v.Key.StartsWith('_')))
        {
            if (!Curves.TryGetValue(key, out SortedDictionary<long, double>? curve))
                Curves.Add(key, curve = []);
            curve.Add(step, json == "NaN" ? double.NaN : double.Parse(json, CultureInfo.InvariantCulture));
        }
    }

    private static (string Key, string Json) Item(byte[] item)
    {
        string[] Of(int number) =>
            [.. Messages(item).Where(f => f.Number == number).Select(f => ByteString.CopyFrom(f.Content).ToStringUtf8())];
        return (string.Join('.', [.. Of(1), .. Of(2)]), Of(16).Single());
    }

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        var open = new MemoryStream();
        for (int at = 7; at < file.Length; )
        {
            int room = 32768 - at % 32768;
            if (room < 7)
            {
                at += room;
                continue;
            }
            int length = file[at + 4] | (file[at + 5] << 8);
            byte[] summed = file[(at + 6)..(at + 7 + length)];
            Assert.Equal(BitConverter.ToUInt32(file, at), Checksum(summed));
            open.Write(summed, 1, length);
            if (summed[0] is 1 or 4)
            {
                records.Add(open.ToArray());
                open = new();
            }
            at += 7 + length;
        }
        return records;
    }

    /// <summary>CRC-32 (0x04C11DB7, reflected), bit by bit.</summary>
    public static uint Checksum(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }

    private static List<(int Number, byte[] Content)> Messages(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray()));
            else
                input.SkipLastField();
        return fields;
    }

    private static List<(int Number, int Value)> Varints(byte[] message)
    {
        var fields = new List<(int, int)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
                fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadInt32()));
            else
                input.SkipLastField();
        return fields;
    }
}
