// Writes the fields of a protobuf message: the wire format alone, without a schema.
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Gaplab.Results.Wire;

/// <summary>A message that grows field by field; <see cref="ProtobufFields"/> goes through one.</summary>
/// <remarks>protobuf.dev, "Encoding".</remarks>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The message so far.</summary>
    public ReadOnlySpan<byte> Message => _bytes.WrittenSpan;

    /// <summary>A whole number or an enumeration's.</summary>
    public ProtobufWriter Varint(int number, ulong value)
    {
        Key(number, 0);
        Varint(value);
        return this;
    }

    public ProtobufWriter Double(int number, double value)
    {
        Key(number, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    public ProtobufWriter Single(int number, float value)
    {
        Key(number, 5);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public ProtobufWriter Text(int number, string value) => Bytes(number, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one.</summary>
    public ProtobufWriter Nested(int number, ProtobufWriter message) => Bytes(number, message.Message);

    private ProtobufWriter Bytes(int number, ReadOnlySpan<byte> value)
    {
        Key(number, 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Key(int number, int wire) => Varint((ulong)((number << 3) | wire));

    private void Varint(ulong value)
    {
        Span<byte> bytes = _bytes.GetSpan(10);
        int length = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
