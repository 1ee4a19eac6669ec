// The bytes of an image as the numbers that they are, for the tasks that write them and the models that read them.
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Gaplab.Learning.Specs;

/// <summary>Conversions by <see cref="ImageShape.Element"/>.</summary>
internal static class ImageNumbers
{
    /// <summary>Floats or doubles as doubles.</summary>
    public static void Widen(string element, ReadOnlySpan<byte> bytes, Span<double> numbers)
    {
        if (element == "f8")
            MemoryMarshal.Cast<byte, double>(bytes)[..numbers.Length].CopyTo(numbers);
        else
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, float>(bytes)[..numbers.Length], numbers);
    }

    /// <summary>Floats or doubles as floats, rounded where they are doubles.</summary>
    public static void Narrow(string element, ReadOnlySpan<byte> bytes, Span<float> numbers)
    {
        if (element == "f4")
            MemoryMarshal.Cast<byte, float>(bytes)[..numbers.Length].CopyTo(numbers);
        else
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes)[..numbers.Length], numbers);
    }
}
