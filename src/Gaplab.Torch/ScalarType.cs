// Element types, numbered as libtorch numbers them.
namespace Gaplab.Torch;

/// <summary>The element type of a tensor; the values are c10::ScalarType's.</summary>
public enum ScalarType
{
    Int32 = 3,
    Int64 = 4,
    Float32 = 6,
    Float64 = 7,
    Bool = 11,
    BFloat16 = 15,
}
