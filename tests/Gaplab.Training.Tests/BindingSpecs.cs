// The binding: exports match imports, native errors arrive as typed exceptions with shapes, scopes free what is born in them.
using System.Text.RegularExpressions;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed partial class BindingSpecs
{
    [Fact]
    public void Every_export_has_one_import_in_the_same_order()
    {
        string root = Repository.Root;
        // native/vision.cpp belongs to Native.Vision.cs, and so on; abi.cpp to Native.cs.
        string[] parts =
        [
            .. Directory.EnumerateFiles(Path.Combine(root, "native"), "*.cpp").Select(f => Path.GetFileNameWithoutExtension(f)!),
        ];
        string Import(string part) =>
            Path.Combine(
                root,
                "src",
                "Gaplab.Torch",
                part == "abi" ? "Native.cs" : $"Native.{char.ToUpperInvariant(part[0])}{part[1..]}.cs"
            );
        Assert.All(parts, part => Compare(File.ReadAllText(Path.Combine(root, "native", part + ".cpp")), File.ReadAllText(Import(part))));
    }

    private static void Compare(string abi, string native)
    {
        string[] exports =
        [
            .. Export().Matches(abi).Select(m => m.Groups["name"].Success ? "gl_" + m.Groups["name"].Value : m.Groups["plain"].Value),
        ];
        string[] imports = [.. ImportLine().Matches(native).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(exports);
        Assert.Equal(exports, imports);
    }

    /// <summary>A library that comes with libtorch may take the signal for itself: then this ends the process.</summary>
    [Fact]
    public void A_null_reference_is_still_an_exception_once_libtorch_is_loaded()
    {
        Assert.NotEmpty(TorchRuntime.Version);
        System.Text.Json.Nodes.JsonNode? nothing = null;
        Assert.Throws<NullReferenceException>(() => nothing!.ToJsonString());
    }

    /// <summary>Debian 12's OpenBLAS gives Intel's processors from 2023 on the kernels of 2004, half as fast.</summary>
    [Fact]
    public void The_BLAS_has_kernels_of_this_processors_time()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "a processor without AVX2");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is null, "OPENBLAS_CORETYPE is set");
        Assert.SkipUnless(TorchRuntime.Blas.Contains("kernels", StringComparison.Ordinal), "no OpenBLAS that tells");
        Assert.DoesNotMatch("kernels (Prescott|Core2|Nehalem|Generic|Atom|Sandybridge)", TorchRuntime.Blas);
    }

    [Fact]
    public void A_native_error_names_the_operation_and_the_shapes()
    {
        using var scope = new TensorScope();
        Tensor a = Tensor.Zeros([2, 3]),
            b = Tensor.Zeros([4, 5]);
        var error = Assert.Throws<TorchException>(() => a.MatMul(b));
        Assert.StartsWith("matmul on [2, 3], [4, 5]: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_an_error_and_not_a_stray_read()
    {
        using var scope = new TensorScope();
        Tensor table = Tensor.Zeros([1, 5, 2]);
        Assert.Contains(
            "token id 5 is outside the vocabulary of 5",
            Assert.Throws<TorchException>(() => Tensor.From<long>([0, 5], 1, 2).Embedding(table)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void More_memory_than_there_is_is_a_typed_error()
    {
        using var scope = new TensorScope();
        Assert.Throws<TorchOutOfMemoryException>(() => Tensor.Empty([1L << 50]));
    }

    [Fact]
    public void One_thread_a_worker_holds_every_pool()
    {
        TorchRuntime.Threads = 1;
        Assert.Equal(1, TorchRuntime.Threads);
        Assert.False(TorchRuntime.BlasIsReference, "the tests run on the slow reference BLAS: install libopenblas0-pthread");
    }

    [Fact]
    public void The_fused_operations_are_the_composite_ones_in_float32()
    {
        using var scope = new TensorScope();
        double[] values = [.. Enumerable.Range(0, 2 * 12 * 8).Select(i => Math.Sin(i * 0.7) * 2)];
        Tensor q64 = Tensor.From<double>(values, 2, 12, 8),
            k64 = q64.Sin(),
            v64 = q64.Cos();
        Tensor exact = q64.Attention(k64, v64, 6, 2, causal: true);
        Tensor single = q64.ToType(ScalarType.Float32)
            .Attention(k64.ToType(ScalarType.Float32), v64.ToType(ScalarType.Float32), 6, 2, causal: true);
        Closeness.Same(exact.ToDoubles(), single.ToDoubles(), 2e-6, 1);
        Tensor targets = Tensor.From<long>([.. Enumerable.Range(0, 24).Select(i => (long)i % 8)], 2, 12);
        double[] composite = [.. (-(q64.LogSoftmax(-1).Gather(2, targets.Unsqueeze(2)).Mean([1, 2]))).ToDoubles()];
        Closeness.Same(composite, q64.CrossEntropy(targets).ToDoubles(), 1e-13);
        Closeness.Same(composite, q64.ToType(ScalarType.Float32).CrossEntropy(targets).ToDoubles(), 1e-6);
    }

    [GeneratedRegex(@"^(?:UNARY|BINARY)\((?<name>\w+),|^GL .*?\b(?<plain>gl_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Export();

    [GeneratedRegex(@"internal static partial \w+ (gl_\w+)\(")]
    private static partial Regex ImportLine();
}
