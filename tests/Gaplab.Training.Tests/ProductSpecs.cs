// Matrix products: every set of kernels against sums in plain C#, against each other, and where the BLAS takes over.
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

[Collection("whole process")] // which kernels multiply is a setting of the process
public sealed class ProductSpecs : IDisposable
{
    private readonly string _before = TorchRuntime.Kernels;

    public void Dispose() => TorchRuntime.UseKernels(_before);

    public static TheoryData<string, ScalarType> Sets => Rows("avx2", "avx512", "blas");

    public static TheoryData<string, ScalarType> Kernels => Rows("avx2", "avx512");

    private static TheoryData<string, ScalarType> Rows(params string[] sets)
    {
        var rows = new TheoryData<string, ScalarType>();
        foreach (string set in sets)
        {
            rows.Add(set, ScalarType.Float32);
            rows.Add(set, ScalarType.Float64);
        }
        return rows;
    }

    // Around the edges of tiles (6 and 12 rows; 4, 8, 16 and 32 columns), of a chunk (256) and of the few rows that go to the BLAS.
    private static readonly int[] s_sizes = [1, 3, 4, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 25, 31, 32, 33, 48, 65];
    private static readonly int[] s_depths = [1, 2, 7, 8, 9, 16, 31, 64, 128, 255, 256, 257, 520];

    [Theory, MemberData(nameof(Sets))]
    public void A_product_is_the_sum_of_products_within_the_bound_of_rounding(string set, ScalarType type)
    {
        Use(set);
        double unit = Unit(type);
        RandomStream random = RandomStream.For(3, "test/products");
        for (int trial = 0; trial < 120; trial++)
        {
            using var scope = new TensorScope();
            int m = Pick(s_sizes, random),
                n = Pick(s_sizes, random),
                k = Pick(s_depths, random),
                batch = 1 + (int)random.NextIndex(3);
            bool ta = (trial & 1) != 0,
                tb = (trial & 2) != 0,
                flat = (trial & 4) != 0;
            if (flat)
                batch = 1;
            (Tensor a, double[] left) = Matrix(random, batch, m, k, ta, flat, type);
            (Tensor b, double[] right) = Matrix(random, batch, k, n, tb, flat, type);
            double[] product = a.MatMul(b).ToDoubles();
            Assert.Equal(batch * m * n, product.Length);
            for (int i = 0; i < product.Length; i++)
            {
                (int of, int row, int column) = (i / (m * n), i / n % m, i % n);
                double sum = 0,
                    size = 0;
                for (int p = 0; p < k; p++)
                {
                    double term = left[(of * m + row) * k + p] * right[(of * k + p) * n + column];
                    sum += term;
                    size += Math.Abs(term);
                }
                // Higham 2002, (3.5): a sum of k products in any order is within γ_k = ku/(1 − ku) of Σ|ab|; so is the sum here.
                double bound = (Gamma(k, unit) + Gamma(k, Unit(ScalarType.Float64))) * size;
                Assert.True(
                    Math.Abs(product[i] - sum) <= bound,
                    $"{set}, {batch} of {m}x{k} by {k}x{n}, transposed {ta} and {tb}, element {i}: {product[i]:r} is not {sum:r}"
                );
            }
        }
    }

