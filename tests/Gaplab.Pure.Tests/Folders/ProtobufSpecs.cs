// The reader of protobuf's wire format, held against Google's.
using CsCheck;
using Gaplab.Results.Wire;
using Google.Protobuf;

namespace Gaplab.Pure.Tests.Folders;

public sealed class ProtobufSpecs
{
    private sealed record Field(int Number, int Wire, ulong Bits, byte[] Bytes);

    private static readonly Gen<Field> s_field = Gen.Select(
        Gen.Int[1, (1 << 29) - 1],
        FixedSeeds.OneOf(0, 1, 2, 5),
        Gen.ULong,
        Gen.Byte.Array[0, 40],
        (number, wire, bits, bytes) =>
            new Field(
                number,
                wire,
                wire == 5 ? (uint)bits
                    : wire == 2 ? 0
                    : bits,
                wire == 2 ? bytes : []
            )
    );

    [Fact]
    public void Every_field_that_Google_s_library_writes_is_read_as_it_was() =>
        FixedSeeds.Check(
            s_field.Array[0, 20],
            200,
            fields =>
            {
                var stream = new MemoryStream();
                var output = new CodedOutputStream(stream);
                foreach (Field field in fields)
                {
                    output.WriteTag(field.Number, (WireFormat.WireType)field.Wire);
                    switch (field.Wire)
                    {
                        case 0:
                            output.WriteUInt64(field.Bits);
                            break;
                        case 1:
                            output.WriteFixed64(field.Bits);
                            break;
                        case 2:
                            output.WriteBytes(ByteString.CopyFrom(field.Bytes));
                            break;
                        default:
                            output.WriteFixed32((uint)field.Bits);
                            break;
                    }
                }
                output.Flush();
                var read = new ProtobufFields(stream.ToArray());
                foreach (Field field in fields)
                {
                    Assert.True(read.Next());
                    Assert.Equal((field.Number, field.Wire, field.Bits), (read.Number, read.Wire, read.Bits));
                    Assert.Equal(field.Bytes, read.Bytes.ToArray());
                }
                Assert.False(read.Next());
                Assert.False(read.IsBroken);
            }
        );

    [Fact]
    public void Bytes_that_are_no_message_end_as_broken_where_Google_s_library_refuses_them() =>
        FixedSeeds.Check(
            Gen.Byte.Array[0, 30],
            2000,
            bytes =>
            {
                var read = new ProtobufFields(bytes);
                int fields = 0;
                while (read.Next())
                    Assert.True(++fields <= bytes.Length);
                if (!read.IsBroken)
                    Assert.True(Accepts(bytes) || HasNumberZero(bytes));
            }
        );

    /// <summary>Field 0 is none; Google's reader refuses it, ours passes over it as over every unknown field.</summary>
    private static bool HasNumberZero(byte[] bytes)
    {
        var read = new ProtobufFields(bytes);
        while (read.Next())
            if (read.Number <= 0 || read.Number >= 1 << 29)
                return true;
        return false;
    }

    private static bool Accepts(byte[] bytes)
    {
        try
        {
            var input = new CodedInputStream(bytes);
            while (input.ReadTag() != 0)
                input.SkipLastField();
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
