// The hyper-parameters in TensorBoard's event files, as its plugin "hparams" keeps them.
using System.Globalization;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Results.Logs;
using Gaplab.Results.Wire;

namespace Gaplab.Results.Folders;

/// <summary>Reads the event whose tag is <c>_hparams_/session_start_info</c>.</summary>
/// <remarks>tensorboard/plugins/hparams/plugin_data.proto: HParamsPluginData has session_start_info 3, of which hparams 1 is a map (key 1,
/// value 2) to google.protobuf.Value (number 2, string 3, bool 4). It stands in the content (2) of the plugin's data (1) of a value's
/// metadata (9).</remarks>
internal static class HyperParameters
{
    private const string Tag = "_hparams_/session_start_info";

    /// <summary>Records that are looked at: the settings are written first.</summary>
    private const int MostRecords = 200;

    public static void Read(string path, string relative, RunConfig config)
    {
        try
        {
            LogFile
                .At(path, relative)
                .Reading(stream => RecordFile.Read(stream, (_, record) => Event(record.Span, config), (_, _) => { }, MostRecords));
        }
        catch (InputException)
        {
            // The reader of the log says so.
        }
    }

    private static void Event(ReadOnlySpan<byte> message, RunConfig config)
    {
        var fields = new ProtobufFields(message);
        while (fields.Next())
            if (fields is { Number: 5, Wire: 2 })
            {
                var summary = new ProtobufFields(fields.Bytes);
                while (summary.Next())
                    if (summary is { Number: 1, Wire: 2 })
                        Value(summary.Bytes, config);
            }
    }

    private static void Value(ReadOnlySpan<byte> message, RunConfig config)
    {
        bool isStart = false;
        ReadOnlySpan<byte> content = [];
        var fields = new ProtobufFields(message);
        while (fields.Next())
            if (fields is { Number: 1, Wire: 2 })
                isStart = fields.Bytes.SequenceEqual(Encoding.UTF8.GetBytes(Tag));
            else if (fields is { Number: 9, Wire: 2 })
                content = In(In(fields.Bytes, 1), 2);
        if (!isStart)
            return;
        var start = new ProtobufFields(In(content, 3));
        while (start.Next())
            if (start is { Number: 1, Wire: 2 })
                config.Add(Encoding.UTF8.GetString(In(start.Bytes, 1)), Text(In(start.Bytes, 2)));
    }

    private static string Text(ReadOnlySpan<byte> value)
    {
        var fields = new ProtobufFields(value);
        while (fields.Next())
            switch (fields.Number)
            {
                case 2 when fields.Wire == 1:
                    return fields.Double.ToString("R", CultureInfo.InvariantCulture);
                case 3 when fields.Wire == 2:
                    return Encoding.UTF8.GetString(fields.Bytes);
                case 4 when fields.Wire == 0:
                    return fields.Bits != 0 ? "true" : "false";
            }
        return "";
    }

    /// <summary>The content of the first field of a number; empty where there is none.</summary>
    private static ReadOnlySpan<byte> In(ReadOnlySpan<byte> message, int number)
    {
        var fields = new ProtobufFields(message);
        while (fields.Next())
            if (fields.Number == number && fields.Wire == 2)
                return fields.Bytes;
        return [];
    }
}
