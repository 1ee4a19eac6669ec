// The C ABI, line for line as native/abi.cpp exports it.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Gaplab.Torch;

internal static partial class Native
{
    public const string Library = "gaplab_torch";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, NativeLibraryLoader.Resolve);

    // runtime
    [LibraryImport(Library)]
    internal static partial nint gl_last_error();

    [LibraryImport(Library)]
    internal static partial long gl_live_tensors();

    [LibraryImport(Library)]
    internal static partial void gl_delete(nint tensor);

    [LibraryImport(Library)]
    internal static partial nint gl_version();

    [LibraryImport(Library)]
    internal static partial int gl_set_threads(int n);

    [LibraryImport(Library)]
    internal static partial int gl_get_threads();

    [LibraryImport(Library)]
    internal static partial nint gl_blas();

    [LibraryImport(Library)]
    internal static partial nint gl_kernels();

    [LibraryImport(Library)]
    internal static partial int gl_set_kernels(ReadOnlySpan<byte> name);

    [LibraryImport(Library)]
    internal static partial int gl_make_deterministic();

    [LibraryImport(Library)]
    internal static partial int gl_cuda_devices(out int value);

    // creation
    [LibraryImport(Library)]
    internal static partial int gl_empty(ReadOnlySpan<long> shape, int rank, int type, int device, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_zeros(ReadOnlySpan<long> shape, int rank, int type, int device, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_full(ReadOnlySpan<long> shape, int rank, double value, int type, int device, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_from_data(
        ReadOnlySpan<byte> data,
        ReadOnlySpan<long> shape,
        int rank,
        int type,
        out TensorHandle result
    );

    // information
    [LibraryImport(Library)]
    internal static partial int gl_rank(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial void gl_sizes(TensorHandle a, Span<long> sizes);

    [LibraryImport(Library)]
    internal static partial long gl_numel(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_type(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_device(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_is_contiguous(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_requires_grad(TensorHandle a);

    [LibraryImport(Library)]
    internal static partial int gl_data(TensorHandle a, out nint data);

    // shape
    [LibraryImport(Library)]
    internal static partial int gl_reshape(TensorHandle a, ReadOnlySpan<long> shape, int rank, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_expand(TensorHandle a, ReadOnlySpan<long> shape, int rank, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_permute(TensorHandle a, ReadOnlySpan<long> order, int rank, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_transpose(TensorHandle a, long d0, long d1, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_unsqueeze(TensorHandle a, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_squeeze(TensorHandle a, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_narrow(TensorHandle a, long dim, long start, long length, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_select(TensorHandle a, long dim, long index, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_split(TensorHandle a, ReadOnlySpan<long> sizes, int count, long dim, Span<nint> results);

    [LibraryImport(Library)]
    internal static partial int gl_cat(ReadOnlySpan<nint> list, int count, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_stack(ReadOnlySpan<nint> list, int count, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_contiguous(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_clone(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_detach(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_to_type(TensorHandle a, int type, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_to_device(TensorHandle a, int device, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_copy_(TensorHandle a, TensorHandle b);

    [LibraryImport(Library)]
    internal static partial int gl_index_select(TensorHandle a, long dim, TensorHandle index, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_gather(TensorHandle a, long dim, TensorHandle index, out TensorHandle result);

    // elementwise
    [LibraryImport(Library)]
    internal static partial int gl_add(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sub(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_mul(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_div(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_add_scalar(TensorHandle a, double s, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_mul_scalar(TensorHandle a, double s, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_pow_scalar(TensorHandle a, double s, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_add_(TensorHandle a, TensorHandle b, double alpha);

    [LibraryImport(Library)]
    internal static partial int gl_neg(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_abs(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sign(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_square(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sqrt(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_rsqrt(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_exp(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_log(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sin(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_cos(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_tanh(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sigmoid(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_relu(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_gelu(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_silu(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_isfinite(TensorHandle a, out TensorHandle result);

    // products and reductions
    [LibraryImport(Library)]
    internal static partial int gl_matmul(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_bmm(TensorHandle a, TensorHandle b, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sum(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_mean(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_sum_dim(TensorHandle a, ReadOnlySpan<long> over, int count, int keep, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_mean_dim(TensorHandle a, ReadOnlySpan<long> over, int count, int keep, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_argmax(TensorHandle a, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_softmax(TensorHandle a, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_log_softmax(TensorHandle a, long dim, out TensorHandle result);

    // the replica axis
    [LibraryImport(Library)]
    internal static partial int gl_linear(TensorHandle x, TensorHandle w, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_linear_three(TensorHandle x, TensorHandle w0, TensorHandle w1, TensorHandle w2, Span<nint> results);

    [LibraryImport(Library)]
    internal static partial int gl_embedding(TensorHandle ids, TensorHandle w, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_rms_norm(TensorHandle x, nint gain, double eps, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_rotary(
        TensorHandle x,
        TensorHandle cosine,
        TensorHandle sine,
        long time,
        long heads,
        double eps,
        out TensorHandle result
    );

    [LibraryImport(Library)]
    internal static partial int gl_attention(
        TensorHandle q,
        TensorHandle k,
        TensorHandle v,
        long time,
        long heads,
        int causal,
        out TensorHandle result
    );

    [LibraryImport(Library)]
    internal static partial int gl_relu_squared(TensorHandle a, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_cross_entropy(TensorHandle logits, TensorHandle targets, out TensorHandle result);

    // autograd
    [LibraryImport(Library)]
    internal static partial int gl_set_requires_grad(TensorHandle a, int on);

    [LibraryImport(Library)]
    internal static partial int gl_grad_mode(int on);

    [LibraryImport(Library)]
    internal static partial int gl_grad(
        ReadOnlySpan<nint> outputs,
        int outputCount,
        ReadOnlySpan<nint> inputs,
        int inputCount,
        ReadOnlySpan<nint> upstream,
        int upstreamCount,
        int createGraph,
        Span<nint> results
    );
}
