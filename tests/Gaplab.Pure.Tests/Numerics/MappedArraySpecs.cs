// Arrays of other programs as rows: every type, order and format that is read, and one line for what is not.
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class MappedArraySpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // 2, 0, 1, 5, 3, 100: whole numbers that every type holds but bool.
    public static TheoryData<string, byte[]> Types =>
        new()
        {
            { "<f2", ArrayBytes.Of<ushort>(0x4000, 0, 0x3C00, 0x4500, 0x4200, 0x5640) },
            { "<f4", ArrayBytes.Of(2f, 0, 1, 5, 3, 100) },
            { "<f8", ArrayBytes.Of(2.0, 0, 1, 5, 3, 100) },
            { "|i1", ArrayBytes.Of<sbyte>(2, 0, 1, 5, 3, 100) },
            { "|u1", ArrayBytes.Of<byte>(2, 0, 1, 5, 3, 100) },
            { "<i2", ArrayBytes.Of<short>(2, 0, 1, 5, 3, 100) },
            { "<u2", ArrayBytes.Of<ushort>(2, 0, 1, 5, 3, 100) },
            { "<i4", ArrayBytes.Of(2, 0, 1, 5, 3, 100) },
            { "<u4", ArrayBytes.Of<uint>(2, 0, 1, 5, 3, 100) },
            { "<i8", ArrayBytes.Of<long>(2, 0, 1, 5, 3, 100) },
            { "<u8", ArrayBytes.Of<ulong>(2, 0, 1, 5, 3, 100) },
        };

    [Theory, MemberData(nameof(Types))]
    public void A_row_has_the_numbers_that_were_saved_in_either_order(string descr, byte[] data)
    {
        int size = data.Length / 6;
        _folder.Write("c.npy", ArrayBytes.Npy(descr, "(3, 2)", data));
        _folder.Write("f.npy", ArrayBytes.Npy(descr, "(3, 2)", ArrayBytes.Fortran(data, size, 3, 2), fortran: true));
        foreach (string name in (string[])["c.npy", "f.npy"])
        {
            using MappedArray array = MappedArray.Open(_folder.File(name));
            Assert.Equal((3, 2, name == "c.npy"), (array.Rows, array.RowLength, array.IsRowMajor));
            double[] wide = new double[2];
            float[] narrow = new float[2];
            long[] whole = new long[2];
            double[][] rows =
            [
                [2, 0],
                [1, 5],
                [3, 100],
            ];
            for (int row = 2; row >= 0; row--)
            {
                array.Read(row, wide);
                array.Read(row, narrow);
                Assert.Equal(rows[row], wide);
                Assert.Equal(rows[row], narrow.Select(v => (double)v));
                if (!array.IsWhole)
                    continue;
                array.Read(row, whole);
                Assert.Equal(rows[row], whole.Select(v => (double)v));
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => array.Read(3, wide));
        }
    }

    [Fact]
    public void Truth_values_and_brain_floats_are_numbers()
    {
        _folder.Write("b.npy", ArrayBytes.Npy("|b1", "(2, 2)", [1, 0, 0, 1]));
        _folder.Write("x.safetensors", ArrayBytes.Safetensors(("x", "BF16", [2, 1], ArrayBytes.Of<ushort>(0x3F80, 0xC040))));
        using MappedArray truths = MappedArray.Open(_folder.File("b.npy")),
            brain = MappedArray.Open(_folder.File("x.safetensors"));
        double[] row = new double[2];
        truths.Read(1, row);
        Assert.Equal([0, 1], row);
        Assert.True(truths.IsWhole);
        brain.Read(1, row.AsSpan(0, 1));
        Assert.Equal(-3, row[0]); // 0xC040: sign, exponent 128, mantissa 1.5
    }

    [Theory]
    [InlineData(5, 2, 3), InlineData(4, 3, 2, 2), InlineData(1, 6), InlineData(7, 1), InlineData(2, 1, 5)]
    public void Fortran_order_of_any_rank_gives_the_same_rows(params int[] shape)
    {
        int count = shape.Aggregate((a, b) => a * b);
        int[] values = [.. Enumerable.Range(0, count).Select(i => i * i - 7)];
        string text = $"({string.Join(", ", shape)})";
        _folder.Write("c.npy", ArrayBytes.Npy("<i4", text, ArrayBytes.Of(values)));
        _folder.Write("f.npy", ArrayBytes.Npy("<i4", text, ArrayBytes.Fortran(ArrayBytes.Of(values), 4, shape), fortran: true));
        using MappedArray c = MappedArray.Open(_folder.File("c.npy")),
            f = MappedArray.Open(_folder.File("f.npy"));
        long[] a = new long[c.RowLength],
            b = new long[f.RowLength];
        for (int row = 0; row < shape[0]; row++)
        {
            c.Read(row, a);
            f.Read(row, b);
            Assert.Equal(values.Skip(row * a.Length).Take(a.Length).Select(v => (long)v), a);
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public void An_array_of_several_is_named_behind_its_file()
    {
        byte[] one = ArrayBytes.Npy("<f4", "(1, 2)", ArrayBytes.Of(1f, 2)),
            two = ArrayBytes.Npy("<f4", "(1, 2)", ArrayBytes.Of(3f, 4));
        _folder.Write("a.npz", ArrayBytes.Npz(("one", one), ("deep/two:x", two)));
        _folder.Write(
            "a.safetensors",
            ArrayBytes.Safetensors(("one", "F32", [1, 2], ArrayBytes.Of(1f, 2)), ("deep/two:x", "F32", [1, 2], ArrayBytes.Of(3f, 4)))
        );
        foreach (string file in (string[])["a.npz", "a.safetensors"])
        {
            using MappedArray second = MappedArray.Open(_folder.File(file) + ":deep/two:x");
            double[] row = new double[2];
            second.Read(0, row);
            Assert.Equal([3, 4], row);
            string unnamed = Refusal(file),
                foreign = Refusal(file + ":three");
            Assert.Contains($"choose one: {file}:NAME", unnamed, StringComparison.Ordinal);
            Assert.Contains("'three'; it holds one, deep/two:x", foreign, StringComparison.Ordinal);
        }
        // A file whose own name has a colon is itself.
        _folder.Write("odd.npz:one.npy", one);
        using MappedArray odd = MappedArray.Open(_folder.File("odd.npz:one.npy"));
        Assert.Equal(2, odd.RowLength);
    }

    [Fact]
    public void What_cannot_be_read_is_refused_in_one_line_that_says_why()
    {
        byte[] data = ArrayBytes.Of(1f, 2, 3, 4);
        (string Name, byte[] File, string Says)[] cases =
        [
            ("big.npy", ArrayBytes.Npy(">f4", "(2, 2)", data), "big-endian"),
            ("object.npy", ArrayBytes.Npy("|O", "(2, 2)", data), "Python objects"),
            ("complex.npy", ArrayBytes.Npy("<c8", "(1, 2)", data), "'<c8'"),
            ("cut.npy", ArrayBytes.Npy("<f4", "(3, 2)", data), "cut short"),
            ("long.npy", ArrayBytes.Npy("<f4", "(1, 2)", data), "too long"),
            ("single.npy", ArrayBytes.Npy("<f4", "()", data[..4]), "single number"),
            ("none.npy", ArrayBytes.Npy("<f4", "(0, 2)", []), "no numbers"),
            ("text.npy", "once upon a time"u8.ToArray(), "magic"),
            ("text.npz", "once upon a time"u8.ToArray(), "no usable archive"),
            ("text.safetensors", "once upon a time there was"u8.ToArray(), "header"),
            ("empty.npz", ArrayBytes.Npz(), "holds no array"),
            ("weights.pt", [0x80, 2], "pickle"),
            ("data.csv", "1,2\n"u8.ToArray(), ".npy, .npz or .safetensors"),
        ];
        foreach ((string name, byte[] file, string says) in cases)
        {
            _folder.Write(name, file);
            Assert.Contains(says, Refusal(name), StringComparison.Ordinal);
        }
        Assert.Contains("no such file", Refusal("absent.npy"), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal("."), StringComparison.Ordinal);
        _folder.Write("a.npy", ArrayBytes.Npy("<f4", "(2, 2)", data));
        Assert.Contains("has no name", Refusal("a.npy:x"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_claims_more_than_packing_can_do_is_refused_before_it_is_unpacked()
    {
        byte[] npz = ArrayBytes.Npz(("a", ArrayBytes.Npy("<f4", "(2, 2)", ArrayBytes.Of(1f, 2, 3, 4))));
        // The unpacked length in the central directory, 24 bytes behind its signature.
        int central = npz.AsSpan().IndexOf("PK\x01\x02"u8);
        BitConverter.GetBytes(uint.MaxValue - 1).CopyTo(npz, central + 24);
        _folder.Write("bomb.npz", npz);
        Assert.Contains("which no packing can do", Refusal("bomb.npz"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.npy"), InlineData("a.npz"), InlineData("a.safetensors")]
    public void A_damaged_file_ends_in_one_line_or_in_rows_and_never_in_a_huge_allocation(string name)
    {
        byte[] values = ArrayBytes.Of([.. Enumerable.Range(0, 60).Select(i => (float)i)]),
            whole = Path.GetExtension(name) switch
            {
                ".npy" => ArrayBytes.Npy("<f4", "(15, 4)", values, fortran: true),
                ".npz" => ArrayBytes.Npz(("x", ArrayBytes.Npy("<f4", "(15, 4)", values))),
                _ => ArrayBytes.Safetensors(("x", "F32", [15, 4], values)),
            };
        int refused = 0;
        const int Trials = 400;
        FixedSeeds.Check(
            Gen.Select(ByteDamage.Any.Array[1, 4], Gen.Bool),
            Trials,
            damaged =>
            {
                (ByteDamage[] damages, bool inHeader) = damaged;
                double reach = inHeader ? Math.Min(1, 140.0 / whole.Length) : 1;
                string path = _folder.Write(name, ByteDamage.All(damages.Select(d => d with { At = d.At * reach }), whole));
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using MappedArray array = MappedArray.Open(path);
                    double[] row = new double[array.RowLength];
                    for (long i = 0; i < array.Rows; i++)
                        array.Read(i, row);
                }
                catch (InputException e)
                {
                    refused++;
                    Assert.DoesNotContain('\n', e.Message);
                }
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < 16 << 20, $"allocated {allocated} bytes");
            }
        );
        Assert.InRange(refused, Trials / 4, Trials - 1);
    }

    private string Refusal(string name)
    {
        string message = Assert.Throws<InputException>(() => MappedArray.Open(_folder.File(name)).Dispose()).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Contains(Path.GetFileName(_folder.File(name.Split(':')[0])), message, StringComparison.Ordinal);
        return message;
    }
}
