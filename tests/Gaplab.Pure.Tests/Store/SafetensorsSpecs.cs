// Safetensors: the bytes are those of the format, what is written reads back, and a hostile header is refused cheaply.
using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Streams;

namespace Gaplab.Pure.Tests.Store;

public sealed class SafetensorsSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File_(string header, int data = 0, ulong? claimed = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header),
            bytes = new byte[8 + json.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed ?? (ulong)json.Length);
        json.CopyTo(bytes, 8);
        string path = _folder.File("x.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    [Fact]
    public void The_bytes_are_those_the_format_defines()
    {
        string path = _folder.File("t.safetensors");
        using (
            SafetensorsWriter writer = Safetensors.Create(
                path,
                [new("w", TensorType.F32, [1, 2]), new("n", TensorType.I64, [])],
                new Dictionary<string, string> { ["step"] = "3" }
            )
        )
        {
            writer.Write<float>("w", [1f, -2f]);
            writer.Write<long>("n", [258]);
            writer.Commit();
        }
        const string header =
            "{\"__metadata__\":{\"step\":\"3\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}";
        int padded = (header.Length + 7) / 8 * 8;
        byte[] expected =
        [
            (byte)padded,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            .. Encoding.ASCII.GetBytes(header.PadRight(padded)),
            0,
            0,
            0x80,
            0x3F,
            0,
            0,
            0,
            0xC0,
            2,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        Assert.Equal(expected, File.ReadAllBytes(path));
    }

    [Fact]
    public void Tensors_written_in_pieces_read_back_whole_and_in_part()
    {
        RandomStream random = RandomStream.For(1, "test/safetensors");
        float[] weights = [.. Enumerable.Range(0, 35).Select(_ => (float)random.NextGaussian())];
        double[] state = [double.NaN, double.PositiveInfinity, -0.0, double.Epsilon];
        string path = _folder.File("t.safetensors");
        using (
            SafetensorsWriter writer = Safetensors.Create(
                path,
                [new("weights", TensorType.F32, [5, 7]), new("none", TensorType.F64, [0, 4]), new("state", TensorType.F64, [4])]
            )
        )
        {
            writer.Write<float>("weights", weights.AsSpan(0, 12));
            writer.Write<float>("weights", weights.AsSpan(12));
            writer.Write<double>("state", state);
            writer.Commit();
        }
        using SafetensorsReader reader = Safetensors.Open(path);
        Assert.Equal(weights, reader.Read<float>("weights"));
        Assert.Equal(state.Select(BitConverter.DoubleToInt64Bits), reader.Read<double>("state").Select(BitConverter.DoubleToInt64Bits));
        Assert.Empty(reader.Read<double>("none"));
        var part = new float[7];
        reader.Read<float>("weights", part, start: 14);
        Assert.Equal(weights[14..21], part);
        Assert.Throws<InputException>(() => reader.Read<float>("weights", new float[7], start: 29));
        Assert.Throws<InputException>(() => reader.Read<double>("weights"));
        Assert.Throws<InputException>(() => reader.Read<double>("missing"));
    }

    [Fact]
    public void Without_a_commit_no_file_appears()
    {
        string path = _folder.File("t.safetensors");
        using (SafetensorsWriter writer = Safetensors.Create(path, [new("w", TensorType.F32, [2])]))
        {
            writer.Write<float>("w", [1f]);
            Assert.Throws<InvalidOperationException>(writer.Commit);
            Assert.Throws<ArgumentException>(() => writer.Write<float>("w", [1f, 2f]));
            Assert.Throws<ArgumentException>(() => writer.Write<double>("w", [1.0]));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Throws<InputException>(() => Safetensors.Create(path, [new("w", TensorType.F32, [2]), new("w", TensorType.F32, [2])]));
    }

    [Theory]
    [InlineData("", "does not start with")]
    [InlineData("[]", "does not start with")]
    [InlineData("{", "not what the format asks for")]
    [InlineData("{\"a\":3}", "not what the format asks for")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "lacks dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", "unknown key")]
    [InlineData("{\"a\":{\"dtype\":\"C64\",\"shape\":[2],\"data_offsets\":[0,4]}}", "element type 'C64'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "needs 8 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "negative extent")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", "not what the format asks for")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "its offsets are 4 to 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begins at 4")]
    [InlineData(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "begins at 0"
    )]
    [InlineData(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "not what the format asks for"
    )]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[1000000000000],\"data_offsets\":[0,8000000000000]}}", "beyond the end")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", "2^63")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", "2^63")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", "not what the format asks for")]
    public void A_header_that_lies_is_refused_with_one_line(string header, string expected)
    {
        string path = File_(header, data: 4);
        string line = Assert.Throws<InputException>(() => Safetensors.Open(path)).Message;
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Contains(path, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void A_header_length_beyond_the_file_allocates_nothing()
    {
        foreach (ulong claimed in new[] { ulong.MaxValue, 1UL << 63, 99_999_999UL, 3UL })
        {
            string path = File_("{}", claimed: claimed);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InputException>(() => Safetensors.Open(path));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
        File.WriteAllBytes(_folder.File("short"), [1, 2, 3]);
        Assert.Throws<InputException>(() => Safetensors.Open(_folder.File("short")));
        Assert.Throws<InputException>(() => Safetensors.Open(_folder.File("absent")));
    }

    [Fact]
    public void A_file_with_random_damage_is_read_or_refused_but_never_crashes()
    {
        string path = _folder.File("t.safetensors");
        using (
            SafetensorsWriter writer = Safetensors.Create(
                path,
                [new("a", TensorType.F32, [2, 3]), new("b", TensorType.F64, [2])],
                new Dictionary<string, string> { ["k"] = "v" }
            )
        )
        {
            writer.Write<float>("a", new float[6]);
            writer.Write<double>("b", new double[2]);
            writer.Commit();
        }
        byte[] whole = File.ReadAllBytes(path);
        int refused = 0;
        const int trials = 4000;
        FixedSeeds.Check(
            ByteDamage.Any.Array[1, 3],
            trials,
            damages =>
            {
                File.WriteAllBytes(path, ByteDamage.All(damages, whole));
                try
                {
                    using SafetensorsReader reader = Safetensors.Open(path);
                    foreach (TensorEntry entry in reader.Entries)
                    {
                        if (entry.Type == TensorType.F32)
                            Assert.Equal(entry.Count, reader.Read<float>(entry.Name).Length);
                        else if (entry.Type == TensorType.F64)
                            Assert.Equal(entry.Count, reader.Read<double>(entry.Name).Length);
                        else
                            Assert.Equal(entry.Count, reader.Read<long>(entry.Name).Length);
                    }
                }
                catch (InputException)
                {
                    refused++;
                }
            }
        );
        Assert.InRange(refused, trials / 4, trials - 1); // most damage is in the header; damage in the data alone is still a file
    }
}
