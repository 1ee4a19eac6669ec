// Shape: views and copies that move no arithmetic.
namespace Gaplab.Torch;

public sealed partial class Tensor
{
    public Tensor Reshape(params ReadOnlySpan<long> shape) => New(Native.gl_reshape(Handle, shape, shape.Length, out TensorHandle h), h);

    public Tensor Expand(params ReadOnlySpan<long> shape) => New(Native.gl_expand(Handle, shape, shape.Length, out TensorHandle h), h);

    public Tensor Permute(params ReadOnlySpan<long> order) => New(Native.gl_permute(Handle, order, order.Length, out TensorHandle h), h);

    public Tensor Transpose(long a, long b) => New(Native.gl_transpose(Handle, a, b, out TensorHandle h), h);

    public Tensor Unsqueeze(long dim) => New(Native.gl_unsqueeze(Handle, dim, out TensorHandle h), h);

    public Tensor Squeeze(long dim) => New(Native.gl_squeeze(Handle, dim, out TensorHandle h), h);

    public Tensor Narrow(long dim, long start, long length) => New(Native.gl_narrow(Handle, dim, start, length, out TensorHandle h), h);

    public Tensor Select(long dim, long index) => New(Native.gl_select(Handle, dim, index, out TensorHandle h), h);

    /// <summary>Pieces of the given sizes along <paramref name="dim"/>; the backward of all of them is one concatenation.</summary>
    public Tensor[] Split(ReadOnlySpan<long> sizes, long dim)
    {
        nint[] pointers = new nint[sizes.Length];
        TorchError.Check(Native.gl_split(Handle, sizes, sizes.Length, dim, pointers));
        return Own(pointers);
    }

    public static Tensor Cat(ReadOnlySpan<Tensor> tensors, long dim)
    {
        using var list = new Operands(tensors);
        return New(Native.gl_cat(list.Pointers, tensors.Length, dim, out TensorHandle h), h);
    }

    public static Tensor Stack(ReadOnlySpan<Tensor> tensors, long dim)
    {
        using var list = new Operands(tensors);
        return New(Native.gl_stack(list.Pointers, tensors.Length, dim, out TensorHandle h), h);
    }

    public Tensor Contiguous() => New(Native.gl_contiguous(Handle, out TensorHandle h), h);

    public Tensor Clone() => New(Native.gl_clone(Handle, out TensorHandle h), h);

    /// <summary>The same memory, outside autograd.</summary>
    public Tensor Detach() => New(Native.gl_detach(Handle, out TensorHandle h), h);

    public Tensor ToType(ScalarType type) => New(Native.gl_to_type(Handle, (int)type, out TensorHandle h), h);

    /// <summary>Half-width numbers as float32, for what must not be added up in them; others as they are.</summary>
    public Tensor Widened() => Type == ScalarType.BFloat16 ? ToType(ScalarType.Float32) : this;

    public Tensor ToDevice(Device device) => New(Native.gl_to_device(Handle, device.Number, out TensorHandle h), h);

    /// <summary>Overwrites this tensor's memory with <paramref name="source"/>'s values, outside autograd.</summary>
    public void CopyFrom(Tensor source)
    {
        ArgumentNullException.ThrowIfNull(source);
        TorchError.Check(Native.gl_copy_(Handle, source.Handle));
    }

    public Tensor IndexSelect(long dim, Tensor index) => New(Native.gl_index_select(Handle, dim, index.Handle, out TensorHandle h), h);

    public Tensor Gather(long dim, Tensor index) => New(Native.gl_gather(Handle, dim, index.Handle, out TensorHandle h), h);

    internal static Tensor[] Own(nint[] pointers) => Array.ConvertAll(pointers, p => new Tensor(new TensorHandle(p)));
}

/// <summary>Borrowed pointers of several tensors for one native call; the handles are held open until it returns.</summary>
internal ref struct Operands
{
    private readonly ReadOnlySpan<Tensor> _tensors;
    private readonly nint[] _pointers;

    public Operands(ReadOnlySpan<Tensor> tensors)
    {
        _tensors = tensors;
        _pointers = new nint[tensors.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            bool held = false;
            tensors[i].Handle.DangerousAddRef(ref held);
            _pointers[i] = tensors[i].Handle.DangerousGetHandle();
        }
    }

    public readonly ReadOnlySpan<nint> Pointers => _pointers;

    public readonly void Dispose()
    {
        foreach (Tensor tensor in _tensors)
            tensor.Handle.DangerousRelease();
    }
}
