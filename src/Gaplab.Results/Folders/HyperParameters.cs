// The hyper-parameters in TensorBoard's event files, as its plugin "hparams" keeps them.
using System.Globalization;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Results.Logs;
using Gaplab.Results.Wire;

namespace Gaplab.Results.Folders;

/// <summary>Reads the events whose tags are <c>_hparams_/session_start_info</c> and <c>_hparams_/session_end_info</c>.</summary>
/// <remarks>tensorboard/plugins/hparams/plugin_data.proto: HParamsPluginData has session_start_info 3, of which hparams 1 is a map (key 1,
/// value 2) to google.protobuf.Value (number 2, string 3, bool 4), and session_end_info 4 with the status 1 (failure: 2). It stands in the
/// content (2) of the plugin's data (1) of a value's metadata (9).</remarks>
internal static class HyperParameters
{
    private static readonly byte[] s_start = "_hparams_/session_start_info"u8.ToArray(),
        s_end = "_hparams_/session_end_info"u8.ToArray();

    private const ulong Failure = 2;

    /// <summary>Records that are looked at: the settings are written first.</summary>
    private const int MostRecords = 200;

    /// <returns>Whether the file says that its run failed.</returns>
    public static bool Read(string path, string relative, RunConfig config)
    {
        bool started = false,
            failed = false;
        void Each(long most, Content found) =>
            LogFile.At(path, relative).Reading(stream => RecordFile.Read(stream, (_, r) => Event(r.Span, found), (_, _) => { }, most));
        try
        {
            Each(
                MostRecords,
                (tag, content) =>
                {
                    if (!tag.SequenceEqual(s_start))
                        return;
                    started = true;
                    Settings(content, config);
                }
            );
            // The end stands behind all scalars, and only where there is a start.
            if (started)
                Each(
                    long.MaxValue,
                    (tag, content) =>
                    {
                        if (tag.SequenceEqual(s_end))
                            failed = Status(content) == Failure;
                    }
                );
        }
        catch (InputException)
        {
            // The reader of the log says so.
        }
        return failed;
    }

    /// <summary>What a value's tag is and what its plugin keeps with it.</summary>
    private delegate void Content(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> content);

    private static void Event(ReadOnlySpan<byte> message, Content found)
    {
        var fields = new ProtobufFields(message);
        while (fields.Next())
            if (fields is { Number: 5, Wire: 2 })
            {
                var summary = new ProtobufFields(fields.Bytes);
                while (summary.Next())
                    if (summary is { Number: 1, Wire: 2 })
                        Value(summary.Bytes, found);
            }
    }

    private static void Value(ReadOnlySpan<byte> message, Content found)
    {
        ReadOnlySpan<byte> tag = [],
            content = [];
        var fields = new ProtobufFields(message);
        while (fields.Next())
            if (fields is { Number: 1, Wire: 2 })
                tag = fields.Bytes;
            else if (fields is { Number: 9, Wire: 2 })
                content = In(In(fields.Bytes, 1), 2);
        if (!content.IsEmpty)
            found(tag, content);
    }

    private static ulong Status(ReadOnlySpan<byte> content)
    {
        var end = new ProtobufFields(In(content, 4));
        while (end.Next())
            if (end is { Number: 1, Wire: 0 })
                return end.Bits;
        return 0;
    }

    private static void Settings(ReadOnlySpan<byte> content, RunConfig config)
    {
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
