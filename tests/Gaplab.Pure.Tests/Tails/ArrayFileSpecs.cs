// Files that others made, whole and broken: truncated, with flipped bytes, with headers that claim too much.
using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Tails;

namespace Gaplab.Pure.Tests.Tails;

public sealed class ArrayFileSpecs : IDisposable
{
    private static readonly TailOptions s_plain = new()
    {
        Kept = 1000,
        Resamples = 0,
        ControlDraws = 0,
        FitValues = 0,
    };
    private static readonly double[] s_values = TailEstimatorSpecs.Draw("t3", 240, "files");
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".npy"), InlineData(".npz"), InlineData(".safetensors"), InlineData(".csv")]
    public void The_same_values_give_the_same_panel_from_every_format(string extension)
    {
        TailPanel expected = TailMeasurement.Measure(new MemoryTailSource<double>(s_values, 2), s_plain),
            read = Measure(Write(extension, File(extension)));
        Assert.Equal((120, 2, 240), (read.Iterations, read.Coordinates, read.Values));
        Assert.Equal(expected.Estimates.Select(e => e.All?.Inverse), read.Estimates.Select(e => e.All?.Inverse));
    }

    [Theory]
    [InlineData(".npy"), InlineData(".npz"), InlineData(".safetensors"), InlineData(".csv")]
    public void A_cut_or_damaged_file_ends_in_one_line_or_in_a_panel_and_never_in_a_huge_allocation(string extension)
    {
        byte[] whole = File(extension);
        int refused = 0;
        const int Trials = 400;
        FixedSeeds.Check(
            Gen.Select(ByteDamage.Any.Array[1, 4], Gen.Bool),
            Trials,
            damaged =>
            {
                (ByteDamage[] damages, bool inHeader) = damaged;
                double reach = inHeader ? Math.Min(1, 140.0 / whole.Length) : 1;
                string path = Write(extension, ByteDamage.All(damages.Select(d => d with { At = d.At * reach }), whole));
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    Measure(path);
                }
                catch (InputException e)
                {
                    refused++;
                    Assert.DoesNotContain('\n', e.Message);
                }
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < 100 << 20, $"allocated {allocated} bytes");
            }
        );
        Assert.InRange(refused, Trials / 4, Trials - 1);
    }

    [Theory]
    [
        InlineData("(9000000000000000000, 4)", "2^63"),
        InlineData("(-3, 2)", "negative"),
        InlineData("(99999999999999999999,)", "2^63"),
        InlineData("(4000000000,)", "cut short"),
        InlineData("(3,)", "too long"),
        InlineData("(0, 5)", "")
    ]
    public void A_npy_header_that_claims_what_the_file_does_not_hold_is_refused(string shape, string says)
    {
        InputException e = Assert.Throws<InputException>(() => Measure(Write(".npy", Npy(shape))));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_array_and_one_of_objects_say_what_there_is()
    {
        string several = Write(".npz", Npz("first", "second"));
        Assert.Contains("first, second", Assert.Throws<InputException>(() => ArrayFile.Open(several)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no array 'third'",
            Assert.Throws<InputException>(() => ArrayFile.Open(several, new ArrayChoice("third"))).Message,
            StringComparison.Ordinal
        );
        byte[] objects = Encoding.Latin1.GetBytes(
            Encoding.Latin1.GetString(Npy("(120, 2)")).Replace("'<f8'", "'|O' ", StringComparison.Ordinal)
        );
        Assert.Contains(
            "Python objects",
            Assert.Throws<InputException>(() => ArrayFile.Open(Write(".npy", objects))).Message,
            StringComparison.Ordinal
        );
    }

    internal static TailPanel Measure(string path)
    {
        (ITailSource source, _) = ArrayFile.Open(path);
        using (source as IDisposable)
            return TailMeasurement.Measure(source, s_plain);
    }

    private string Write(string extension, byte[] bytes)
    {
        string path = _folder.File("file" + extension);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    internal static byte[] File(string extension) =>
        extension switch
        {
            ".npy" => Npy("(120, 2)"),
            ".npz" => Npz("noise"),
            ".safetensors" => Tensors(),
            _ => Encoding.ASCII.GetBytes(
                "a,b\n" + string.Concat(s_values.Chunk(2).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r[0]:R},{r[1]:R}\n")))
            ),
        };

    private static byte[] Data => [.. s_values.SelectMany(BitConverter.GetBytes)];

    private static byte[] Npy(string shape)
    {
        string header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. Data];
    }

    private static byte[] Npz(params string[] names)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (string name in names)
            {
                using Stream entry = archive.CreateEntry(name + ".npy").Open();
                entry.Write(Npy("(120, 2)"));
            }
        return stream.ToArray();
    }

    private static byte[] Tensors()
    {
        byte[] header = Encoding.ASCII.GetBytes(
            $"{{\"noise\":{{\"dtype\":\"F64\",\"shape\":[120,2],\"data_offsets\":[0,{8 * s_values.Length}]}}}}   "
        );
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. Data];
    }
}
