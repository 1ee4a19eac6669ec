// Whatever bytes a file holds: a panel or one line, in bounded time and memory.
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Tails;

namespace Gaplab.Pure.Tests.Tails;

public sealed class ArrayParserSpecs : IDisposable
{
    private static readonly TailOptions s_plain = new()
    {
        Kept = 500,
        Resamples = 0,
        ControlDraws = 0,
        FitValues = 0,
    };
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Pieces of which headers are made, right and wrong ones.</summary>
    private static readonly string[] s_npy =
    [
        "{",
        "}",
        "'descr'",
        ":",
        "'<f8'",
        "'>i2'",
        "'|O'",
        "[('a', '<f8')]",
        ",",
        " ",
        "'fortran_order'",
        "True",
        "False",
        "'shape'",
        "(",
        ")",
        "(4, 3)",
        "(1152921504606846976, 1152921504606846976)",
        "-1",
        "9223372036854775807",
        "L",
        "'",
        "\"",
        "\0",
        "é",
        "\n",
    ];
    private static readonly string[] s_tensors =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"a\"",
        "\"__metadata__\"",
        "\"dtype\"",
        "\"F64\"",
        "\"BF16\"",
        "\"shape\"",
        "\"data_offsets\"",
        "[0,16]",
        "[2]",
        "[1152921504606846976,8]",
        "-1",
        "9223372036854775808",
        "1e400",
        "null",
        "\"",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}",
        " ",
    ];
    private static readonly string[] s_rows =
    [
        "1",
        "-2.5",
        "1e400",
        "nan",
        "inf",
        "x",
        ",",
        ";",
        "\t",
        " ",
        "\n",
        "\r\n",
        "#",
        "\"",
        "\"\"",
        "\0",
        "\uFEFF",
        "1,2\n",
        "a,b\n",
        "--",
        "é",
        "1,2,3\n",
    ];

    [Fact]
    public void A_npy_header_of_any_pieces_is_read_or_refused() =>
        FixedSeeds.Check(
            Pieces(s_npy),
            1500,
            text =>
            {
                byte[] header = Encoding.UTF8.GetBytes(text);
                Refuse(".npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. header, .. new byte[96]]);
            }
        );

    [Fact]
    public void A_safetensors_header_of_any_pieces_is_read_or_refused() =>
        FixedSeeds.Check(
            Pieces(s_tensors),
            1500,
            text =>
            {
                byte[] header = Encoding.UTF8.GetBytes(text);
                Refuse(".safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[16]]);
            }
        );

    [Fact]
    public void Rows_of_any_pieces_are_read_or_refused() =>
        FixedSeeds.Check(Pieces(s_rows), 1500, text => Refuse(".csv", Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(".npy"), InlineData(".npz"), InlineData(".safetensors"), InlineData(".csv")]
    public void A_file_with_changed_inserted_and_missing_bytes_is_read_or_refused(string extension)
    {
        byte[] whole = Whole(extension);
        Gen<(int Kind, int At, byte[] Bytes)[]> changes = Gen.Select(
            Gen.Int[0, 2],
            Gen.Int[0, whole.Length - 1],
            Gen.Byte.Array[1, 4]
        ).Array[1, 4];
        int refused = 0;
        FixedSeeds.Check(
            changes,
            400,
            made =>
            {
                List<byte> bytes = [.. whole];
                foreach ((int kind, int at, byte[] with) in made)
                {
                    int from = Math.Min(at, bytes.Count);
                    if (kind != 0)
                        bytes.RemoveRange(from, Math.Min(kind == 1 ? with.Length : at % 200, bytes.Count - from));
                    if (kind != 2)
                        bytes.InsertRange(from, with);
                }
                if (Refuse(extension, [.. bytes]))
                    refused++;
            },
            made => string.Join("; ", made.Select(m => $"{m.Kind} at {m.At}"))
        );
        Assert.InRange(refused, 40, 400);
    }

    [Theory]
    [InlineData("npy"), InlineData("npz"), InlineData("safetensors")]
    public void A_header_that_claims_two_to_the_sixty_elements_is_refused_before_anything_is_made(string format)
    {
        byte[] npy =
        [
            0x93,
            .. "NUMPY"u8,
            1,
            0,
            80,
            0,
            .. Encoding.ASCII.GetBytes("{'descr': '|i1', 'fortran_order': True, 'shape': (1073741824, 1073741824), }".PadRight(79) + "\n"),
            .. new byte[64],
        ];
        byte[] bytes = npy;
        if (format == "npz")
        {
            using var stream = new MemoryStream();
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            using (Stream entry = archive.CreateEntry("a.npy").Open())
                entry.Write(npy);
            bytes = stream.ToArray();
        }
        else if (format == "safetensors")
        {
            byte[] header = Encoding.ASCII.GetBytes(
                "{\"a\":{\"dtype\":\"I8\",\"shape\":[1073741824,1073741824],\"data_offsets\":[0,1152921504606846976]}}"
            );
            bytes = [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[64]];
        }
        Assert.True(Refuse("." + format, bytes));
    }

    private static Gen<string> Pieces(string[] of) => FixedSeeds.OneOf(of).Array[0, 40].Select(string.Concat);

    private static byte[] Whole(string extension)
    {
        var array = new WrittenArray([30, 4, 2], "f4", Fortran: true, Big: true, Version: 1);
        if (extension == ".npy")
            return array.Npy();
        if (extension == ".npz")
            return array.Npz("it", CompressionLevel.Optimal);
        double[] values = [.. Enumerable.Range(0, 240).Select(i => Math.Sin(i))];
        if (extension == ".csv")
            return Encoding.ASCII.GetBytes(
                "a,b\n" + string.Concat(values.Chunk(2).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r[0]:g6},{r[1]:g6}\n")))
            );
        byte[] header = Encoding.ASCII.GetBytes(
            "{\"__metadata__\":{\"of\":\"a test\"},\"it\":{\"dtype\":\"F64\",\"shape\":[60,4],\"data_offsets\":[0,1920]}}"
        );
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. values.SelectMany(BitConverter.GetBytes)];
    }

    /// <summary>Reads a file to the end; true when it was refused, in one line, in time and without making what it claims.</summary>
    private bool Refuse(string extension, byte[] bytes)
    {
        string path = _folder.File("it" + extension);
        File.WriteAllBytes(path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        bool refused = false;
        try
        {
            (ITailSource source, _) = ArrayFile.Open(path, new ArrayChoice(extension == ".npz" && bytes.Length > 400 ? "it" : null));
            using (source as IDisposable)
                TailMeasurement.Measure(source, s_plain);
        }
        catch (InputException e)
        {
            refused = true;
            Assert.DoesNotContain('\n', e.Message);
        }
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        return refused;
    }
}
