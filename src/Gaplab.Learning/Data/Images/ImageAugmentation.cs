// What happens to a training image on its way into a batch: mirror, cut, mix; a pure function of (seed, sample).
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Images;

/// <summary>Mirroring, pad-and-crop and mixup of <see cref="TaskSpec"/>, from the stream (seed, "data/augment", sample): alike for every
/// optimizer and batch size.</summary>
internal sealed class ImageAugmentation(TaskSpec spec, ImageSet images)
{
    private readonly int _bytes = ImageShape.SizeOf(images.Numbers.Element);
    private readonly byte[] _cut = new byte[images.Size * ImageShape.SizeOf(images.Numbers.Element)];

    /// <summary>Writes the image that sample <paramref name="sample"/> shows of image <paramref name="index"/>, and where images are mixed
    /// its partner, classes and weight.</summary>
    public void Fill(long seed, long sample, int index, ReadOnlySpan<int> labels, ImageShape shape, Span<long> row)
    {
        RandomStream stream = RandomStream.For(seed, "data/augment", sample);
        Draw(stream, index, row[..shape.Words]);
        if (!shape.Mixed)
        {
            row[shape.LabelAt] = labels[index];
            return;
        }
        // The partner comes from the whole training set, not from the batch: what a sample is must not depend on the batch's size.
        int partner = (int)stream.NextIndex(images.Count);
        double weight = Beta(spec.Mixup, stream);
        Draw(stream, partner, row.Slice(shape.Words, shape.Words));
        (row[shape.LabelAt], row[shape.LabelAt + 1], row[shape.LabelAt + 2]) = (
            labels[index],
            labels[partner],
            BitConverter.DoubleToInt64Bits(weight)
        );
    }

    private void Draw(RandomStream stream, int index, Span<long> words)
    {
        ReadOnlySpan<byte> image = images.Image(index);
        int height = images.Height,
            width = images.Width,
            pad = spec.Crop;
        bool mirrored = spec.Flip && (stream.NextUInt64() & 1) == 1;
        int down = pad > 0 ? (int)stream.NextIndex(2 * pad + 1) - pad : 0,
            right = pad > 0 ? (int)stream.NextIndex(2 * pad + 1) - pad : 0;
        if (mirrored || down != 0 || right != 0)
        {
            Array.Clear(_cut);
            for (int c = 0; c < images.Channels; c++)
            for (int y = Math.Max(0, -down); y < Math.Min(height, height - down); y++)
            {
                ReadOnlySpan<byte> line = image.Slice((c * height + y + down) * width * _bytes, width * _bytes);
                Span<byte> cut = _cut.AsSpan((c * height + y) * width * _bytes, width * _bytes);
                int from = Math.Max(0, right),
                    to = Math.Min(width, width + right);
                line[(from * _bytes)..(to * _bytes)].CopyTo(cut[((from - right) * _bytes)..]);
                if (mirrored)
                    Mirror(cut);
            }
            image = _cut;
        }
        Pack(image, words);
    }

    private void Mirror(Span<byte> line)
    {
        if (_bytes == 4)
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(line).Reverse();
        else if (_bytes == 8)
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(line).Reverse();
        else
            line.Reverse();
    }

    /// <summary>Eight bytes to an integer, the first in the lowest bits.</summary>
    public static void Pack(ReadOnlySpan<byte> image, Span<long> words)
    {
        words[^1] = 0;
        Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(words);
        image.CopyTo(bytes);
        if (!BitConverter.IsLittleEndian)
            foreach (ref long word in words)
                word = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
    }

    /// <summary>Beta(α, α) by Jöhnk's method (1964), in logarithms so that a small α does not underflow.</summary>
    public static double Beta(double alpha, RandomStream stream)
    {
        while (true)
        {
            double x = Math.Log(stream.NextDouble()) / alpha,
                y = Math.Log(stream.NextDouble()) / alpha,
                top = Math.Max(x, y);
            double sum = top + Math.Log(Math.Exp(x - top) + Math.Exp(y - top));
            if (sum <= 0)
                return Math.Exp(x - sum);
        }
    }
}
