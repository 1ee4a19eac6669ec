// The same array is the same panel, whatever order its memory is in; and the headers of every NumPy there was.
using System.IO.Compression;
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Tails;

namespace Gaplab.Pure.Tests.Tails;

public sealed class ArrayOrderSpecs : IDisposable
{
    private static readonly string[] s_types = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"];
    private static readonly TailOptions s_plain = new()
    {
        Kept = 2000,
        Resamples = 20,
        ControlDraws = 3,
        FitValues = 0,
    };
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Any_array_reads_back_in_the_order_of_its_indexes()
    {
        Gen<WrittenArray> arrays =
            from shape in Gen.Int[1, 5].Array[1, 4]
            from type in FixedSeeds.OneOf(s_types)
            from fortran in Gen.Bool
            from big in Gen.Bool
            from version in Gen.Int[1, 3]
            select new WrittenArray(shape, type, fortran, big, version);
        Gen<(WrittenArray Array, bool Transposed, int Packing, int Part)> files = Gen.Select(
            arrays,
            Gen.Bool,
            Gen.Int[0, 2],
            Gen.Int[1, 7]
        );
        FixedSeeds.Check(
            files,
            600,
            f =>
            {
                string path = _folder.File("array" + (f.Packing == 0 ? ".npy" : ".npz"));
                File.WriteAllBytes(
                    path,
                    f.Packing == 0
                        ? f.Array.Npy()
                        : f.Array.Npz("it", f.Packing == 1 ? CompressionLevel.NoCompression : CompressionLevel.Optimal)
                );
                (ITailSource source, _) = ArrayFile.Open(path, new ArrayChoice(f.Packing == 0 ? null : "it", null, f.Transposed));
                using (source as IDisposable)
                    Assert.Null(Difference(source, f.Array, f.Transposed, f.Part));
            }
        );
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_line_too_long_to_be_kept_is_read_value_by_value_to_the_same_effect(bool transposed)
    {
        var array = new WrittenArray(transposed ? [4, 3, 2, 5] : [1, 4, 3, 2], "i2", Fortran: true, Big: true, Version: 1);
        var header = new ArrayHeader(ElementType.I16, BigEndian: true, [.. array.Shape.Select(n => (long)n)], Fortran: true);
        using var source = new BytesArray(array.Npy()[^(int)header.ByteLength..], header, transposed, mostKept: 10);
        Assert.Null(Difference(source, array, transposed, 5));
    }

    [Theory]
    [InlineData(".npy", false), InlineData(".npz", false), InlineData(".npy", true), InlineData(".npz", true)]
    public void A_three_dimensional_array_has_one_panel_in_both_orders(string extension, bool transposed)
    {
        double[] alpha =
        [
            .. new[] { false, true }
                .Select(fortran =>
                {
                    var array = new WrittenArray([30, 6, 40], "f4", fortran, Big: false, Version: 1);
                    string path = _folder.File("three" + extension);
                    File.WriteAllBytes(path, extension == ".npy" ? array.Npy() : array.Npz("it", CompressionLevel.Fastest));
                    (ITailSource source, _) = ArrayFile.Open(path, new ArrayChoice(extension == ".npy" ? null : "it", null, transposed));
                    using (source as IDisposable)
                        return TailMeasurement.Measure(source, s_plain).Estimates.Select(e => e.Kept?.Inverse ?? 0).ToArray();
                })
                .SelectMany(a => a),
        ];
        for (int e = 0; e < alpha.Length / 2; e++)
            Assert.Equal(alpha[e], alpha[alpha.Length / 2 + e], 1e-9);
    }

    // Headers as NumPy of Python 2 wrote them, of later versions, and with keys in another order: the array behind them is one.
    [Theory]
    [InlineData(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (64L, 50L), }")]
    [InlineData(2, "{'descr': '<f8', 'fortran_order': False, 'shape': (64, 50), }")]
    [InlineData(3, "{'descr': '<f8', 'fortran_order': False, 'shape': (64, 50), }")]
    [InlineData(1, "{'shape': (64, 50), 'fortran_order': False, 'descr': '<f8'}")]
    [InlineData(1, "{\"descr\": \"=f8\", \"fortran_order\": False, \"shape\": (64, 50)}")]
    public void Headers_of_every_age_give_the_panel_of_a_plain_one(int version, string header)
    {
        double Alpha(string path)
        {
            (ITailSource source, _) = ArrayFile.Open(path);
            using (source as IDisposable)
                return TailMeasurement
                    .Measure(source, s_plain with { Resamples = 0, ControlDraws = 0 })
                    .Estimates.Single(e => e.Id == "log-moment")
                    .All!.Alpha;
        }
        double plain = Alpha(Write("plain.npy", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (64, 50), }", Noise));
        Assert.InRange(plain, 1, 1.7);
        Assert.Equal(plain, Alpha(Write("other.npy", version, header, Noise)));
    }

    [Theory]
    [InlineData(
        "{'descr': '<c16', 'fortran_order': False, 'shape': (32, 50), }",
        0,
        "of type '<c16'; expected f2, f4, f8 or whole numbers"
    )]
    [InlineData(
        "{'descr': [('a', '<f8'), ('b', '<f8')], 'fortran_order': False, 'shape': (32, 50), }",
        0,
        "records with fields; expected plain numbers: save one field"
    )]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (64, 50), }", 16, "25616 follow: the file is too long")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", -25592, "it holds one value; the tail panel needs many")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (np.int64(64), 50), }", 0, "the shape has no whole number")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (64, 50), }", 0, "Python objects")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }", 0, "of more than 2^63 bytes")]
    [InlineData("{'descr': '|i1', 'fortran_order': True, 'shape': (1073741824, 1073741824), }", 0, "the file is cut short")]
    public void What_is_no_array_of_numbers_is_one_clear_line(string header, int longer, string says)
    {
        byte[] data = longer >= 0 ? [.. Noise, .. new byte[longer]] : Noise[..^-longer];
        string path = Write("odd.npy", 1, header, data),
            message = Assert.Throws<InputException>(() => ArrayFile.Open(path)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static byte[] Noise { get; } = [.. TailEstimatorSpecs.Draw("sas1.3", 3200, "headers").SelectMany(BitConverter.GetBytes)];

    private string Write(string name, int version, string header, byte[] data)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, 0] : [(byte)text.Length, 0, 0, 0];
        File.WriteAllBytes(_folder.File(name), [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. data]);
        return _folder.File(name);
    }

    private sealed class BytesArray(byte[] data, ArrayHeader header, bool transposed, long mostKept)
        : ArraySource(header, transposed, mostKept)
    {
        protected override void ReadBytes(long offset, Span<byte> bytes) => data.AsSpan((int)offset, bytes.Length).CopyTo(bytes);
    }

    /// <summary>Reads all of a source in parts and compares by index; null where all is as written.</summary>
    private static string? Difference(ITailSource source, WrittenArray array, bool transposed, int part)
    {
        long first = transposed ? array.Shape[^1] : array.Shape[0],
            others = array.Count / first;
        bool list = first == 1 || others == 1;
        (long iterations, long coordinates) = list ? (array.Count, 1L) : (first, others);
        if ((source.Iterations, source.Coordinates) != (iterations, coordinates))
            return $"{source.Iterations} x {source.Coordinates}";
        long lines = source.LinesAreIterations ? iterations : coordinates,
            length = source.LinesAreIterations ? coordinates : iterations;
        double[] values = new double[part];
        for (long line = 0; line < lines; line++)
        for (long start = 0; start < length; start += part)
        {
            Span<double> read = values.AsSpan(0, (int)Math.Min(part, length - start));
            source.Read(line, start, read);
            for (int i = 0; i < read.Length; i++)
            {
                (long iteration, long coordinate) = source.LinesAreIterations ? (line, start + i) : (start + i, line);
                long place = !list && transposed ? coordinate * iterations + iteration : iteration * coordinates + coordinate;
                if (read[i] != array.Value((int)place))
                    return $"iteration {iteration}, coordinate {coordinate}: {read[i]}, not {array.Value((int)place)}";
            }
        }
        return null;
    }
}
