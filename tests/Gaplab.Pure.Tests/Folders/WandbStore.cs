// Writes folders of runs as Weights & Biases does, for tests.
using System.Globalization;
using Gaplab.Pure.Tests.Import;
using Google.Protobuf;

namespace Gaplab.Pure.Tests.Folders;

/// <summary>Frames with a checksum of the tests' own around messages of Google's writer.</summary>
internal static class WandbStore
{
    /// <summary>A folder for each run, with two steps; every other run is offline.</summary>
    public static void Write(string folder, IEnumerable<TextRun> runs)
    {
        foreach ((int i, TextRun run) in runs.Index())
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"abcd{i:0000}"),
                into = Path.Combine(folder, "wandb", $"{(i % 2 == 0 ? "" : "offline-")}run-20260131_{120000 + i}-{id}");
            Directory.CreateDirectory(Path.Combine(into, "files"));
            byte[] settings = Message(o =>
            {
                Item(o, 1, "optim", $$"""{"name": "{{run.Optimizer}}", "lr": {{run.Rate}}}""");
                Item(o, 1, "batch_size", $"{run.Batch}");
                Item(o, 1, "seed", $"{run.Seed}");
            });
            File.WriteAllBytes(
                Path.Combine(into, $"run-{id}.wandb"),
                Log(
                    Record(
                        17,
                        o =>
                        {
                            Text(o, 1, id);
                            Bytes(o, 4, settings);
                            Text(o, 8, "a-name");
                        }
                    ),
                    Record(
                        2,
                        o =>
                        {
                            Item(o, 1, "val_loss", "3.5");
                            Item(o, 1, "_step", "0");
                        }
                    ),
                    Record(
                        2,
                        o =>
                        {
                            Item(o, 1, "val_loss", run.Value);
                            Item(o, 1, "_step", "100");
                        }
                    ),
                    Record(18, _ => { })
                )
            );
        }
    }

    /// <summary>The file of some records, none of them longer than a block.</summary>
    public static byte[] Log(params byte[][] records)
    {
        var file = new List<byte>([.. ":W&B"u8, 0xE1, 0xBE, 0]);
        foreach (byte[] record in records)
        {
            byte[] summed = [1, .. record];
            file.AddRange([
                .. BitConverter.GetBytes(WandbPeer.Checksum(summed)),
                (byte)record.Length,
                (byte)(record.Length >> 8),
                .. summed,
            ]);
        }
        Assert.True(file.Count < 1 << 15);
        return [.. file];
    }

    public static byte[] Record(int number, Action<CodedOutputStream> content) => Message(o => Bytes(o, number, Message(content)));

    public static void Item(CodedOutputStream output, int number, string key, string json) =>
        Bytes(
            output,
            number,
            Message(o =>
            {
                Text(o, 2, key);
                Text(o, 16, json);
            })
        );

    public static void Text(CodedOutputStream output, int number, string text)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Bytes(CodedOutputStream output, int number, byte[] bytes)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }

    private static byte[] Message(Action<CodedOutputStream> content)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        content(output);
        output.Flush();
        return stream.ToArray();
    }
}
