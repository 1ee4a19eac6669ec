// Rows [R, N] changed in place and outside autograd, and what can be said of each: what an optimizer needs on a device.
namespace Gaplab.Torch;

public sealed partial class Tensor
{
    /// <summary>this *= other, by the rules of broadcasting.</summary>
    public void MultiplyInPlace(Tensor other) => TorchError.Check(Native.gl_mul_(Handle, HandleOf(other)));

    /// <summary>this *= s.</summary>
    public void MultiplyInPlace(double s) => TorchError.Check(Native.gl_mul_scalar_(Handle, s));

    /// <summary>this += s.</summary>
    public void AddInPlace(double s) => TorchError.Check(Native.gl_add_scalar_(Handle, s));

    /// <summary>this /= other, by the rules of broadcasting.</summary>
    public void DivideInPlace(Tensor other) => TorchError.Check(Native.gl_div_(Handle, HandleOf(other)));

    /// <summary>this += alpha · a ∘ b, by the rules of broadcasting.</summary>
    public void AddProductInPlace(Tensor a, Tensor b, double alpha = 1) =>
        TorchError.Check(Native.gl_add_product_(Handle, HandleOf(a), HandleOf(b), alpha));

    /// <summary>this = √this.</summary>
    public void SqrtInPlace() => TorchError.Check(Native.gl_sqrt_(Handle));

    /// <summary>this = sgn(this), sgn(0) = 0; NaN stays NaN.</summary>
    public void SignInPlace() => TorchError.Check(Native.gl_sign_(Handle));

    /// <summary>Each row of this [R, N] into ±<paramref name="limit"/> [R, 1]; NaN stays NaN.</summary>
    public void ClipInPlace(Tensor limit) => TorchError.Check(Native.gl_clip_(Handle, HandleOf(limit)));

    /// <summary>‖row‖₂ of each row of this [R, N], added up in double: float64 [R].</summary>
    public Tensor RowNorms() => New(Native.gl_row_norms(Handle, out TensorHandle h), h);

    /// <summary>The k-th (from 0) largest magnitude of each row of this [R, N]: [R]. NaN counts as larger than every number.</summary>
    public Tensor RowMagnitudes(long k) => New(Native.gl_row_magnitudes(Handle, k, out TensorHandle h), h);

    /// <summary>How many magnitudes in each row of this [R, N] lie above <paramref name="limit"/> [R, 1]: int64 [R].</summary>
    public Tensor RowCounts(Tensor limit) => New(Native.gl_row_counts(Handle, HandleOf(limit), out TensorHandle h), h);

    private static TensorHandle HandleOf(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Handle;
    }
}
