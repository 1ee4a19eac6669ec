// The rows of a mapped array as images or vectors: where they lie if models can take them so, else converted one by one.
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;

namespace Gaplab.Learning.Data.Arrays;

/// <summary>Bytes stay bytes; every other type is given as floats if they hold all of its values, else as doubles.</summary>
/// <param name="array">The rows.</param>
/// <param name="chosen">Those that it has, in their order; null is all.</param>
internal sealed class MappedNumbers(MappedArray array, int[]? chosen = null) : IImageNumbers
{
    private byte[] _room = [];

    public string Element { get; } =
        array.Type switch
        {
            ElementType.U8 => "u1",
            ElementType.F64 or ElementType.I32 or ElementType.U32 or ElementType.I64 or ElementType.U64 => "f8",
            _ => "f4",
        };

    public ReadOnlySpan<byte> Image(int index)
    {
        long row = RowOf(index);
        return array.IsRowMajor && array.Type is (ElementType.U8 or ElementType.F32 or ElementType.F64) ? array.Row(row) : Converted(row);
    }

    public IImageNumbers Take(IReadOnlyList<int> indices) => new MappedNumbers(array, [.. indices.Select(i => (int)RowOf(i))]);

    public void AddTo(IncrementalHash hash)
    {
        long count = chosen?.Length ?? array.Rows;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> image = Image(i);
            if (!array.IsWhole && !IsFinite(image))
                throw new InputException(
                    $"{array.Path}: row {RowOf(i)} holds a number that is NaN or infinite; expected finite numbers: leave the row out, or "
                        + $"replace the number"
                );
            hash.AppendData(image);
        }
    }

    private long RowOf(int index) => chosen?[index] ?? index;

    private ReadOnlySpan<byte> Converted(long row)
    {
        if (_room.Length == 0)
            _room = new byte[array.RowLength * ImageShape.SizeOf(Element)];
        if (Element == "u1")
            array.ReadBytes(row, _room);
        else if (Element == "f4")
            array.Read(row, MemoryMarshal.Cast<byte, float>(_room.AsSpan()));
        else
            array.Read(row, MemoryMarshal.Cast<byte, double>(_room.AsSpan()));
        return _room;
    }

    // The largest magnitude is NaN if one of the numbers is.
    private bool IsFinite(ReadOnlySpan<byte> image) =>
        Element == "f4"
            ? float.IsFinite(TensorPrimitives.MaxMagnitude(MemoryMarshal.Cast<byte, float>(image)))
            : double.IsFinite(TensorPrimitives.MaxMagnitude(MemoryMarshal.Cast<byte, double>(image)));
}
