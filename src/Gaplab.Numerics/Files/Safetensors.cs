// The safetensors format: the names, types, shapes and offsets that reader and writer share.
using System.Text;

namespace Gaplab.Numerics.Files;

/// <summary>Element types by the names that the format gives them. Gaplab writes the first three; the others are read from files of other
/// programs.</summary>
public enum TensorType
{
    /// <summary>32-bit IEEE floating point.</summary>
    F32,

    /// <summary>64-bit IEEE floating point.</summary>
    F64,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>16-bit IEEE floating point.</summary>
    F16,

    /// <summary>The upper half of a 32-bit floating point number.</summary>
    BF16,
    I8,
    I16,
    I32,
    U8,
    U16,
    U32,
    U64,
    BOOL,
}

/// <summary>One tensor of a file: its name, element type and shape; row-major, little-endian.</summary>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements, the product of the shape; 1 for a scalar (empty shape).</summary>
    /// <exception cref="InputException">A negative extent, or a product beyond 2⁶³.</exception>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long extent in Shape)
            {
                if (extent < 0)
                    throw new InputException($"tensor '{Name}' has a negative extent in its shape [{string.Join(", ", Shape)}]");
                try
                {
                    count = checked(count * extent);
                }
                catch (OverflowException)
                {
                    throw new InputException($"tensor '{Name}' has a shape [{string.Join(", ", Shape)}] of more than 2^63 elements");
                }
            }
            return count;
        }
    }

    /// <summary>Length of the data in bytes.</summary>
    /// <exception cref="InputException">More than 2⁶³ bytes.</exception>
    public long ByteLength
    {
        get
        {
            try
            {
                return checked(Count * Safetensors.ElementSize(Type));
            }
            catch (OverflowException)
            {
                throw new InputException($"tensor '{Name}' has a shape [{string.Join(", ", Shape)}] of more than 2^63 bytes");
            }
        }
    }
}

/// <summary>
/// The safetensors container: 8 bytes little-endian header length N, N bytes of JSON (padded with spaces), then the data.
/// The JSON maps each name to <c>dtype</c>, <c>shape</c> and <c>data_offsets</c> [begin, end) counted from the end of the header;
/// the key <c>__metadata__</c> maps strings to strings. The data has no holes and no overlaps.
/// </summary>
/// <remarks>Format: Hugging Face, "safetensors", README section "Format".</remarks>
public static class Safetensors
{
    /// <summary>The largest header that is read; the format's own reader has the same limit.</summary>
    public const int MaxHeader = 100_000_000;

    /// <summary>The key under which a file keeps strings.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(TensorType type) =>
        type switch
        {
            TensorType.I8 or TensorType.U8 or TensorType.BOOL => 1,
            TensorType.F16 or TensorType.BF16 or TensorType.I16 or TensorType.U16 => 2,
            TensorType.F32 or TensorType.I32 or TensorType.U32 => 4,
            _ => 8,
        };

    /// <summary>The element type that holds <typeparamref name="T"/> (float, double or long).</summary>
    public static TensorType TypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? TensorType.F32
        : typeof(T) == typeof(double) ? TensorType.F64
        : typeof(T) == typeof(long) ? TensorType.I64
        : throw new ArgumentException($"{typeof(T).Name} is no element type of a safetensors file here; use float, double or long");

    /// <summary>Opens a file for reading; the header is checked whole before anything is returned.</summary>
    public static SafetensorsReader Open(string path) => new(path);

    /// <summary>Opens a file for reading and holds all of it against the digest in its metadata, where it has one.</summary>
    /// <exception cref="InputException">It is no such file, or not what was written.</exception>
    public static SafetensorsReader OpenVerified(string path)
    {
        var reader = new SafetensorsReader(path);
        try
        {
            reader.Verify();
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Starts a file: all entries first, then their data in the same order, then <see cref="SafetensorsWriter.Commit"/>.</summary>
    /// <param name="digest">Whether the metadata get a key <c>digest</c>: SHA-256 of the whole file, with zeros in the digest's own
    /// place.</param>
    public static SafetensorsWriter Create(
        string path,
        IReadOnlyList<TensorEntry> entries,
        IReadOnlyDictionary<string, string>? metadata = null,
        bool digest = false
    ) => new(path, entries, metadata, digest);

    /// <summary>What stands in a digest's place before it is known.</summary>
    internal static string Unwritten { get; } = new('0', Sha256.Length);

    /// <summary>Where the digest's digits begin in a header; -1 where they are not.</summary>
    internal static int DigestOffset(ReadOnlySpan<byte> header, string digest)
    {
        byte[] key = Encoding.UTF8.GetBytes($"\"{JsonSeal.Key}\":\"{digest}\"");
        int at = header.IndexOf(key);
        return at < 0 ? -1 : at + key.Length - 1 - digest.Length;
    }
}
