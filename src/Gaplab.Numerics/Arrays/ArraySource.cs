// A numeric array in a file as lines for the tail panel, read where it lies or forward through a packed stream.
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Arrays;

/// <summary>The first index of an array counts iterations, all others together coordinates; a list, or an array with one iteration, is a
/// list of values.</summary>
/// <remarks>Coordinates are numbered with the last index fastest, whatever runs fastest in memory: an array saved in either order has the
/// same values in the same places.</remarks>
internal abstract class ArraySource : ITailSource, IDisposable
{
    private readonly ArrayLines _lines;
    private readonly long _mostKept;
    private byte[] _bytes = [];
    private double[] _line = [];
    private long _held = -1;

    /// <param name="header">The array's description.</param>
    /// <param name="transposed">The last index counts iterations instead.</param>
    /// <param name="mostKept">Values of the longest line that is kept in memory, where its places lie apart in the file: 256 MiB of
    /// them.</param>
    protected ArraySource(ArrayHeader header, bool transposed, long mostKept = 1 << 25)
    {
        ArgumentNullException.ThrowIfNull(header);
        (Header, _lines, _mostKept) = (header, new ArrayLines(header, transposed), mostKept);
    }

    public ArrayHeader Header { get; }

    public long Iterations => _lines.Iterations;

    public long Coordinates => _lines.Coordinates;

    public bool LinesAreIterations => _lines.AreIterations;

    public void Read(long line, long start, Span<double> destination)
    {
        if (!_lines.Shuffled)
        {
            ReadValues(_lines.PlaceOf(line) * _lines.Length + start, destination);
            return;
        }
        // The places of a line lie apart. A line that memory has room for is read once and kept; of a longer one each value is fetched
        // where it lies.
        if (_lines.Length <= _mostKept)
        {
            if (_held != line)
            {
                if (_line.Length == 0)
                    _line = new double[_lines.Length];
                for (long at = 0; at < _line.Length; at += ArrayLines.Piece)
                    ReadValues(line * _lines.Length + at, _line.AsSpan((int)at, (int)Math.Min(ArrayLines.Piece, _line.Length - at)));
                _held = line;
            }
            for (int i = 0; i < destination.Length; i++)
                destination[i] = _line[_lines.PlaceOf(start + i)];
            return;
        }
        for (int i = 0; i < destination.Length; i++)
            ReadValues(line * _lines.Length + _lines.PlaceOf(start + i), destination.Slice(i, 1));
    }

    /// <summary>Reads values that lie side by side.</summary>
    private void ReadValues(long at, Span<double> values)
    {
        int size = Header.Type.Size(),
            count = values.Length * size;
        if (_bytes.Length < count)
            _bytes = new byte[count];
        Span<byte> bytes = _bytes.AsSpan(0, count);
        ReadBytes(at * size, bytes);
        ElementTypes.Decode(Header.Type, bytes, Header.BigEndian, values);
    }

    /// <summary>Reads bytes of the data from an offset.</summary>
    protected abstract void ReadBytes(long offset, Span<byte> bytes);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }
}

/// <summary>An array that lies in a file as it is.</summary>
internal sealed class FileArray(SafeFileHandle handle, long offset, ArrayHeader header, bool transposed) : ArraySource(header, transposed)
{
    protected override void ReadBytes(long at, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(handle, bytes, offset + at);
            if (read == 0)
                throw new InputException("it was cut while it was read");
            bytes = bytes[read..];
            at += read;
        }
    }

    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>An array that can only be read forward, such as a packed entry; reading backwards begins again.</summary>
internal sealed class ForwardArray(Func<Stream> open, IDisposable owner, ArrayHeader header, bool transposed)
    : ArraySource(header, transposed)
{
    private readonly byte[] _skipped = new byte[1 << 16];
    private Stream? _stream;
    private long _at;

    protected override void ReadBytes(long offset, Span<byte> bytes)
    {
        try
        {
            if (_stream is null || offset < _at)
            {
                _stream?.Dispose();
                (_stream, _at) = (open(), 0);
            }
            while (_at < offset)
            {
                int skipped = _stream.Read(_skipped, 0, (int)Math.Min(_skipped.Length, offset - _at));
                if (skipped == 0)
                    throw new InputException("its packed data end early");
                _at += skipped;
            }
            if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw new InputException("its packed data end early");
            _at += bytes.Length;
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"its packed data are damaged ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _stream?.Dispose();
        owner.Dispose();
        base.Dispose(disposing);
    }
}
