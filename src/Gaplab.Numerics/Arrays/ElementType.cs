// Element types of arrays in files, and their values as doubles.
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Gaplab.Numerics.Arrays;

/// <summary>Numeric element types that can be read as doubles. 64-bit integers beyond 2⁵³ are rounded.</summary>
public enum ElementType
{
    F16,
    BF16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
}

/// <summary>Sizes and conversion.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) =>
        type switch
        {
            ElementType.I8 or ElementType.U8 or ElementType.Bool => 1,
            ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 2,
            ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
            _ => 8,
        };

    /// <summary>Values from their bytes.</summary>
    /// <param name="type">Of the elements.</param>
    /// <param name="bytes">Size × values of them; changed in place where the byte order is not the machine's.</param>
    /// <param name="bigEndian">Byte order.</param>
    /// <param name="values">Receives the values.</param>
    public static void Decode(ElementType type, Span<byte> bytes, bool bigEndian, Span<double> values)
    {
        if (bytes.Length != (long)values.Length * type.Size())
            throw new ArgumentException($"{bytes.Length} bytes for {values.Length} elements of {type.Size()}", nameof(bytes));
        if (bigEndian == BitConverter.IsLittleEndian)
            Swap(bytes, type.Size());
        switch (type)
        {
            case ElementType.F64:
                MemoryMarshal.Cast<byte, double>(bytes).CopyTo(values);
                break;
            case ElementType.F32:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, float>(bytes), values);
                break;
            case ElementType.F16:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case ElementType.BF16:
                ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                break;
            case ElementType.I8:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, sbyte>(bytes), values);
                break;
            case ElementType.I16:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, short>(bytes), values);
                break;
            case ElementType.I32:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, int>(bytes), values);
                break;
            case ElementType.I64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, long>(bytes), values);
                break;
            case ElementType.U16:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
            case ElementType.U32:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, uint>(bytes), values);
                break;
            case ElementType.U64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, ulong>(bytes), values);
                break;
            default:
                TensorPrimitives.ConvertTruncating<byte, double>(bytes, values);
                break;
        }
    }

    /// <summary>Whole numbers as they are, from their little-endian bytes; nothing is rounded.</summary>
    /// <exception cref="InputException">One of 2⁶³ or more.</exception>
    public static void DecodeWhole(ElementType type, ReadOnlySpan<byte> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = type switch
            {
                ElementType.I8 => (sbyte)bytes[i],
                ElementType.U8 or ElementType.Bool => bytes[i],
                ElementType.I16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]),
                ElementType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]),
                ElementType.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
                ElementType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]),
                ElementType.I64 => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
                ElementType.U64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]) is <= long.MaxValue and var value
                    ? (long)value
                    : throw new InputException("it holds a number of 2^63 or more"),
                _ => throw new ArgumentException($"{type} is no type of whole numbers", nameof(type)),
            };
    }

    /// <summary>As NumPy calls it: "float32".</summary>
    public static string Name(ElementType type) =>
        type switch
        {
            ElementType.F16 => "float16",
            ElementType.BF16 => "bfloat16",
            ElementType.F32 => "float32",
            ElementType.F64 => "float64",
            ElementType.Bool => "bool",
            _ => (type.ToString()[0] == 'I' ? "int" : "uint") + 8 * type.Size(),
        };

    private static void Swap(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                Span<ushort> two = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(two, two);
                break;
            case 4:
                Span<uint> four = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(four, four);
                break;
            case 8:
                Span<ulong> eight = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(eight, eight);
                break;
        }
    }
}
