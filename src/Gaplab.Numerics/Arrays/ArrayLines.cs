// Which lines of memory an array [iterations, coordinates] has, and where in memory a line or a place of it lies.
namespace Gaplab.Numerics.Arrays;

/// <summary>
/// Memory as lines of equal length, each of one iteration or of one coordinate, and the step from an array's indexes (the last one fastest)
/// to memory. In C order both agree.
/// In Fortran order the first index runs fastest: where it counts iterations, lines are coordinates that lie in another order; where the
/// last one does, lines are iterations, and the coordinates inside each lie in another order.
/// </summary>
internal sealed class ArrayLines
{
    /// <summary>Values read at once of a line that is kept.</summary>
    public const int Piece = 1 << 20;

    private readonly long[] _extents,
        _steps;

    /// <exception cref="InputException">A single value, or none.</exception>
    public ArrayLines(ArrayHeader header, bool transposed)
    {
        IReadOnlyList<long> shape = header.Shape;
        if (shape.Count == 0)
            throw new InputException("it holds one value; the tail panel needs many");
        if (header.Count == 0)
            throw new InputException($"its shape ({string.Join(", ", shape)}) holds no values");
        long iterations = transposed ? shape[^1] : shape[0],
            coordinates = header.Count / iterations;
        bool list = iterations == 1 || coordinates == 1;
        (Iterations, Coordinates) = list ? (header.Count, 1) : (iterations, coordinates);
        AreIterations = !list && header.Fortran == transposed;
        Length = AreIterations ? Coordinates : Iterations;
        // The indexes that are numbered through: of a list all of them, else those of the coordinates. An extent of 1 moves nothing.
        long[] numbered =
        [
            .. (
                list ? shape
                : transposed ? shape.SkipLast(1)
                : shape.Skip(1)
            ).Where(n => n > 1),
        ];
        bool moved = header.Fortran && numbered.Length > 1;
        (_extents, _steps) = (moved ? numbered : [], new long[numbered.Length]);
        long step = 1;
        for (int d = 0; d < numbered.Length; d++)
            (_steps[d], step) = (step, step * numbered[d]);
        Shuffled = moved && (list || AreIterations);
        Forward = !moved;
    }

    public long Iterations { get; }

    public long Coordinates { get; }

    /// <summary>True when a line is an iteration, false when it is a coordinate.</summary>
    public bool AreIterations { get; }

    /// <summary>Values of a line.</summary>
    public long Length { get; }

    /// <summary>The places inside a line are in another order in memory.</summary>
    public bool Shuffled { get; }

    /// <summary>Line after line, place after place goes forward through memory.</summary>
    public bool Forward { get; }

    /// <summary>Where in memory a coordinate of this number lies among the coordinates (of a list: a value among the values).</summary>
    public long PlaceOf(long number)
    {
        if (_extents.Length == 0)
            return number;
        long place = 0;
        for (int d = _extents.Length - 1; d >= 0; d--)
        {
            (number, long index) = Math.DivRem(number, _extents[d]);
            place += index * _steps[d];
        }
        return place;
    }
}
