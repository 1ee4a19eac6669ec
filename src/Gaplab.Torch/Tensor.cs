// A tensor: a handle, its shape, and access to its memory. Operations are in the Tensor.*.cs files, in the order of the C ABI.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

/// <summary>An n-dimensional array of libtorch with PyTorch's meaning under C# names. Freed by its <see cref="TensorScope"/> or by
/// Dispose.</summary>
public sealed partial class Tensor : IDisposable
{
    private long[]? _shape;

    internal Tensor(TensorHandle handle)
    {
        Handle = handle;
        TensorScope.Register(this);
    }

    internal TensorHandle Handle { get; }

    internal TensorScope? Scope { get; set; }

    /// <summary>The sizes, outermost first.</summary>
    public ReadOnlySpan<long> Shape
    {
        get
        {
            if (_shape is null)
            {
                long[] sizes = new long[Native.gl_rank(Handle)];
                Native.gl_sizes(Handle, sizes);
                _shape = sizes;
            }
            return _shape;
        }
    }

    public long Size(int dim) => Shape[dim < 0 ? dim + Shape.Length : dim];

    public long Count => Native.gl_numel(Handle);

    public ScalarType Type => (ScalarType)Native.gl_type(Handle);

    public Device Device => Device.Numbered(Native.gl_device(Handle));

    public bool IsContiguous => Native.gl_is_contiguous(Handle) != 0;

    /// <summary>Whether autograd records operations on this tensor. Only a leaf may be told so.</summary>
    public bool RequiresGrad
    {
        get => Native.gl_requires_grad(Handle) != 0;
        set => TorchError.Check(Native.gl_set_requires_grad(Handle, value ? 1 : 0));
    }

    public static Tensor Empty(ReadOnlySpan<long> shape, ScalarType type = ScalarType.Float32, Device? device = null) =>
        New(Native.gl_empty(shape, shape.Length, (int)type, (device ?? Device.Current).Number, out TensorHandle h), h);

    public static Tensor Zeros(ReadOnlySpan<long> shape, ScalarType type = ScalarType.Float32, Device? device = null) =>
        New(Native.gl_zeros(shape, shape.Length, (int)type, (device ?? Device.Current).Number, out TensorHandle h), h);

    public static Tensor Full(ReadOnlySpan<long> shape, double value, ScalarType type = ScalarType.Float32, Device? device = null) =>
        New(Native.gl_full(shape, shape.Length, value, (int)type, (device ?? Device.Current).Number, out TensorHandle h), h);

    /// <summary>A tensor on the thread's device that copies <paramref name="data"/>, row-major.</summary>
    public static Tensor From<T>(ReadOnlySpan<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        long count = 1;
        foreach (long size in shape)
            count *= size;
        if (count != data.Length)
            throw new ArgumentException($"{data.Length} values cannot fill a tensor of {count}.", nameof(data));
        Tensor near = New(Native.gl_from_data(MemoryMarshal.AsBytes(data), shape, shape.Length, (int)TypeOf<T>(), out TensorHandle h), h);
        if (Device.Current.IsCpu)
            return near;
        using (near)
            return near.ToDevice(Device.Current);
    }

    /// <summary>The memory of a contiguous CPU tensor; valid while the tensor lives.</summary>
    public unsafe Span<T> Span<T>()
        where T : unmanaged
    {
        if (Type != TypeOf<T>())
            throw new InvalidOperationException($"The tensor holds {Type}, not {typeof(T).Name}.");
        if (!Device.IsCpu || !IsContiguous)
            throw new InvalidOperationException(
                "Only a contiguous CPU tensor can be seen as a span; call Contiguous() or ToDevice() first."
            );
        TorchError.Check(Native.gl_data(Handle, out nint data));
        return new Span<T>((void*)data, checked((int)Count));
    }

    /// <summary>One row r of a contiguous CPU tensor [R, …]; rows may be of more than 2³¹ bytes in all.</summary>
    public unsafe Span<T> Row<T>(long row)
        where T : unmanaged
    {
        if (Type != TypeOf<T>())
            throw new InvalidOperationException($"The tensor holds {Type}, not {typeof(T).Name}.");
        if (!Device.IsCpu || !IsContiguous)
            throw new InvalidOperationException("Only a contiguous CPU tensor can be seen as rows; call Contiguous() or ToDevice() first.");
        long length = Size(0) == 0 ? 0 : Count / Size(0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)row, (ulong)Size(0), nameof(row));
        TorchError.Check(Native.gl_data(Handle, out nint data));
        return new Span<T>((byte*)data + row * length * sizeof(T), checked((int)length));
    }

    /// <summary>A copy of the values in the tensor's own type, row-major.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using Tensor dense = ToDevice(Device.Cpu);
        using Tensor contiguous = dense.Contiguous();
        return contiguous.Span<T>().ToArray();
    }

    /// <summary>A copy of the values as doubles, whatever the element type.</summary>
    public double[] ToDoubles()
    {
        using Tensor doubles = ToType(ScalarType.Float64);
        return doubles.ToArray<double>();
    }

    /// <summary>The one value of a tensor of one element.</summary>
    public double Item()
    {
        if (Count != 1)
            throw new InvalidOperationException($"Item() takes a tensor of one element; this one has {Count}.");
        return ToDoubles()[0];
    }

    public void Dispose() => Handle.Dispose();

    public override string ToString() => $"Tensor {Type} [{string.Join(", ", Shape.ToArray())}] on {Device}";

    private static ScalarType TypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? ScalarType.Float32
        : typeof(T) == typeof(double) ? ScalarType.Float64
        : typeof(T) == typeof(long) ? ScalarType.Int64
        : typeof(T) == typeof(int) ? ScalarType.Int32
        : typeof(T) == typeof(bool) ? ScalarType.Bool
        : throw new NotSupportedException($"No tensor holds {typeof(T).Name}.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Tensor New(int status, TensorHandle handle)
    {
        TorchError.Check(status);
        return new Tensor(handle);
    }
}
