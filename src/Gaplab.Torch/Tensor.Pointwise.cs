// Further pointwise functions, and the triangular systems of chunked recurrences.
namespace Gaplab.Torch;

public sealed partial class Tensor
{
    /// <summary>x where positive, else eˣ − 1 (Clevert, Unterthiner and Hochreiter 2016).</summary>
    public Tensor Elu() => New(Native.gl_elu(Handle, out TensorHandle h), h);

    /// <summary>ln(1 + eˣ), without overflow.</summary>
    public Tensor Softplus() => New(Native.gl_softplus(Handle, out TensorHandle h), h);

    /// <summary>x where positive, else <paramref name="slope"/>·x.</summary>
    public Tensor LeakyRelu(double slope) => New(Native.gl_leaky_relu(Handle, slope, out TensorHandle h), h);

    /// <summary>(I + L)⁻¹·<paramref name="right"/>, where L is the part of this [F, C, C] below its diagonal; right [F, C, D].</summary>
    public Tensor SolveUnitLower(Tensor right) => New(Native.gl_solve_unit_lower(Handle, right.Handle, out TensorHandle h), h);
}
