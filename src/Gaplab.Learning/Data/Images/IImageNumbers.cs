// Where the numbers of images lie: in memory, or in a file that is mapped.
using System.Security.Cryptography;

namespace Gaplab.Learning.Data.Images;

/// <summary>Images by number, each as its bytes.</summary>
internal interface IImageNumbers
{
    /// <summary>What the bytes are (<see cref="Specs.ImageShape.Element"/>).</summary>
    string Element { get; }

    /// <summary>The bytes of an image, until the next is asked for.</summary>
    ReadOnlySpan<byte> Image(int index);

    /// <summary>The images of some indices, in that order.</summary>
    IImageNumbers Take(IReadOnlyList<int> indices);

    /// <summary>Adds all of them to a digest in the making.</summary>
    /// <exception cref="Numerics.InputException">Numbers that no model can take.</exception>
    void AddTo(IncrementalHash hash);
}

/// <summary>Bytes in memory: image i begins at i·<paramref name="size"/>.</summary>
internal sealed class PixelBytes(byte[] pixels, int size) : IImageNumbers
{
    private readonly byte[] _pixels = pixels;

    public string Element => "u1";

    public ReadOnlySpan<byte> Image(int index) => _pixels.AsSpan(index * size, size);

    public IImageNumbers Take(IReadOnlyList<int> indices)
    {
        byte[] taken = new byte[(long)indices.Count * size];
        for (int i = 0; i < indices.Count; i++)
            Image(indices[i]).CopyTo(taken.AsSpan(i * size, size));
        return new PixelBytes(taken, size);
    }

    public PixelBytes Append(PixelBytes others) => new([.. _pixels, .. others._pixels], size);

    public void AddTo(IncrementalHash hash) => hash.AppendData(_pixels);
}
