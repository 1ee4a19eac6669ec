#:package TorchSharp@0.107.0
#:property PublishAot=false
// Reads event files with the messages that TorchSharp has of TensorFlow's own definitions, decoded by Google's library, and prints what
// they say: a second opinion on what 'gaplab study export STORE --tensorboard FOLDER' writes.
//
//     cp tests/golden/read_event_files.cs FOLDER; dotnet run FOLDER/read_event_files.cs EVENTS
//
// (Outside the tree, whose packages are pinned in one place.) A line per run: scalars by tag with their last step and value, and the
// plugins whose data stand in metadata. It ends badly where a checksum is wrong or a field is unknown to the definitions.
using System.Globalization;
using Google.Protobuf;
using Tensorboard;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
foreach (string path in Directory.GetFiles(args[0], "*tfevents*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
{
    byte[] file = File.ReadAllBytes(path);
    var scalars = new SortedDictionary<string, (long Step, double Value, int Count)>(StringComparer.Ordinal);
    var plugins = new List<string>();
    string version = "";
    int unknown = 0;
    for (int at = 0; at < file.Length; )
    {
        int length = (int)BitConverter.ToUInt64(file, at);
        byte[] data = file[(at + 12)..(at + 12 + length)];
        if (
            BitConverter.ToUInt32(file, at + 8) != Checksum(file[at..(at + 8)])
            || BitConverter.ToUInt32(file, at + 12 + length) != Checksum(data)
        )
            throw new InvalidDataException($"{path}: a checksum is wrong at {at}");
        at += 16 + length;
        Event record = Event.Parser.ParseFrom(data);
        // What the definitions do not know would be written out again, and what they know in another order or form would differ.
        if (record.CalculateSize() != data.Length)
            unknown++;
        if (record.WhatCase == Event.WhatOneofCase.FileVersion)
            version = record.FileVersion;
        foreach (Summary.Types.Value value in record.Summary?.Value ?? [])
            if (value.Metadata?.PluginData?.PluginName is { Length: > 0 } plugin && plugin != "scalars")
                plugins.Add($"{plugin}:{value.Tag}({value.Metadata.PluginData.Content.Length} bytes, {value.Tensor.Dtype})");
            else
                scalars[value.Tag] = (
                    record.Step,
                    value.ValueCase == Summary.Types.Value.ValueOneofCase.SimpleValue ? value.SimpleValue : value.Tensor.DoubleVal[0],
                    scalars.GetValueOrDefault(value.Tag).Count + 1
                );
    }
    Console.WriteLine(
        $"{Path.GetFileName(Path.GetDirectoryName(path))}: {version}; {string.Join(", ", plugins)}; unlike {unknown}; "
            + string.Join(", ", scalars.Select(s => $"{s.Key} x{s.Value.Count} {s.Value.Step}:{s.Value.Value:R}"))
    );
}

// CRC-32C, bit by bit, masked.
static uint Checksum(byte[] bytes)
{
    uint crc = uint.MaxValue;
    foreach (byte b in bytes)
    {
        crc ^= b;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
}
