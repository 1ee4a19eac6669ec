// What a command prints, followed while it runs: the step it is at, the words it ends with, whether a loss has become NaN.
using System.Text;
using Gaplab.Results.Logs;

namespace Gaplab.Studies.Commands;

/// <summary>Reads a growing file of lines from where it left off.</summary>
internal sealed class OutputTail(string path)
{
    private const int Kept = 20,
        MostRead = 1 << 22;

    private readonly Queue<string> _last = new();
    private readonly StringBuilder _line = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private long _position;

    /// <summary>The last step that a line named; null where none did.</summary>
    public long? Step { get; private set; }

    /// <summary>Bytes seen so far.</summary>
    public long Length => _position;

    /// <summary>The last lines, the last last.</summary>
    public IReadOnlyList<string> LastLines => [.. _last, .. _line.Length > 0 ? [_line.ToString()] : (string[])[]];

    /// <summary>Forgets the lines so far, which an earlier attempt printed.</summary>
    public void Forget()
    {
        _last.Clear();
        _line.Clear();
    }

    /// <summary>Reads what has come since.</summary>
    public void Read()
    {
        if (!File.Exists(path))
            return;
#pragma warning disable RS0030 // A file that grows is read from where the reading left off.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
#pragma warning restore RS0030
        if (stream.Length < _position)
            _position = 0;
        // Of a flood the end alone is read.
        if (stream.Length - _position > MostRead)
        {
            _position = stream.Length - MostRead;
            _line.Clear();
        }
        stream.Position = _position;
        byte[] bytes = new byte[64 << 10];
        char[] text = new char[bytes.Length + 2];
        while (stream.Read(bytes) is > 0 and var count)
        {
            _position += count;
            int got = _decoder.GetChars(bytes.AsSpan(0, count), text, flush: false);
            foreach (char c in text.AsSpan(0, got))
                if (c == '\n')
                    Take();
                else if (_line.Length < StandardOutputLine.Longest)
                    _line.Append(c);
        }
    }

    private void Take()
    {
        string line = _line.ToString().TrimEnd('\r');
        _line.Clear();
        if (_last.Count == Kept)
            _last.Dequeue();
        _last.Enqueue(line);
        if (MetricPosition.Of(StandardOutputLine.Values(line)).Step is { } step)
            Step = step;
    }
}
