// A numeric array in a file as lines for the tail panel, read where it lies or forward through a packed stream.
using Gaplab.Numerics.Tails;
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Arrays;

/// <summary>The first index of an array counts iterations, all others together coordinates; a list, or an array with one iteration, is a list of values.</summary>
public abstract class ArraySource : ITailSource, IDisposable
{
    private byte[] _bytes = [];

    /// <param name="header">The array's description.</param>
    /// <param name="transposed">The last index counts iterations instead.</param>
    protected ArraySource(ArrayHeader header, bool transposed)
    {
        ArgumentNullException.ThrowIfNull(header);
        Header = header;
        IReadOnlyList<long> shape = header.Shape;
        if (shape.Count == 0) throw new InputException("it holds one value; the tail panel needs many");
        long iterations = transposed ? shape[^1] : shape[0];
        if (header.Count == 0) throw new InputException($"its shape ({string.Join(", ", shape)}) holds no values");
        long coordinates = header.Count / iterations;
        bool list = iterations == 1 || coordinates == 1;
        (Iterations, Coordinates) = list ? (header.Count, 1) : (iterations, coordinates);
        LinesAreIterations = !list && header.Fortran == transposed;
    }

    public ArrayHeader Header { get; }

    public long Iterations { get; }

    public long Coordinates { get; }

    public bool LinesAreIterations { get; }

    public void Read(long line, long start, Span<double> destination)
    {
        int size = Header.Type.Size(), count = destination.Length * size;
        if (_bytes.Length < count) _bytes = new byte[count];
        Span<byte> bytes = _bytes.AsSpan(0, count);
        ReadBytes((line * (LinesAreIterations ? Coordinates : Iterations) + start) * size, bytes);
        ElementTypes.Decode(Header.Type, bytes, Header.BigEndian, destination);
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
            if (read == 0) throw new InputException("it was cut while it was read");
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
internal sealed class ForwardArray(Func<Stream> open, IDisposable owner, ArrayHeader header, bool transposed) : ArraySource(header, transposed)
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
                if (skipped == 0) throw new InputException("its packed data end early");
                _at += skipped;
            }
            if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InputException("its packed data end early");
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
