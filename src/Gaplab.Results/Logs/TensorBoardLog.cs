// Reads the scalars of TensorBoard's event files, as PyTorch, TensorFlow and Lightning write them.
using System.Text;
using Gaplab.Numerics;
using Gaplab.Results.Wire;

namespace Gaplab.Results.Logs;

/// <summary>The reader of events.out.tfevents.*: records, each an event with a step, a time and values by tag.</summary>
/// <remarks>tensorflow/core/util/event.proto: wall_time 1, step 2, file_version 3, summary 5; summary.proto: value 1 with tag 1,
/// simple_value 2, tensor 8. PyTorch writes simple_value, TensorFlow 2 tensors.</remarks>
internal static class TensorBoardLog
{
    /// <summary>Tags of the plugin of that name: a message stands in their metadata, and their value is nothing.</summary>
    private const string HyperParameters = "_hparams_/";

    private static void Read(LogFile file, MetricLogBuilder log)
    {
        long whole = 0;
        file.Reading(stream =>
            whole = RecordFile.Read(
                stream,
                (number, record) =>
                {
                    if (!Event(record.Span, log))
                        log.SetAside($"record {number}", "no event");
                },
                log.SetAside
            )
        );
        if (whole == 0)
            throw new InputException($"{file.Relative}: no whole record; expected an event file of TensorBoard");
    }

    private static bool Event(ReadOnlySpan<byte> message, MetricLogBuilder log)
    {
        double? time = null;
        long step = 0;
        var event_ = new ProtobufFields(message);
        var values = new List<(string, double)>();
        while (event_.Next())
            switch (event_.Number)
            {
                case 1 when event_.Wire == 1:
                    time = event_.Double;
                    break;
                case 2:
                    step = (long)event_.Bits;
                    break;
                case 5 when event_.Wire == 2:
                    var summary = new ProtobufFields(event_.Bytes);
                    while (summary.Next())
                        if (summary.Number == 1 && Value(summary.Bytes) is { } value)
                            values.Add(value);
                    if (summary.IsBroken)
                        return false;
                    break;
            }
        if (event_.IsBroken)
            return false;
        if (values.Count == 0)
            return true;
        var position = new MetricPosition { Step = step, WallTime = time };
        foreach ((string tag, double value) in values)
            log.Add(tag, value, position);
        return true;
    }

    private static (string Tag, double Value)? Value(ReadOnlySpan<byte> message)
    {
        string tag = "";
        double? value = null;
        var fields = new ProtobufFields(message);
        while (fields.Next())
            switch (fields.Number)
            {
                case 1 when fields.Bytes.Length <= MetricNames.Longest:
                    tag = Encoding.UTF8.GetString(fields.Bytes);
                    break;
                case 2 when fields.Wire == 5:
                    value = fields.Single;
                    break;
                case 8:
                    value = TensorProto.Scalar(fields.Bytes);
                    break;
            }
        return tag.Length > 0 && !tag.StartsWith(HyperParameters, StringComparison.Ordinal) && value is { } scalar && !fields.IsBroken
            ? (tag, scalar)
            : null;
    }

    /// <summary>In the order in which the files were begun; their names hold it too, but only to the second.</summary>
    private static IEnumerable<LogFile> Choose(IReadOnlyList<LogFile> files) => files.OrderBy(Begun);

    private static double Begun(LogFile file)
    {
        if (First(file.Head) is not { Length: > 0 } record)
            return double.PositiveInfinity;
        var fields = new ProtobufFields(record);
        while (fields.Next())
            if (fields.Number == 1 && fields.Wire == 1)
                return fields.Double;
        return double.PositiveInfinity;
    }

    /// <summary>The first record, as far as the head holds it; empty where its frame is none.</summary>
    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> head) =>
        head.Length > RecordFile.HeaderLength && RecordFile.Length(head) is { } length
            ? head.Slice(RecordFile.HeaderLength, (int)Math.Min(length, (ulong)(head.Length - RecordFile.HeaderLength)))
            : [];

    public static LogFormat Format { get; } =
        new(file => !First(file.Head).IsEmpty, Read)
        {
            Name = "tensorboard",
            Says =
                "scalars of TensorBoard's event files, those of PyTorch and those of TensorFlow 2; several files of a folder are one run "
                + "that was resumed",
            KnownBy = "the checksum of its first record's length",
            Patterns = ["*tfevents*"],
            Choose = Choose,
            Continues = true,
        };
}
