// Where a panel's values come from: an array [iterations, coordinates] that can be read more than once.
namespace Gaplab.Numerics.Arrays;

/// <summary>An array [iterations, coordinates] in lines: consecutive values are one iteration's coordinates (row-major) or one coordinate's
/// iterations (column-major).</summary>
public interface ITailSource
{
    long Iterations { get; }

    /// <summary>1 for a plain list of values.</summary>
    long Coordinates { get; }

    /// <summary>True when a line is an iteration, false when it is a coordinate.</summary>
    bool LinesAreIterations { get; }

    /// <summary>Reads a part of a line.</summary>
    void Read(long line, long start, Span<double> destination);
}

/// <summary>A source in memory, row-major: element i·coordinates + j is coordinate j at iteration i.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class MemoryTailSource<T> : ITailSource
    where T : unmanaged
{
    private readonly ReadOnlyMemory<T> _values;

    /// <param name="values">iterations × coordinates values; they are not copied.</param>
    /// <param name="coordinates">1 for a plain list of values.</param>
    public MemoryTailSource(ReadOnlyMemory<T> values, long coordinates = 1)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
            throw new NotSupportedException($"values of {typeof(T).Name}; expected float or double");
        if (coordinates < 1 || values.Length % coordinates != 0)
            throw new ArgumentException(
                $"{values.Length} values are no whole number of rows of {coordinates} coordinates",
                nameof(coordinates)
            );
        (_values, Coordinates) = (values, coordinates);
    }

    public long Iterations => _values.Length / Coordinates;

    public long Coordinates { get; }

    public bool LinesAreIterations => Coordinates > 1;

    public void Read(long line, long start, Span<double> destination)
    {
        ReadOnlySpan<T> part = _values.Span.Slice(
            (int)(line * (LinesAreIterations ? Coordinates : Iterations) + start),
            destination.Length
        );
        if (typeof(T) == typeof(double))
            System.Runtime.InteropServices.MemoryMarshal.Cast<T, double>(part).CopyTo(destination);
        else
            System.Numerics.Tensors.TensorPrimitives.ConvertTruncating(
                System.Runtime.InteropServices.MemoryMarshal.Cast<T, float>(part),
                destination
            );
    }
}
