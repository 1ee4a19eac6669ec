// Arrays as NumPy writes them, written here from the format's description and apart from what reads them.
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Gaplab.Pure.Tests.Tails;

/// <summary>An array of small whole numbers by its indexes, in any order of memory, byte order, element type and version of the
/// format.</summary>
/// <param name="Shape">Extents.</param>
/// <param name="Type">NumPy's code without byte order: f8, i2, b1, ….</param>
/// <param name="Fortran">The first index runs fastest in memory.</param>
/// <param name="Big">Big-endian.</param>
/// <param name="Version">1, 2 or 3.</param>
internal sealed record WrittenArray(int[] Shape, string Type, bool Fortran, bool Big, int Version)
{
    public int Count => Shape.Aggregate(1, (a, b) => a * b);

    /// <summary>The value at a place counted with the last index fastest; a type holds it exactly.</summary>
    public double Value(int place) =>
        Type == "b1"
            ? place % 3 == 0
                ? 1
                : 0
            : Type[0] == 'u'
                ? place * 37 % 101
                : place * 37 % 101 - 50;

    /// <summary>A .npy file.</summary>
    public byte[] Npy()
    {
        string order = Type[1] == '1' ? "|"
            : Big ? ">"
            : "<",
            shape = string.Concat(Shape.Select(n => $"{n}, "));
        byte[] text = Encoding.ASCII.GetBytes(
            $"{{'descr': '{order}{Type}', 'fortran_order': {(Fortran ? "True" : "False")}, 'shape': ({shape}), }}\n"
        );
        byte[] length = Version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)] : [(byte)text.Length, (byte)(text.Length >> 8), 0, 0];
        return [0x93, .. "NUMPY"u8, (byte)Version, 0, .. length, .. text, .. Data()];
    }

    /// <summary>A .npz file with it under a name, beside another array.</summary>
    public byte[] Npz(string name, CompressionLevel level)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string entry, byte[] bytes) in new[] { ("other", new WrittenArray([3], "f8", false, false, 1).Npy()), (name, Npy()) })
            {
                using Stream to = archive.CreateEntry(entry + ".npy", level).Open();
                to.Write(bytes);
            }
        return stream.ToArray();
    }

    private byte[] Data()
    {
        int size = Type[1] - '0';
        byte[] data = new byte[Count * size];
        int[] index = new int[Shape.Length];
        for (int at = 0; at < Count; at++)
        {
            int place = 0;
            for (int d = 0; d < Shape.Length; d++)
                place = place * Shape[d] + index[d];
            Span<byte> to = data.AsSpan(at * size, size);
            Write(Value(place), to);
            if (Big)
                to.Reverse();
            // The next element in memory: the first index, or the last, goes on first.
            foreach (int d in Fortran ? Enumerable.Range(0, Shape.Length) : Enumerable.Range(0, Shape.Length).Reverse())
            {
                if (++index[d] < Shape[d])
                    break;
                index[d] = 0;
            }
        }
        return data;
    }

    private void Write(double value, Span<byte> to)
    {
        switch (Type)
        {
            case "f2":
                BinaryPrimitives.WriteHalfLittleEndian(to, (Half)value);
                break;
            case "f4":
                BinaryPrimitives.WriteSingleLittleEndian(to, (float)value);
                break;
            case "f8":
                BinaryPrimitives.WriteDoubleLittleEndian(to, value);
                break;
            default:
                long whole = (long)value;
                for (int b = 0; b < to.Length; b++)
                    to[b] = (byte)(whole >> (8 * b));
                break;
        }
    }
}
