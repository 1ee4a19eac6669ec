// Images of one size with their classes, in memory or in a mapped file.
using System.Security.Cryptography;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>Images of one size, channel by channel, line by line.</summary>
internal sealed record ImageSet(int Channels, int Height, int Width, IImageNumbers Numbers, int[] Labels)
{
    public ImageSet(int channels, int height, int width, byte[] pixels, int[] labels)
        : this(channels, height, width, new PixelBytes(pixels, channels * height * width), labels) { }

    /// <summary>Samples are vectors (<see cref="Specs.ImageShape.Flat"/>).</summary>
    public bool Flat { get; init; }

    /// <summary>Numbers in an image.</summary>
    public int Size => Channels * Height * Width;

    public int Count => Labels.Length;

    /// <summary>The bytes of an image, until the next is asked for.</summary>
    public ReadOnlySpan<byte> Image(int index) => Numbers.Image(index);

    /// <summary>SHA-256 of the pixels and labels.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(Channels).AsSpan());
        hash.AppendData(BitConverter.GetBytes(Height).AsSpan());
        Numbers.AddTo(hash);
        hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(Labels));
        return hash.GetHashAndReset();
    }

    /// <summary>The images of some indices, in that order.</summary>
    public ImageSet Take(IReadOnlyList<int> indices) =>
        this with
        {
            Numbers = Numbers.Take(indices),
            Labels = [.. indices.Select(i => Labels[i])],
        };

    /// <exception cref="InputException">The sets' images are not of one size.</exception>
    public static ImageSet Join(string first, ImageSet a, string second, ImageSet b)
    {
        CheckAlike(first, a, second, b);
        return a with { Numbers = ((PixelBytes)a.Numbers).Append((PixelBytes)b.Numbers), Labels = [.. a.Labels, .. b.Labels] };
    }

    /// <exception cref="InputException">The sets' images are not of one size.</exception>
    public static void CheckAlike(string first, ImageSet a, string second, ImageSet b)
    {
        if ((a.Channels, a.Height, a.Width) != (b.Channels, b.Height, b.Width))
            throw new InputException(
                $"{first} has images of {a.Channels}x{a.Height}x{a.Width} and {second} of {b.Channels}x{b.Height}x{b.Width}; expected "
                    + $"one size"
            );
    }

    /// <summary>Largest label + 1.</summary>
    public int Classes => Labels.Length == 0 ? 0 : Labels.Max() + 1;
}
