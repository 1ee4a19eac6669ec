// A stream that ends in an error where it should have ended long before.
namespace Gaplab.Studies.Datasets;

/// <summary>Reads another stream forward, at most <paramref name="most"/> bytes of it.</summary>
internal sealed class BoundedStream(Stream inner, long most) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="InvalidDataException">More came than there should be.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        return (_read += read) <= most ? read : throw new InvalidDataException($"it holds more than {most} bytes");
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
