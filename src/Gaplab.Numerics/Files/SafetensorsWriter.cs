// Writes a safetensors file from spans, as a stream; the file appears only when it is complete.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gaplab.Numerics.Files;

/// <summary>Writes tensors in the order of their entries, each in one piece or several. Without <see cref="Commit"/> no file
/// appears.</summary>
public sealed class SafetensorsWriter : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly IReadOnlyList<TensorEntry> _entries;
    private readonly IncrementalHash? _digest;
    private readonly long _digestAt;
    private int _current;
    private long _written; // bytes of the current entry
    private bool _closed;

    /// <exception cref="InputException">The file cannot be written, or two entries share a name.</exception>
    internal SafetensorsWriter(string path, IReadOnlyList<TensorEntry> entries, IReadOnlyDictionary<string, string>? metadata, bool digest)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (digest)
        {
            // The header is written before the data are known: its place is kept by zeros, as which it enters the digest itself.
            metadata = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>())
            {
                [JsonSeal.Key] = Safetensors.Unwritten,
            };
            _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
        byte[] header = Header(entries, metadata);
        _digestAt = digest ? 8 + Safetensors.DigestOffset(header, Safetensors.Unwritten) : -1;
        _path = path;
        _entries = entries;
        _temporary = AtomicFile.TemporaryFor(path);
        try
        {
            _stream = AtomicFile.OpenTemporary(_temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Explain(path, error);
        }
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        Put(length);
        Put(header);
        SkipEmpty();
    }

    /// <summary>Appends elements to the tensor that is due; <paramref name="name"/> must be its name.</summary>
    /// <exception cref="ArgumentException">Another tensor is due, the element type differs, or there are more elements than its shape
    /// holds.</exception>
    /// <exception cref="InputException">The disk is full; nothing is left.</exception>
    public void Write<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (values.IsEmpty && _entries.Any(e => e.Name == name && e.Count == 0))
            return;
        if (_current >= _entries.Count)
            throw new ArgumentException($"'{name}' was written after all {_entries.Count} tensors were complete", nameof(name));
        TensorEntry entry = _entries[_current];
        if (entry.Name != name)
            throw new ArgumentException($"'{name}' was written but '{entry.Name}' is due; write in the order of the entries", nameof(name));
        if (entry.Type != Safetensors.TypeOf<T>())
            throw new ArgumentException($"'{name}' is {entry.Type} but {typeof(T).Name} was written", nameof(values));
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("safetensors are written on little-endian machines only");
        long bytes = (long)values.Length * Safetensors.ElementSize(entry.Type);
        if (_written + bytes > entry.ByteLength)
            throw new ArgumentException(
                $"'{name}' of shape [{string.Join(", ", entry.Shape)}] got more than its {entry.Count} elements",
                nameof(values)
            );
        // In pieces: the byte length of a long span does not fit the int of one span.
        const int piece = 1 << 24;
        for (int start = 0; start < values.Length; start += piece)
            Put(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(piece, values.Length - start))));
        _written += bytes;
        if (_written == entry.ByteLength)
        {
            _current++;
            _written = 0;
            SkipEmpty();
        }
    }

    /// <summary>Syncs the data and gives the file its name.</summary>
    /// <exception cref="InvalidOperationException">A tensor is incomplete.</exception>
    public void Commit()
    {
        if (_current < _entries.Count)
            throw new InvalidOperationException(
                $"'{_entries[_current].Name}' is incomplete: {_written} of {_entries[_current].ByteLength} bytes were written"
            );
        try
        {
            if (_digest is not null)
            {
                _stream.Position = _digestAt;
                _stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(_digest.GetHashAndReset())));
            }
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            AtomicFile.Replace(_temporary, _path);
            _closed = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw AtomicFile.Explain(_path, error);
        }
    }

    /// <summary>Without a <see cref="Commit"/> before it, deletes what was written.</summary>
    public void Dispose()
    {
        _digest?.Dispose();
        if (_closed)
            return;
        _closed = true;
        _stream.Dispose();
        AtomicFile.Discard(_temporary);
    }

    private void SkipEmpty()
    {
        while (_current < _entries.Count && _entries[_current].ByteLength == 0)
            _current++;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _digest?.AppendData(bytes);
            _stream.Write(bytes);
        }
        catch (IOException error)
        {
            Dispose();
            throw AtomicFile.Explain(_path, error);
        }
    }

    private static byte[] Header(IReadOnlyList<TensorEntry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { Safetensors.MetadataKey };
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(Safetensors.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (TensorEntry entry in entries)
            {
                if (!names.Add(entry.Name))
                    throw new InputException(
                        $"two tensors of one file are named '{entry.Name}'; names must differ and not be '{Safetensors.MetadataKey}'"
                    );
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type.ToString());
                json.WriteStartArray("shape");
                foreach (long extent in entry.Shape)
                    json.WriteNumberValue(extent);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset = checked(offset + entry.ByteLength);
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' '); // the data then starts at a multiple of 8
        if (buffer.Length > Safetensors.MaxHeader)
            throw new InputException($"the header of {entries.Count} tensors is longer than {Safetensors.MaxHeader} bytes; split the file");
        return buffer.ToArray();
    }
}
