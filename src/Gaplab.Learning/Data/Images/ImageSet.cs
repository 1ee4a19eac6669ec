// Images in memory as bytes, one size, with their classes.
using System.Security.Cryptography;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Images;

/// <summary>Images of one size: image i is <see cref="Pixels"/>[i·Count …], channel by channel, line by line.</summary>
internal sealed record ImageSet(int Channels, int Height, int Width, byte[] Pixels, int[] Labels)
{
    /// <summary>Numbers in an image.</summary>
    public int Size => Channels * Height * Width;

    public int Count => Labels.Length;

    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * Size, Size);

    /// <summary>SHA-256 of the pixels and labels.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(Channels).AsSpan());
        hash.AppendData(BitConverter.GetBytes(Height).AsSpan());
        hash.AppendData(Pixels);
        hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(Labels));
        return hash.GetHashAndReset();
    }

    /// <summary>The images of some indices, in that order.</summary>
    public ImageSet Take(IReadOnlyList<int> indices)
    {
        byte[] pixels = new byte[(long)indices.Count * Size];
        for (int i = 0; i < indices.Count; i++)
            Image(indices[i]).CopyTo(pixels.AsSpan(i * Size, Size));
        return this with { Pixels = pixels, Labels = [.. indices.Select(i => Labels[i])] };
    }

    /// <exception cref="InputException">The sets' images are not of one size.</exception>
    public static ImageSet Join(string first, ImageSet a, string second, ImageSet b)
    {
        CheckAlike(first, a, second, b);
        return a with { Pixels = [.. a.Pixels, .. b.Pixels], Labels = [.. a.Labels, .. b.Labels] };
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
