// What images of a task are, and how a sample's row of integers holds them: between the tasks that write rows and the models that read
// them.
namespace Gaplab.Learning.Specs;

/// <summary>Images of one size, or vectors, with their classes. A row is the image's bytes, eight to an integer, and its class; of a task
/// that mixes images, two images, their classes and the weight of the first.</summary>
/// <remarks>Bytes are channel by channel, line by line, the first in the lowest bits. With <see cref="Mixed"/> the row is image, partner,
/// class, partner's class, and the bits of the weight as a double.</remarks>
public sealed record ImageShape
{
    /// <summary>1 (grey), 3 (red, green, blue), or as many as an array says; of vectors their numbers, in a plane of 1x1.</summary>
    public required int Channels { get; init; }
    public required int Height { get; init; }
    public required int Width { get; init; }
    public required int Classes { get; init; }

    /// <summary>What an image's bytes are: "u1" (bytes, which models see as fractions of 255), "f4" or "f8" (floats and doubles, seen as
    /// they are).</summary>
    [OmittedAtDefault]
    public string Element { get; init; } = "u1";

    /// <summary>Samples are vectors: neighbouring numbers are no neighbours in a plane.</summary>
    [OmittedAtDefault]
    public bool Flat { get; init; }

    /// <summary>Mean and standard deviation of each channel over the training images, bytes as fractions of 255: a model sees (x −
    /// mean)/deviation. Empty: 0 and 1.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [];
    public IReadOnlyList<double> Deviation { get; init; } = [];

    /// <summary>Rows hold two images and a weight.</summary>
    public bool Mixed { get; init; }

    /// <summary>Numbers in an image.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Count => Channels * Height * Width;

    /// <summary>Bytes of one of its numbers.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int ElementSize => SizeOf(Element);

    /// <summary>Integers that hold an image's bytes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Words => (int)(((long)Count * ElementSize + 7) / 8);

    /// <summary>Integers in a row.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int RowLength => Mixed ? 2 * Words + 3 : Words + 1;

    /// <summary>Where the class stands in a row.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int LabelAt => Mixed ? 2 * Words : Words;

    /// <summary>"28x28x1" as errors say it: channels, height, width; of vectors their numbers.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Size => Flat ? $"{Channels} numbers" : $"{Channels}x{Height}x{Width}";

    internal static int SizeOf(string element) => element[^1] - '0';
}
