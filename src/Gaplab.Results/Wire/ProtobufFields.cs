// Goes through the fields of a protobuf message: the wire format alone, without a schema.
using System.Buffers.Binary;

namespace Gaplab.Results.Wire;

/// <summary>A message's fields one after another. Unknown ones are passed over; groups, which nothing writes any more, end it.</summary>
/// <remarks>protobuf.dev, "Encoding". What is malformed ends the message: <see cref="IsBroken"/>.</remarks>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field that <see cref="Next"/> came to.</summary>
    public int Number { get; private set; }

    /// <summary>The content of a field with a length; of the others empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>A varint, or the bits of a fixed field.</summary>
    public ulong Bits { get; private set; }

    /// <summary>0 varint, 1 eight bytes, 2 with a length, 5 four bytes.</summary>
    public int Wire { get; private set; }

    public bool IsBroken { get; private set; }

    public readonly double Double => BitConverter.UInt64BitsToDouble(Bits);

    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)Bits);

    public bool Next()
    {
        Bytes = [];
        Bits = 0;
        if (_rest.IsEmpty)
            return false;
        if (!Varint(ref _rest, out ulong key))
            return Break();
        Number = (int)(key >> 3);
        Wire = (int)(key & 7);
        switch (Wire)
        {
            case 0 when Varint(ref _rest, out ulong value):
                Bits = value;
                return true;
            case 1 when _rest.Length >= 8:
                Bits = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[8..];
                return true;
            case 2 when Varint(ref _rest, out ulong length) && length <= (ulong)_rest.Length:
                Bytes = _rest[..(int)length];
                _rest = _rest[(int)length..];
                return true;
            case 5 when _rest.Length >= 4:
                Bits = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                _rest = _rest[4..];
                return true;
            default:
                return Break();
        }
    }

    private bool Break()
    {
        IsBroken = true;
        _rest = [];
        return false;
    }

    /// <summary>Takes a varint off the front.</summary>
    public static bool Varint(ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10 && i < from.Length; i++)
        {
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
