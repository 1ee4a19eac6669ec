// What an array is: element type, byte order, shape and which index runs fastest.
namespace Gaplab.Numerics.Arrays;

/// <summary>The description of an array, checked: no negative extent, no product beyond 2⁶³ bytes.</summary>
/// <param name="Type">Of the elements.</param>
/// <param name="BigEndian">Byte order.</param>
/// <param name="Shape">Extents; empty for a single value.</param>
/// <param name="Fortran">True when the first index runs fastest.</param>
internal sealed record ArrayHeader(ElementType Type, bool BigEndian, IReadOnlyList<long> Shape, bool Fortran)
{
    /// <summary>Elements.</summary>
    public long Count { get; } = Product(Shape, Type.Size());

    /// <summary>Bytes of the data.</summary>
    public long ByteLength => Count * Type.Size();

    /// <summary>"(60000, 28, 28)".</summary>
    public string ShapeText => $"({string.Join(", ", Shape)}{(Shape.Count == 1 ? "," : "")})";

    private static long Product(IReadOnlyList<long> shape, int size)
    {
        string Text() => string.Join(", ", shape.Take(8)) + (shape.Count > 8 ? ", …" : "");
        long count = 1;
        foreach (long extent in shape)
        {
            if (extent < 0)
                throw new InputException($"a negative extent in the shape ({Text()})");
            try
            {
                count = checked(count * extent);
            }
            catch (OverflowException)
            {
                throw new InputException($"a shape ({Text()}) of more than 2^63 elements");
            }
        }
        if (count > long.MaxValue / size)
            throw new InputException($"a shape ({Text()}) of more than 2^63 bytes");
        return count;
    }
}
