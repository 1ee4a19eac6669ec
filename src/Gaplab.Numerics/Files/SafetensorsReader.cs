// Reads a safetensors file; a header that lies is refused before a byte of data is touched or allocated.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Files;

/// <summary>An open safetensors file. Memory is allocated for what the file really holds, never for what its header claims.</summary>
public sealed class SafetensorsReader : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly Dictionary<string, (TensorEntry Entry, long Begin)> _tensors = new(StringComparer.Ordinal);
    private readonly long _dataStart;

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="InputException">No such file, or not a well-formed safetensors file: one line says where.</exception>
    internal SafetensorsReader(string path)
    {
        _path = path;
        try
        {
            _handle = RegularFile.OpenHandle(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        try
        {
            long length = RandomAccess.GetLength(_handle);
            Span<byte> prefix = stackalloc byte[8];
            if (length < 8 || !ReadAt(prefix, 0))
                throw Bad($"it has {length} bytes, fewer than the 8 of the header's length");
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerLength > Safetensors.MaxHeader)
                throw Bad($"its header claims {headerLength} bytes, more than the limit {Safetensors.MaxHeader}");
            if ((long)headerLength > length - 8)
                throw Bad($"its header claims {headerLength} bytes but only {length - 8} follow");
            var header = new byte[headerLength];
            if (!ReadAt(header, 8))
                throw Bad("it was cut while it was read");
            _dataStart = 8 + (long)headerLength;
            (Entries, Metadata) = Parse(header, length - _dataStart);
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>Whether a tensor of this name is there.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="InputException">No such tensor.</exception>
    public TensorEntry Entry(string name) => Find(name).Entry;

    /// <summary>Where a tensor's bytes begin in the file.</summary>
    /// <exception cref="InputException">No such tensor.</exception>
    public long Offset(string name) => _dataStart + Find(name).Begin;

    /// <summary>Reads a tensor whole into a new array, row-major.</summary>
    /// <exception cref="InputException">No such tensor, or another element type.</exception>
    public T[] Read<T>(string name)
        where T : unmanaged
    {
        long count = Find(name).Entry.Count;
        if (count > Array.MaxLength)
            throw new InputException($"{_path}: tensor '{name}' has {count} elements, too many for one array; read it in parts");
        var values = new T[count];
        Read<T>(name, values);
        return values;
    }

    /// <summary>Reads <paramref name="destination"/>.Length elements of a tensor, starting at element <paramref name="start"/>.</summary>
    /// <exception cref="InputException">No such tensor, another element type, or fewer elements than asked for.</exception>
    public void Read<T>(string name, Span<T> destination, long start = 0)
        where T : unmanaged
    {
        (TensorEntry entry, long begin) = Find(name);
        if (entry.Type != Safetensors.TypeOf<T>())
            throw new InputException($"{_path}: tensor '{name}' is {entry.Type}, expected {Safetensors.TypeOf<T>()}");
        if (start < 0 || start + destination.Length > entry.Count)
            throw new InputException($"{_path}: tensor '{name}' has {entry.Count} elements, asked for {destination.Length} from {start}");
        int size = Safetensors.ElementSize(entry.Type);
        const int piece = 1 << 24;
        for (int at = 0; at < destination.Length; at += piece)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(destination.Slice(at, Math.Min(piece, destination.Length - at)));
            if (!ReadAt(bytes, _dataStart + begin + ((start + at) * size)))
                throw Bad($"tensor '{name}' ends early");
        }
    }

    /// <summary>Reads bytes of a tensor as they lie, from the byte <paramref name="start"/> of its data on.</summary>
    /// <exception cref="InputException">No such tensor, or fewer bytes than asked for.</exception>
    public void ReadBytes(string name, Span<byte> destination, long start = 0)
    {
        (TensorEntry entry, long begin) = Find(name);
        if (start < 0 || start + destination.Length > entry.ByteLength)
            throw new InputException($"{_path}: tensor '{name}' has {entry.ByteLength} bytes, asked for {destination.Length} from {start}");
        if (!ReadAt(destination, _dataStart + begin + start))
            throw Bad($"tensor '{name}' ends early");
    }

    /// <summary>Holds the whole file against the digest in its metadata.</summary>
    /// <returns>False where it has none: another program or an early version wrote it.</returns>
    /// <exception cref="InputException">The file is not what was written.</exception>
    public bool Verify()
    {
        if (!Metadata.TryGetValue(JsonSeal.Key, out string? expected))
            return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = RandomAccess.GetLength(_handle);
        byte[] head = new byte[_dataStart];
        int at = ReadAt(head, 0) ? Safetensors.DigestOffset(head.AsSpan(8), expected) : -1;
        if (at < 0 || expected.Length != Sha256.Length)
            throw Bad("its digest cannot be read");
        Encoding.ASCII.GetBytes(Safetensors.Unwritten).CopyTo(head.AsSpan(8 + at));
        hash.AppendData(head);
        byte[] piece = new byte[1 << 16];
        for (long from = _dataStart; from < length; from += piece.Length)
        {
            Span<byte> bytes = piece.AsSpan(0, (int)Math.Min(piece.Length, length - from));
            if (!ReadAt(bytes, from))
                throw Bad("it was cut while it was read");
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == expected ? true : throw Bad("its content does not match its digest");
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private (TensorEntry Entry, long Begin) Find(string name) =>
        _tensors.TryGetValue(name, out (TensorEntry, long) found)
            ? found
            : throw new InputException(
                $"{_path}: no tensor '{name}'; it holds {(_tensors.Count == 0 ? "none" : Shown.List(_tensors.Keys))}"
            );

    private (IReadOnlyList<TensorEntry>, IReadOnlyDictionary<string, string>) Parse(byte[] header, long dataLength)
    {
        if (header.Length == 0 || header[0] != (byte)'{')
            throw Bad("its header does not start with '{'");
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                header,
                new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 }
            );
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == Safetensors.MetadataKey)
                    foreach (JsonProperty item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? throw Bad($"metadata '{item.Name}' is null");
                else
                    Admit(property.Name, property.Value);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw Bad($"its header is not what the format asks for ({error.Message.ReplaceLineEndings(" ")})");
        }

        // Sorted by offset, each tensor must begin where the one before ended: no hole, no overlap, nothing behind the last.
        var entries = new List<TensorEntry>(_tensors.Count);
        long end = 0;
        foreach ((TensorEntry entry, long begin) in _tensors.Values.OrderBy(t => t.Begin).ThenBy(t => t.Entry.ByteLength))
        {
            if (begin != end)
                throw Bad($"tensor '{entry.Name}' begins at {begin} but the one before it ends at {end}");
            if (entry.ByteLength > dataLength - end)
                throw Bad($"tensor '{entry.Name}' reaches beyond the end of the file ({dataLength} bytes of data)");
            end += entry.ByteLength;
            entries.Add(entry);
        }
        if (end != dataLength)
            throw Bad($"its tensors cover {end} bytes but {dataLength} bytes of data follow the header");
        return (entries, metadata);
    }

    private void Admit(string name, JsonElement value)
    {
        string? dtype = null;
        long[]? shape = null,
            offsets = null;
        foreach (JsonProperty field in value.EnumerateObject())
        {
            switch (field.Name)
            {
                case "dtype":
                    dtype = field.Value.GetString();
                    break;
                case "shape":
                    shape = Integers(field.Value);
                    break;
                case "data_offsets":
                    offsets = Integers(field.Value);
                    break;
                default:
                    throw Bad($"tensor '{name}' has an unknown key '{field.Name}'");
            }
        }
        if (dtype is null || shape is null || offsets is not { Length: 2 })
            throw Bad($"tensor '{name}' lacks dtype, shape or two data_offsets");
        if (!Enum.TryParse(dtype, out TensorType type) || type.ToString() != dtype)
            throw Bad($"tensor '{name}' has the element type '{dtype}'; {string.Join(", ", Enum.GetNames<TensorType>())} are read");
        var entry = new TensorEntry(name, type, shape);
        long needed;
        try
        {
            needed = entry.ByteLength;
        }
        catch (InputException error)
        {
            throw Bad(error.Message);
        }
        if (offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] - offsets[0] != needed)
            throw Bad(
                $"tensor '{name}' of shape [{string.Join(", ", shape)}] needs {needed} bytes but its offsets are {offsets[0]} to "
                    + $"{offsets[1]}"
            );
        _tensors.Add(name, (entry, offsets[0]));
    }

    private static long[] Integers(JsonElement array)
    {
        var values = new long[array.GetArrayLength()];
        for (int i = 0; i < values.Length; i++)
            values[i] = array[i].GetInt64();
        return values;
    }

    private bool ReadAt(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
                return false;
            destination = destination[read..];
            offset += read;
        }
        return true;
    }

    private InputException Bad(string what) => new($"{_path} is no usable safetensors file: {what}");
}
