// An array of a .npy, .npz or .safetensors file as rows, memory-mapped: its size is no matter, and any row can be asked for.
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gaplab.Numerics.Files;
using Microsoft.Win32.SafeHandles;

namespace Gaplab.Numerics.Arrays;

/// <summary>The first index of an array counts rows; the numbers of a row come with the last index fastest, in whichever order they lie in
/// the file.</summary>
/// <remarks>An array of an archive is unpacked first, into a file without a name. Reading is safe from several threads.</remarks>
public sealed class MappedArray : IDisposable
{
    private readonly ArrayHeader _header;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly unsafe byte* _data;
    private readonly int[] _places;

    private unsafe MappedArray(string path, ArrayHeader header, SafeFileHandle handle, long offset)
    {
        (Path, _header) = (path, header);
        RowLength = (int)(header.Count / Rows);
        _places = header.Fortran ? Places(header.Shape, RowLength) : [];
        _file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(offset, header.ByteLength, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _data = pointer + _view.PointerOffset;
    }

    /// <summary>As it was asked for: FILE or FILE:NAME.</summary>
    public string Path { get; }

    /// <summary>Of the numbers.</summary>
    public ElementType Type => _header.Type;

    /// <summary>"float32".</summary>
    public string TypeName => ElementTypes.Name(Type);

    /// <summary>Whether the numbers are whole by their type; truth values are.</summary>
    public bool IsWhole => Type is not (ElementType.F16 or ElementType.BF16 or ElementType.F32 or ElementType.F64);

    /// <summary>Extents, at least one.</summary>
    public IReadOnlyList<long> Shape => _header.Shape;

    /// <summary>"(60000, 28, 28)".</summary>
    public string ShapeText => _header.ShapeText;

    /// <summary>At least one.</summary>
    public long Rows => Shape[0];

    /// <summary>Numbers of a row, at least one.</summary>
    public int RowLength { get; }

    /// <summary>Bytes of a row as it lies in the file.</summary>
    public int RowBytes => RowLength * Type.Size();

    /// <summary>Whether the numbers of a row lie side by side in their order, so that <see cref="Row"/> gives them.</summary>
    public bool IsRowMajor => !_header.Fortran || RowLength == 1;

    /// <summary>Maps an array.</summary>
    /// <param name="reference">FILE, or FILE:NAME of an array in an archive or a safetensors file.</param>
    /// <exception cref="InputException">One line: no such file or array, a damaged or hostile file, another format, or numbers of another
    /// byte order.</exception>
    public static MappedArray Open(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        (string path, string? name) = Split(reference);
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder; expected a .npy, .npz or .safetensors file");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file; check the path (now in {Directory.GetCurrentDirectory()})");
        try
        {
            return Map(reference, path, name);
        }
        catch (InputException e)
        {
            throw e.Message.Contains(path, StringComparison.Ordinal) ? e : new InputException($"{path}: {e.Message}", e);
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{path}: is no usable archive: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>A row's bytes where they lie, little-endian; of an array that <see cref="IsRowMajor"/>.</summary>
    public unsafe ReadOnlySpan<byte> Row(long row)
    {
        Check(row);
        return IsRowMajor
            ? new ReadOnlySpan<byte>(_data + row * RowBytes, RowBytes)
            : throw new InvalidOperationException("the numbers of a row lie apart");
    }

    /// <summary>A row as doubles.</summary>
    public void Read(long row, Span<double> values)
    {
        using var room = new Room(RowBytes);
        ReadBytes(row, room.Bytes);
        ElementTypes.Decode(Type, room.Bytes, bigEndian: false, values);
    }

    /// <summary>A row as floats: rounded where its type is wider.</summary>
    public void Read(long row, Span<float> values)
    {
        if (Type == ElementType.F32)
        {
            ReadBytes(row, MemoryMarshal.AsBytes(values));
            return;
        }
        using var room = new Room(RowLength * sizeof(double));
        Span<double> wide = MemoryMarshal.Cast<byte, double>(room.Bytes);
        Read(row, wide);
        TensorPrimitives.ConvertTruncating<double, float>(wide, values);
    }

    /// <summary>A row of whole numbers.</summary>
    /// <exception cref="InputException">A number of 2⁶³ or more.</exception>
    public void Read(long row, Span<long> values)
    {
        using var room = new Room(RowBytes);
        ReadBytes(row, room.Bytes);
        try
        {
            ElementTypes.DecodeWhole(Type, room.Bytes, values);
        }
        catch (InputException e)
        {
            throw new InputException($"{Path}: row {row}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>FILE:NAME taken apart; a file whose own name has a colon is itself.</summary>
    public static (string Path, string? Name) Split(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (File.Exists(reference))
            return (reference, null);
        // The file ends where its extension does: names of arrays may hold colons and slashes.
        foreach (string extension in (string[])[".npz:", ".safetensors:", ".npy:"])
            if (reference.IndexOf(extension, StringComparison.OrdinalIgnoreCase) is > 0 and var at)
                return (reference[..(at + extension.Length - 1)], reference[(at + extension.Length)..]);
        return (reference, null);
    }

    private static MappedArray Map(string reference, string path, string? name)
    {
        string choose = $"choose one: {System.IO.Path.GetFileName(path)}:NAME";
        switch (System.IO.Path.GetExtension(path).ToLowerInvariant())
        {
            case ".npy" when name is not null:
                throw new InputException($"a .npy file holds one array, which has no name; expected the file without ':{Shown.Of(name)}'");
            case ".npy":
                StoredArray only = StoredArray.OfNpy(path);
                return Map(reference, only.Header, () => RegularFile.OpenHandle(path), only.Offset);
            case ".safetensors":
                StoredArray tensor = StoredArray.OfSafetensors(path, name, choose);
                return Map(reference, tensor.Header, () => RegularFile.OpenHandle(path), tensor.Offset);
            case ".npz":
                using (PackedArray packed = PackedArray.Open(path, name, choose))
                    return Map(reference, packed.Header, packed.Unpack, 0);
            case ".pt" or ".pth" or ".pkl" or ".pickle" or ".joblib":
                throw new InputException(
                    "is a Python pickle, which can run code and is never read; expected .npy, .npz or .safetensors: save it with numpy.save"
                );
            default:
                throw new InputException("the name must end in .npy, .npz or .safetensors");
        }
    }

    private static MappedArray Map(string reference, ArrayHeader header, Func<SafeFileHandle> open, long offset)
    {
        if (header.BigEndian && header.Type.Size() > 1)
            throw new InputException(
                $"its {ElementTypes.Name(header.Type)} numbers are big-endian; expected little-endian ones: save "
                    + $"x.astype(x.dtype.newbyteorder('<'))"
            );
        if (header.Shape.Count == 0)
            throw new InputException("it holds a single number of shape (); expected rows, one a sample");
        if (header.Count == 0)
            throw new InputException($"its shape {header.ShapeText} holds no numbers; expected at least one row");
        if (header.Count / header.Shape[0] > Array.MaxLength / sizeof(double))
            throw new InputException(
                $"a row of its shape {header.ShapeText} has more than {Array.MaxLength / sizeof(double)} numbers; is the first index the "
                    + $"sample's?"
            );
        SafeFileHandle handle = open();
        try
        {
            return new MappedArray(reference, header, handle, offset);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A row's bytes, little-endian, in the order of its numbers.</summary>
    public void ReadBytes(long row, Span<byte> bytes)
    {
        if (IsRowMajor)
        {
            Row(row).CopyTo(bytes);
            return;
        }
        Check(row);
        switch (Type.Size())
        {
            case 1:
                Gather<byte>(row, bytes);
                break;
            case 2:
                Gather<ushort>(row, bytes);
                break;
            case 4:
                Gather<uint>(row, bytes);
                break;
            default:
                Gather<ulong>(row, bytes);
                break;
        }
    }

    private unsafe void Gather<T>(long row, Span<byte> bytes)
        where T : unmanaged
    {
        Span<T> values = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < values.Length; i++)
            values[i] = Unsafe.ReadUnaligned<T>(_data + (_places[i] * Rows + row) * sizeof(T));
    }

    private void Check(long row)
    {
        if (row < 0 || row >= Rows)
            throw new ArgumentOutOfRangeException(nameof(row), $"row {row} of {Rows}");
    }

    // Where the numbers of a row lie, in steps of as many as there are rows: the second index runs fastest.
    private static int[] Places(IReadOnlyList<long> shape, int length)
    {
        int[] places = new int[length];
        for (int i = 0; i < length; i++)
        {
            long rest = i,
                step = length;
            for (int d = shape.Count - 1; d > 0; d--)
            {
                step /= shape[d];
                (rest, long index) = Math.DivRem(rest, shape[d]);
                places[i] += (int)(index * step);
            }
        }
        return places;
    }

    /// <summary>Bytes for a while: on loan, as rows may be large.</summary>
    private readonly ref struct Room(int length) : IDisposable
    {
        private readonly byte[] _rented = System.Buffers.ArrayPool<byte>.Shared.Rent(length);

        public Span<byte> Bytes => _rented.AsSpan(0, length);

        public void Dispose() => System.Buffers.ArrayPool<byte>.Shared.Return(_rented);
    }
}
