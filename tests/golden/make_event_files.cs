#:package TorchSharp@0.107.0
#:property PublishAot=false
// Event files of TensorBoard with the messages that TorchSharp has of TensorFlow's own definitions, encoded by Google's library.
//
//     cp tests/golden/make_event_files.cs FOLDER; dotnet run FOLDER/make_event_files.cs tests/golden/event-files
//
// (Outside the tree, whose packages are pinned in one place.) It writes scalars.tfevents, with the messages of PyTorch's add_scalar and a
// text among them, and tensors.tfevents, in which every type of number stands as a list and as bytes, as TensorFlow 2 writes values. The
// tests say what was put in.
using Google.Protobuf;
using Tensorboard;

string folder = Path.GetFullPath(args[0]);
Directory.CreateDirectory(folder);

var scalars = new List<Event>
{
    new() { WallTime = 1_700_000_000.25, FileVersion = "brain.Event:2" },
};
(float Train, float Validation)[] losses = [(4.5f, 4.75f), (2.25f, 2.5f), (float.NaN, float.PositiveInfinity), (0, -1e-30f)];
for (int i = 0; i < losses.Length; i++)
{
    scalars.Add(Of(i, new() { Tag = "Loss/train", SimpleValue = losses[i].Train }));
    scalars.Add(Of(i, new() { Tag = "Loss/validation", SimpleValue = losses[i].Validation }));
}
var text = new TensorProto { Dtype = DataType.DtString, TensorShape = new() };
text.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = 1 });
text.StringVal.Add(ByteString.CopyFromUtf8("a text is no value"));
scalars.Add(Of(3, new() { Tag = "note/text_summary", Tensor = text }));
scalars.Add(
    Of(
        3,
        new()
        {
            Tag = "_hparams_/session_start_info",
            Metadata = new() { DisplayName = "no value" },
        }
    )
);
Write("scalars.tfevents", scalars);

var tensors = new List<Event>();
Tensor("float", DataType.DtFloat, t => t.FloatVal.Add(1.5f), BitConverter.GetBytes(1.5f));
Tensor("double", DataType.DtDouble, t => t.DoubleVal.Add(1e-300), BitConverter.GetBytes(1e-300));
Tensor("int32", DataType.DtInt32, t => t.IntVal.Add(-7), BitConverter.GetBytes(-7));
Tensor("int64", DataType.DtInt64, t => t.Int64Val.Add(1L << 40), BitConverter.GetBytes(1L << 40));
Tensor("uint32", DataType.DtUint32, t => t.Uint32Val.Add(uint.MaxValue), BitConverter.GetBytes(uint.MaxValue));
Tensor("uint64", DataType.DtUint64, t => t.Uint64Val.Add(1UL << 41), BitConverter.GetBytes(1UL << 41));
Tensor("int16", DataType.DtInt16, t => t.IntVal.Add(-300), BitConverter.GetBytes((short)-300));
Tensor("uint16", DataType.DtUint16, t => t.IntVal.Add(60_000), BitConverter.GetBytes((ushort)60_000));
Tensor("int8", DataType.DtInt8, t => t.IntVal.Add(-1), [0xFF]);
Tensor("uint8", DataType.DtUint8, t => t.IntVal.Add(255), [0xFF]);
Tensor("half", DataType.DtHalf, t => t.HalfVal.Add(0x3E00), BitConverter.GetBytes((Half)1.5));
Tensor("bfloat16", DataType.DtBfloat16, t => t.HalfVal.Add(0x3FC0), [0xC0, 0x3F]);

// What is no number, or more than one.
Tensor("bool", DataType.DtBool, t => t.BoolVal.Add(true), [1]);
Tensor("string", DataType.DtString, t => t.StringVal.Add(ByteString.CopyFromUtf8("7")), [7]);
Tensor("vector", DataType.DtFloat, t => t.FloatVal.Add(1.5f), BitConverter.GetBytes(1.5f), 1);
Tensor("none", DataType.DtInvalid, _ => { }, []);
Write("tensors.tfevents", tensors);

static Event Of(int at, Summary.Types.Value value)
{
    var summary = new Summary();
    summary.Value.Add(value);
    return new()
    {
        WallTime = 1_700_000_000.25 + at,
        Step = 100 * at,
        Summary = summary,
    };
}

// The same value at step 0 as a list, and at step 100 as bytes.
void Tensor(string tag, DataType type, Action<TensorProto> list, byte[] bytes, params long[] shape)
{
    for (int at = 0; at < 2; at++)
    {
        var tensor = new TensorProto { Dtype = type, TensorShape = new() };
        tensor.TensorShape.Dim.AddRange(shape.Select(size => new TensorShapeProto.Types.Dim { Size = size }));
        if (at == 0)
            list(tensor);
        else
            tensor.TensorContent = ByteString.CopyFrom(bytes);
        var metadata = new SummaryMetadata { PluginData = new() { PluginName = "scalars" } };
        tensors.Add(
            Of(
                at,
                new()
                {
                    Tag = tag,
                    Tensor = tensor,
                    Metadata = metadata,
                }
            )
        );
    }
}

void Write(string name, IEnumerable<Event> events)
{
    using FileStream file = File.Create(Path.Combine(folder, name));
    foreach (byte[] data in events.Select(e => e.ToByteArray()))
    {
        byte[] length = BitConverter.GetBytes((ulong)data.Length);
        file.Write([.. length, .. BitConverter.GetBytes(Checksum(length)), .. data, .. BitConverter.GetBytes(Checksum(data))]);
    }
}

// CRC-32C, bit by bit, masked.
static uint Checksum(byte[] bytes)
{
    uint crc = uint.MaxValue;
    foreach (byte b in bytes)
    {
        crc ^= b;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
}
