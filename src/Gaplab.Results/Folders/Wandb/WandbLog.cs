// Reads the log of a run of Weights & Biases, online or offline: its records, of which those that matter are put into the run.
using System.Globalization;
using System.Text;
using Gaplab.Numerics.Files;
using Gaplab.Results.Import;
using Gaplab.Results.Wire;

namespace Gaplab.Results.Folders.Wandb;

/// <summary>The reader of .wandb files.</summary>
/// <remarks>The numbers of the fields are those of wandb_internal.proto in github.com/wandb/wandb. A key stands whole in field 1 of an item
/// or in parts in field 2, its value as JSON in field 16.</remarks>
internal sealed class WandbLog
{
    private static readonly FileLimit s_limit = new("log of Weights & Biases", long.MaxValue);

    private readonly WandbRun _run;
    private readonly List<(long At, string What)> _problems = [];
    private int _unreadable;
    private long _steps;

    private WandbLog(WandbRun run) => _run = run;

    /// <summary>Puts what a log says into a run. What of it cannot be read is set aside with its place; a log that is empty or none is one
    /// entry.</summary>
    public static void Read(string path, WandbRun run, Action<string> setAside)
    {
        var log = new WandbLog(run);
        try
        {
            byte[] head = RegularFile.ReadStart(path, 8, s_limit);
            if (!WandbFrames.IsBegunBy(head))
            {
                run.IsDamaged = true;
                setAside(head.Length == 0 ? "is empty" : "is no log of Weights & Biases");
                return;
            }
            using FileStream stream = RegularFile.Open(path);
            WandbFrames.Read(stream, log.Record, (at, what) => log._problems.Add((at, what)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log._problems.Add((0, $"cannot be read: {e.Message}"));
        }
        run.IsDamaged |= log._problems.Count > 0;
        if (log._problems is [var first, ..])
            setAside(
                string.Create(CultureInfo.InvariantCulture, $"byte {first.At}: {first.What}")
                    + (log._problems.Count > 1 ? $"; {log._problems.Count - 1} more" : "")
            );
        if (log._unreadable > 0)
            setAside($"{log._unreadable} records or values are malformed");
    }

    private void Record(ReadOnlyMemory<byte> bytes)
    {
        var record = new ProtobufFields(bytes.Span);
        while (record.Next())
        {
            if (record.Wire != 2)
                continue;
            bool isWhole = record.Number switch
            {
                2 => History(record.Bytes),
                3 => Items(record.Bytes, 1, Summary),
                5 => Items(record.Bytes, 1, Config),
                17 => Run(record.Bytes),
                18 => Exit(record.Bytes),
                _ => true,
            };
            if (!isWhole)
                _unreadable++;
        }
        if (record.IsBroken)
            _unreadable++;
    }

    private bool Run(ReadOnlySpan<byte> message)
    {
        bool isWhole = true;
        var run = new ProtobufFields(message);
        while (run.Next())
            switch (run.Number)
            {
                case 1:
                    _run.Id = Text(run.Bytes);
                    break;
                case 3:
                    _run.Project = Text(run.Bytes);
                    break;
                case 4:
                    isWhole &= Items(run.Bytes, 1, Config);
                    break;
                case 5:
                    isWhole &= Items(run.Bytes, 1, Summary);
                    break;
                case 8:
                    _run.Name = Text(run.Bytes);
                    break;
                case 12:
                    _run.Sweep = Text(run.Bytes);
                    break;
                case 17:
                    _run.Started = Seconds(run.Bytes);
                    break;
            }
        return isWhole && !run.IsBroken;
    }

    /// <summary>A code that is left out is 0.</summary>
    private bool Exit(ReadOnlySpan<byte> message)
    {
        int code = 0;
        var exit = new ProtobufFields(message);
        while (exit.Next())
            if (exit.Number == 1 && exit.Wire == 0)
                code = (int)exit.Bits;
        if (exit.IsBroken)
            return false;
        _run.ExitCode = code;
        return true;
    }

    private bool History(ReadOnlySpan<byte> message)
    {
        long step = _steps;
        var values = new List<(string Key, double Value)>();
        bool isWhole = true;
        var record = new ProtobufFields(message);
        while (record.Next())
            switch (record.Number)
            {
                case 1:
                    isWhole &= Item(record.Bytes, out string key, out ReadOnlySpan<byte> json);
                    // Times and the like are the tracker's own; of them only the step is a value.
                    if (key == "_step" && Number(json) is { } own && Math.Abs(own) < 1L << 53)
                        step = (long)own;
                    else if (key is ['_', ..] or "")
                        break;
                    else if (Number(json) is { } value)
                        values.Add((key, value));
                    else if (json is [(byte)'{', ..])
                        isWhole &= WandbJson.Flatten(
                            key,
                            Encoding.UTF8.GetString(json),
                            (name, text) =>
                            {
                                if (SweepNumber.Parse(text) is { } nested)
                                    values.Add((name, nested));
                            }
                        );
                    break;
                case 2:
                    var counted = new ProtobufFields(record.Bytes);
                    while (counted.Next())
                        if (counted.Number == 1)
                            step = (long)counted.Bits;
                    break;
            }
        _steps = step + 1;
        foreach ((string key, double value) in values)
            isWhole &= _run.History.Add(key, step, value);
        return isWhole && !record.IsBroken;
    }

    private delegate bool Taker(string key, ReadOnlySpan<byte> json);

    private static bool Items(ReadOnlySpan<byte> message, int number, Taker take)
    {
        bool isWhole = true;
        var items = new ProtobufFields(message);
        while (items.Next())
            if (items.Number == number && items.Wire == 2)
                isWhole &= Item(items.Bytes, out string key, out ReadOnlySpan<byte> json) && take(key, json);
        return isWhole && !items.IsBroken;
    }

    private static bool Item(ReadOnlySpan<byte> message, out string key, out ReadOnlySpan<byte> json)
    {
        key = "";
        json = [];
        var item = new ProtobufFields(message);
        while (item.Next())
            switch (item.Number)
            {
                case 1:
                    key = Text(item.Bytes);
                    break;
                case 2:
                    key = key.Length == 0 ? Text(item.Bytes) : $"{key}.{Text(item.Bytes)}";
                    break;
                case 16:
                    json = item.Bytes;
                    break;
            }
        return !item.IsBroken;
    }

    private bool Config(string key, ReadOnlySpan<byte> json) =>
        IsOwn(key)
        || WandbJson.Flatten(
            key,
            Encoding.UTF8.GetString(json),
            (name, text) =>
            {
                if (_run.Config.ContainsKey(name) || _run.Config.Count < WandbHistory.MostNames)
                    _run.Config[name] = text;
            }
        );

    private bool Summary(string key, ReadOnlySpan<byte> json)
    {
        // What the tracker adds at the end.
        if (key is "_wandb" or "_wandb.runtime")
            _run.HasEnded = true;
        if (IsOwn(key))
            return true;
        if (Number(json) is { } value)
            return _run.Summarise(key, value);
        return json is not [(byte)'{', ..]
            || WandbJson.Flatten(
                key,
                Encoding.UTF8.GetString(json),
                (name, text) =>
                {
                    if (SweepNumber.Parse(text) is { } nested)
                        _run.Summarise(name, nested);
                }
            );
    }

    /// <summary>The tracker's own keys; of them the summary's step says how far the run came.</summary>
    private static bool IsOwn(string key) => key is "" or ['_', ..] && key != "_step";

    /// <summary>A number, or one of the words that stand for those that are not finite, bare or in quotes.</summary>
    private static double? Number(ReadOnlySpan<byte> json)
    {
        if (json.Length is > 0 and <= 64)
        {
            if (double.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                return value;
            ReadOnlySpan<byte> word = json is [(byte)'"', .. var inside, (byte)'"'] ? inside : json;
            if (word.SequenceEqual("NaN"u8))
                return double.NaN;
            if (word.SequenceEqual("Infinity"u8))
                return double.PositiveInfinity;
            if (word.SequenceEqual("-Infinity"u8))
                return double.NegativeInfinity;
        }
        return null;
    }

    private static double Seconds(ReadOnlySpan<byte> timestamp)
    {
        double seconds = 0;
        var fields = new ProtobufFields(timestamp);
        while (fields.Next())
            seconds += fields.Number switch
            {
                1 => (long)fields.Bits,
                2 => (long)fields.Bits * 1e-9,
                _ => 0,
            };
        return seconds;
    }

    /// <summary>A name; one that is too long for a table is none.</summary>
    private static string Text(ReadOnlySpan<byte> bytes) => bytes.Length > TableHeader.LongestName ? "" : Encoding.UTF8.GetString(bytes);
}
