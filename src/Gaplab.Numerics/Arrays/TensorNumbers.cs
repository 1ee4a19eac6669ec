// The numbers of a safetensors file as doubles, whatever floating-point type they have there.
using Gaplab.Numerics.Files;

namespace Gaplab.Numerics.Arrays;

/// <summary>Reads tensors of F16, BF16, F32 and F64.</summary>
public static class TensorNumbers
{
    private const int Piece = 1 << 20;

    /// <summary>Whether a tensor's numbers are floating-point ones.</summary>
    public static bool AreFloating(TensorType type) => type is TensorType.F16 or TensorType.BF16 or TensorType.F32 or TensorType.F64;

    /// <summary>All numbers of a tensor, row-major.</summary>
    /// <exception cref="InputException">No such tensor, or one that ends early.</exception>
    public static void Read(SafetensorsReader reader, string name, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ElementType type = Enum.Parse<ElementType>(reader.Entry(name).Type.ToString(), ignoreCase: true);
        int size = type.Size();
        byte[] bytes = new byte[Math.Min(Piece, values.Length) * size];
        for (int at = 0; at < values.Length; at += Piece)
        {
            Span<double> part = values.Slice(at, Math.Min(Piece, values.Length - at));
            Span<byte> raw = bytes.AsSpan(0, part.Length * size);
            reader.ReadBytes(name, raw, (long)at * size);
            ElementTypes.Decode(type, raw, bigEndian: false, part);
        }
    }
}
