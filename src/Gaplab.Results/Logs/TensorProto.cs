// A scalar out of TensorFlow's message of a tensor.
using System.Buffers.Binary;
using Gaplab.Results.Wire;

namespace Gaplab.Results.Logs;

/// <summary>Reads a tensor of rank 0 that holds a number; scalars of TensorFlow 2 are written so.</summary>
/// <remarks>tensorflow/core/framework/tensor.proto and types.proto: the fields and the numbers of the types.</remarks>
internal static class TensorProto
{
    private const int Float = 1,
        Double = 2,
        Int32 = 3,
        UInt8 = 4,
        Int16 = 5,
        Int8 = 6,
        Int64 = 9,
        BFloat16 = 14,
        UInt16 = 17,
        Half = 19,
        UInt32 = 22,
        UInt64 = 23;

    /// <summary>Null when it has dimensions, or holds no number.</summary>
    public static double? Scalar(ReadOnlySpan<byte> message)
    {
        int type = 0;
        ReadOnlySpan<byte> content = [];
        double? listed = null;
        var fields = new ProtobufFields(message);
        while (fields.Next())
            switch (fields.Number)
            {
                case 1:
                    type = (int)fields.Bits;
                    break;
                case 2 when HasDimensions(fields.Bytes):
                    return null;
                case 4:
                    content = fields.Bytes;
                    break;
                case 5: // float
                    listed = fields.Wire == 5 ? fields.Single : First(fields.Bytes, 4, BinaryPrimitives.ReadSingleLittleEndian);
                    break;
                case 6: // double
                    listed = fields.Wire == 1 ? fields.Double : First(fields.Bytes, 8, BinaryPrimitives.ReadDoubleLittleEndian);
                    break;
                case 7 or 10: // int32 and smaller, int64
                    listed = Varint(fields) is { } whole ? (long)whole : null;
                    break;
                case 13: // half and bfloat16, by their bits
                    listed = Varint(fields) is { } bits ? OfBits(type, (ushort)bits) : null;
                    break;
                case 16 or 17: // uint32, uint64
                    listed = Varint(fields);
                    break;
            }
        if (fields.IsBroken || !IsNumber(type))
            return null;
        // A list that is left out stands for zero.
        return content.IsEmpty ? listed ?? 0 : OfContent(type, content);
    }

    private static bool IsNumber(int type) =>
        type is Float or Double or Int32 or UInt8 or Int16 or Int8 or Int64 or BFloat16 or UInt16 or Half or UInt32 or UInt64;

    private static bool HasDimensions(ReadOnlySpan<byte> shape)
    {
        var fields = new ProtobufFields(shape);
        while (fields.Next())
            if (fields.Number is 2 or 3) // a dimension, or an unknown rank
                return true;
        return fields.IsBroken;
    }

    private delegate T Reader<T>(ReadOnlySpan<byte> bytes);

    private static double? First<T>(ReadOnlySpan<byte> packed, int size, Reader<T> read)
        where T : IConvertible => packed.Length >= size ? read(packed).ToDouble(null) : null;

    private static ulong? Varint(ProtobufFields field)
    {
        if (field.Wire == 0)
            return field.Bits;
        ReadOnlySpan<byte> packed = field.Bytes;
        return ProtobufFields.Varint(ref packed, out ulong value) ? value : null;
    }

    private static double OfBits(int type, ushort bits) =>
        type == BFloat16 ? BitConverter.UInt32BitsToSingle((uint)bits << 16) : (double)BitConverter.UInt16BitsToHalf(bits);

    private static double? OfContent(int type, ReadOnlySpan<byte> bytes) =>
        (type, bytes.Length) switch
        {
            (Float, 4) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            (Double, 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            (Int32, 4) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            (Int64, 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            (UInt32, 4) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            (UInt64, 8) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            (Int16, 2) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            (UInt16, 2) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            (Half or BFloat16, 2) => OfBits(type, BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            (UInt8, 1) => bytes[0],
            (Int8, 1) => (sbyte)bytes[0],
            _ => null,
        };
}
