// What images of a task are, and how a sample's row of integers holds them: between the tasks that write rows and the models that read
// them.
namespace Gaplab.Learning.Specs;

/// <summary>Images of one size with their classes. A row is the image's bytes, eight to an integer, and its class; of a task that mixes
/// images, two images, their classes and the weight of the first.</summary>
/// <remarks>Bytes are channel by channel, line by line, the first in the lowest bits. With <see cref="Mixed"/> the row is image, partner,
/// class, partner's class, and the bits of the weight as a double.</remarks>
public sealed record ImageShape
{
    /// <summary>1 (grey) or 3 (red, green, blue).</summary>
    public required int Channels { get; init; }
    public required int Height { get; init; }
    public required int Width { get; init; }
    public required int Classes { get; init; }

    /// <summary>Mean and standard deviation of each channel over the training images, as fractions of 255: a model sees (x/255 −
    /// mean)/deviation.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [];
    public IReadOnlyList<double> Deviation { get; init; } = [];

    /// <summary>Rows hold two images and a weight.</summary>
    public bool Mixed { get; init; }

    /// <summary>Numbers in an image.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Count => Channels * Height * Width;

    /// <summary>Integers that hold an image's bytes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Words => (Count + 7) / 8;

    /// <summary>Integers in a row.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int RowLength => Mixed ? 2 * Words + 3 : Words + 1;

    /// <summary>Where the class stands in a row.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int LabelAt => Mixed ? 2 * Words : Words;
}
