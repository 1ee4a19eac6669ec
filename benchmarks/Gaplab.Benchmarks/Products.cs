// The small-matrix kernels against the BLAS of libtorch, by processor time, on the products of which training is made.
using System.Globalization;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class Products
{
    private const int Pairs = 9;
    private const double Seconds = 0.05;

    // [Batch] of M x K by K x N; T marks an operand that lies transposed.
    private sealed record Shape(string Where, int Batch, int M, int N, int K, bool Ta = false, bool Tb = false);

    private static readonly Shape[] Shapes =
    [
        new("width 32, 2048 rows", 1, 2048, 32, 32),
        new("width 32 to 128", 1, 2048, 128, 32),
        new("width 128 to 32", 1, 2048, 32, 128),
        new("its input's gradient", 1, 2048, 32, 128, Tb: true),
        new("its weight's gradient", 1, 128, 32, 2048, Ta: true),
        new("width 32, 128 rows", 1, 128, 32, 32),
        new("scores of a head", 64, 32, 32, 16, Tb: true),
        new("values of a head", 64, 32, 16, 32),
        new("their gradient", 64, 32, 16, 32, Ta: true),
        new("width 64, 1024 rows", 1, 1024, 64, 64),
        new("width 64 to 256", 1, 1024, 256, 64),
        new("its weight's gradient", 1, 64, 256, 1024, Ta: true),
        new("width 128, 1024 rows", 1, 1024, 128, 128),
        new("784 pixels to 128", 1, 64, 128, 784),
        new("128 to 10 classes", 1, 64, 10, 128),
        new("192 cubed (the BLAS's)", 1, 192, 192, 192),
    ];

    public static int Run()
    {
        TorchRuntime.Threads = 1;
        TorchRuntime.UseKernels("auto");
        Conditions.Print($"kernels {TorchRuntime.Kernels}, libtorch {TorchRuntime.Version}, BLAS {TorchRuntime.Blas}; one thread");
        Console.WriteLine("product                    batch x M x N x K     float32 ratio   GFLOP/s  float64 ratio   GFLOP/s");
        foreach (Shape shape in Shapes)
        {
            (double single, double speed) = Measure(shape, ScalarType.Float32);
            (double twice, double speedTwice) = Measure(shape, ScalarType.Float64);
            string size = string.Create(CultureInfo.InvariantCulture, $"{shape.Batch} x {shape.M} x {shape.N} x {shape.K}");
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shape.Where, -26} {size, -20} {single, 14:f2} {speed, 9:f1} {twice, 14:f2} {speedTwice, 9:f1}"
                )
            );
        }
        return 0;
    }

    // The BLAS's time over the kernels', and the kernels' speed.
    private static (double Ratio, double Speed) Measure(Shape shape, ScalarType type)
    {
        using var scope = new TensorScope();
        Tensor a = Operand(shape.Batch, shape.M, shape.K, shape.Ta, type),
            b = Operand(shape.Batch, shape.K, shape.N, shape.Tb, type);
        double work = 2.0 * shape.Batch * shape.M * shape.N * shape.K;
        int times = Math.Max(1, (int)(Seconds * 2e10 / work));
        double Block(string kernels)
        {
            TorchRuntime.UseKernels(kernels);
            double start = ProcessorClock.Seconds;
            for (int i = 0; i < times; i++)
                a.BatchedMatMul(b).Dispose();
            return ProcessorClock.Seconds - start;
        }
        (double ours, _, double ratio) = PairedBlocks.Measure(() => Block("auto"), () => Block("blas"), Pairs);
        return (ratio, work * times / ours / 1e9);
    }

    private static Tensor Operand(int batch, int rows, int columns, bool transposed, ScalarType type)
    {
        Tensor whole = Tensor.Full(transposed ? [batch, columns, rows] : [batch, rows, columns], 0.5).ToType(type);
        return transposed ? whole.Transpose(1, 2) : whole;
    }
}