    [Theory, InlineData(ScalarType.Float32), InlineData(ScalarType.Float64)]
    public void The_wide_kernels_and_the_narrow_ones_give_the_same_bits(ScalarType type)
    {
        double[][] found = [.. ((string[])["avx2", "avx512"]).Select(set => Bits(set, type))];
        Assert.Equal(found[0], found[1]);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void A_row_of_a_small_product_does_not_depend_on_the_rows_beside_it(string set, ScalarType type)
    {
        Use(set);
        using var scope = new TensorScope();
        RandomStream random = RandomStream.For(5, "test/products/rows");
        (Tensor a, _) = Matrix(random, 1, 300, 70, transposed: false, flat: true, type);
        (Tensor b, _) = Matrix(random, 1, 70, 35, transposed: false, flat: true, type);
        double[] all = a.MatMul(b).ToDoubles();
        foreach ((int from, int count) in ((int, int)[])[(0, 4), (3, 17), (120, 13), (40, 260)])
            Assert.Equal(all[(from * 35)..((from + count) * 35)], a.Narrow(0, from, count).MatMul(b).ToDoubles());
    }

    [Fact]
    public void Large_products_and_thin_ones_are_the_BLAS_s()
    {
        double[] Of(string set, int m, int n, int k)
        {
            Use(set);
            using var scope = new TensorScope();
            RandomStream random = RandomStream.For(6, "test/products/blas");
            (Tensor a, _) = Matrix(random, 1, m, k, transposed: false, flat: true, ScalarType.Float32);
            (Tensor b, _) = Matrix(random, 1, k, n, transposed: false, flat: true, ScalarType.Float32);
            return a.MatMul(b).ToDoubles();
        }
        foreach ((int m, int n, int k) in ((int, int, int)[])[(192, 192, 192), (3, 64, 300), (64, 3, 300)])
            Assert.Equal(Of("blas", m, n, k), Of("auto", m, n, k));
    }

    [Fact]
    public void A_product_over_nothing_is_zero_and_shapes_that_do_not_fit_are_named()
    {
        using var scope = new TensorScope();
        Assert.Equal([0.0, 0, 0, 0, 0, 0], Tensor.Zeros([2, 0]).MatMul(Tensor.Zeros([0, 3])).ToDoubles());
        Assert.Contains(
            "bmm on [2, 3, 4], [2, 5, 6]",
            Assert.Throws<TorchException>(() => Tensor.Zeros([2, 3, 4]).BatchedMatMul(Tensor.Zeros([2, 5, 6]))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Kernels_that_the_processor_lacks_are_refused_and_the_old_ones_stay()
    {
        string before = TorchRuntime.Kernels;
        Assert.Contains(
            "no kernels 'mmx'",
            Assert.Throws<TorchException>(() => TorchRuntime.UseKernels("mmx")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(before, TorchRuntime.Kernels);
    }

    private static double[] Bits(string set, ScalarType type)
    {
        Use(set);
        RandomStream random = RandomStream.For(4, "test/products/bits");
        var bits = new List<double>();
        for (int trial = 0; trial < 60; trial++)
        {
            using var scope = new TensorScope();
            int m = Pick(s_sizes, random),
                n = Pick(s_sizes, random),
                k = Pick(s_depths, random);
            (Tensor a, _) = Matrix(random, 1, m, k, (trial & 1) != 0, flat: true, type);
            (Tensor b, _) = Matrix(random, 1, k, n, (trial & 2) != 0, flat: true, type);
            bits.AddRange(a.MatMul(b).ToDoubles());
        }
        return [.. bits];
    }

    // [B, rows, columns] (or [rows, columns]) and the same numbers row by row; transposed, it is a view of its transpose.
    private static (Tensor, double[]) Matrix(
        RandomStream random,
        int batch,
        int rows,
        int columns,
        bool transposed,
        bool flat,
        ScalarType type
    )
    {
        double[] values = [.. Enumerable.Range(0, batch * rows * columns).Select(_ => (double)(float)random.NextGaussian())];
        double[] laid = values;
        if (transposed)
        {
            laid = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
                laid[i / (rows * columns) * rows * columns + i % columns * rows + i / columns % rows] = values[i];
        }
        long[] shape = transposed ? [batch, columns, rows] : [batch, rows, columns];
        Tensor tensor = Tensor.From<double>(laid, flat ? shape[1..] : shape).ToType(type);
        return (transposed ? tensor.Transpose(flat ? 0 : 1, flat ? 1 : 2) : tensor, values);
    }

    private static void Use(string set)
    {
        try
        {
            TorchRuntime.UseKernels(set);
        }
        catch (TorchException)
        {
            Assert.Skip($"this processor has no kernels '{set}'");
        }
    }

    private static double Gamma(int k, double unit) => k * unit / (1 - k * unit);

    private static int Pick(int[] of, RandomStream random) => of[random.NextIndex(of.Length)];

    private static double Unit(ScalarType type) => type == ScalarType.Float32 ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);
}
