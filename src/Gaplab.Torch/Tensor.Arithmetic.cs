// Elementwise operations, products and reductions, with PyTorch's broadcasting.
namespace Gaplab.Torch;

public sealed partial class Tensor
{
    public static Tensor operator +(Tensor a, Tensor b) => New(Native.gl_add(a.Handle, b.Handle, out TensorHandle h), h);

    public static Tensor operator -(Tensor a, Tensor b) => New(Native.gl_sub(a.Handle, b.Handle, out TensorHandle h), h);

    public static Tensor operator *(Tensor a, Tensor b) => New(Native.gl_mul(a.Handle, b.Handle, out TensorHandle h), h);

    public static Tensor operator /(Tensor a, Tensor b) => New(Native.gl_div(a.Handle, b.Handle, out TensorHandle h), h);

    public static Tensor operator +(Tensor a, double s) => New(Native.gl_add_scalar(a.Handle, s, out TensorHandle h), h);

    public static Tensor operator -(Tensor a, double s) => a + -s;

    public static Tensor operator *(Tensor a, double s) => New(Native.gl_mul_scalar(a.Handle, s, out TensorHandle h), h);

    public static Tensor operator /(Tensor a, double s) => a * (1 / s);

    public static Tensor operator -(Tensor a) => New(Native.gl_neg(a.Handle, out TensorHandle h), h);

    public Tensor Pow(double exponent) => New(Native.gl_pow_scalar(Handle, exponent, out TensorHandle h), h);

    /// <summary>this += alpha · other, in place and outside autograd.</summary>
    public void AddInPlace(Tensor other, double alpha = 1)
    {
        ArgumentNullException.ThrowIfNull(other);
        TorchError.Check(Native.gl_add_(Handle, other.Handle, alpha));
    }

    public Tensor Abs() => New(Native.gl_abs(Handle, out TensorHandle h), h);

    public Tensor Sign() => New(Native.gl_sign(Handle, out TensorHandle h), h);

    public Tensor Square() => New(Native.gl_square(Handle, out TensorHandle h), h);

    public Tensor Sqrt() => New(Native.gl_sqrt(Handle, out TensorHandle h), h);

    public Tensor Rsqrt() => New(Native.gl_rsqrt(Handle, out TensorHandle h), h);

    public Tensor Exp() => New(Native.gl_exp(Handle, out TensorHandle h), h);

    public Tensor Log() => New(Native.gl_log(Handle, out TensorHandle h), h);

    public Tensor Sin() => New(Native.gl_sin(Handle, out TensorHandle h), h);

    public Tensor Cos() => New(Native.gl_cos(Handle, out TensorHandle h), h);

    public Tensor Tanh() => New(Native.gl_tanh(Handle, out TensorHandle h), h);

    public Tensor Sigmoid() => New(Native.gl_sigmoid(Handle, out TensorHandle h), h);

    public Tensor Relu() => New(Native.gl_relu(Handle, out TensorHandle h), h);

    /// <summary>x·Φ(x), the exact form with erf.</summary>
    public Tensor Gelu() => New(Native.gl_gelu(Handle, out TensorHandle h), h);

    public Tensor Silu() => New(Native.gl_silu(Handle, out TensorHandle h), h);

    public Tensor IsFinite() => New(Native.gl_isfinite(Handle, out TensorHandle h), h);

    public Tensor MatMul(Tensor other) => New(Native.gl_matmul(Handle, other.Handle, out TensorHandle h), h);

    /// <summary>[R, N, K] · [R, K, M] -> [R, N, M].</summary>
    public Tensor BatchedMatMul(Tensor other) => New(Native.gl_bmm(Handle, other.Handle, out TensorHandle h), h);

    public Tensor Sum() => New(Native.gl_sum(Handle, out TensorHandle h), h);

    public Tensor Mean() => New(Native.gl_mean(Handle, out TensorHandle h), h);

    public Tensor Sum(ReadOnlySpan<long> over, bool keep = false) =>
        New(Native.gl_sum_dim(Handle, over, over.Length, keep ? 1 : 0, out TensorHandle h), h);

    public Tensor Mean(ReadOnlySpan<long> over, bool keep = false) =>
        New(Native.gl_mean_dim(Handle, over, over.Length, keep ? 1 : 0, out TensorHandle h), h);

    public Tensor ArgMax(long dim) => New(Native.gl_argmax(Handle, dim, out TensorHandle h), h);

    public Tensor Softmax(long dim) => New(Native.gl_softmax(Handle, dim, out TensorHandle h), h);

    public Tensor LogSoftmax(long dim) => New(Native.gl_log_softmax(Handle, dim, out TensorHandle h), h);
}
