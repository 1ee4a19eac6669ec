// Element types and devices, numbered as libtorch numbers them.
namespace Gaplab.Torch;

/// <summary>The element type of a tensor; the values are c10::ScalarType's.</summary>
public enum ScalarType
{
    Int32 = 3,
    Int64 = 4,
    Float32 = 6,
    Float64 = 7,
    Bool = 11,
}

/// <summary>Where a tensor lives: the CPU or one CUDA device.</summary>
public readonly record struct Device(int CudaIndex)
{
    public static Device Cpu => new(-1);

    public static Device Cuda(int index) => new(index);

    public bool IsCpu => CudaIndex < 0;

    public override string ToString() => IsCpu ? "cpu" : $"cuda:{CudaIndex}";
}
