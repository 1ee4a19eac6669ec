// From the rows of an image task to what a model computes with, and from its logits to the loss.
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Reads rows int64 [R, B, L] as <see cref="ImageShape"/> lays them out.</summary>
internal sealed class ImageRows(ImageShape shape)
{
    private readonly double[] _mean = Each(shape.Mean, shape.Channels, 0),
        _deviation = Each(shape.Deviation, shape.Channels, 1);

    public ImageShape Shape => shape;

    /// <summary>Normalised images, mixed where the rows say so: [R, B, C·H·W], or by batch [B, R·C, H, W].</summary>
    public Tensor Images(Tensor rows, Tensor like, bool byBatch)
    {
        long replicas = rows.Size(0),
            batch = rows.Size(1),
            plane = (long)shape.Height * shape.Width;
        Tensor images = Unpack(0);
        if (shape.Mixed)
        {
            // The mean is affine in the pixels, so normalised images mix as the images themselves.
            Tensor weight = Weights(rows, like); // [R, B]
            weight = byBatch ? weight.Transpose(0, 1).Reshape(batch, replicas, 1, 1) : weight.Unsqueeze(2);
            Tensor partner = Unpack(shape.Words);
            images = byBatch
                ? (
                    partner.Reshape(batch, replicas, shape.Channels, plane)
                    + (images - partner).Reshape(batch, replicas, shape.Channels, plane) * weight
                )
                : partner + (images - partner) * weight;
        }
        return byBatch ? images.Reshape(batch, replicas * shape.Channels, shape.Height, shape.Width) : images;

        Tensor Unpack(long word) =>
            (
                shape.Element == "u1"
                    ? rows.ToDevice(Device.Cpu).UnpackImages(word, plane, _mean, _deviation, byBatch, Wide(like.Type))
                    : Numbers(rows, (int)word, byBatch, Wide(like.Type))
            )
                .ToType(like.Type)
                .ToDevice(like.Device);
    }

    // Numbers are unpacked in a type that the host computes in.
    private static ScalarType Wide(ScalarType type) => type == ScalarType.BFloat16 ? ScalarType.Float32 : type;

    /// <summary>The floats or doubles that rows hold from a word on, normalised: [R, B, C·H·W], or by batch [B, R·C, H, W].</summary>
    private Tensor Numbers(Tensor rows, int word, bool byBatch, ScalarType type)
    {
        int replicas = (int)rows.Size(0),
            batch = (int)rows.Size(1),
            length = (int)rows.Size(2),
            count = shape.Count;
        using Tensor near = rows.ToDevice(Device.Cpu);
        using Tensor dense = near.Contiguous();
        Tensor images = Tensor.Empty(byBatch ? [batch, (long)replicas * count] : [replicas, (long)batch * count], type, Device.Cpu);
        double[] wide = new double[count];
        for (int r = 0; r < replicas; r++)
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(
                dense.Row<long>(r).Slice(b * length + word, shape.Words)
            );
            (int outer, int inner) = byBatch ? (b, r) : (r, b);
            if (shape.Mean.Count == 0 && type == ScalarType.Float32)
            {
                ImageNumbers.Narrow(shape.Element, bytes, images.Row<float>(outer).Slice(inner * count, count));
                continue;
            }
            ImageNumbers.Widen(shape.Element, bytes, wide);
            if (shape.Mean.Count > 0)
                Normalise(wide);
            if (type == ScalarType.Float32)
                System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<double, float>(
                    wide,
                    images.Row<float>(outer).Slice(inner * count, count)
                );
            else
                wide.CopyTo(images.Row<double>(outer).Slice(inner * count, count));
        }
        return byBatch
            ? images.Reshape(batch, (long)replicas * shape.Channels, shape.Height, shape.Width)
            : images.Reshape(replicas, batch, count);
    }

    private void Normalise(double[] numbers)
    {
        int plane = shape.Height * shape.Width;
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = (numbers[i] - _mean[i / plane]) / _deviation[i / plane];
    }

    private static double[] Each(IReadOnlyList<double> given, int channels, double otherwise) =>
        given.Count > 0 ? [.. given] : [.. Enumerable.Repeat(otherwise, channels)];

    /// <summary>Classes int64 [R, B]; of the mixed partners with <paramref name="partner"/>.</summary>
    public Tensor Labels(Tensor rows, Tensor like, bool partner = false) =>
        rows.Select(2, shape.LabelAt + (partner ? 1 : 0)).ToDevice(like.Device);

    /// <summary>Mean cross-entropy of logits [R, B, K] with the rows' classes, each pair weighted by its λ where images are mixed (Zhang et
    /// al. 2018): [R].</summary>
    public Tensor Loss(Tensor logits, Tensor rows)
    {
        if (!shape.Mixed)
            return logits.CrossEntropy(Labels(rows, logits));
        Tensor weight = Weights(rows, logits),
            logProbabilities = logits.Widened().LogSoftmax(-1);
        Tensor Of(bool partner) => logProbabilities.Gather(2, Labels(rows, logits, partner).Unsqueeze(2)).Squeeze(2);
        return -(Of(true) + (Of(false) - Of(true)) * weight).Mean([1]);
    }

    private Tensor Weights(Tensor rows, Tensor like)
    {
        // The row holds a double's bits.
        long[] bits = rows.Select(2, shape.LabelAt + 2).ToArray<long>();
        return Tensor
            .From<double>(Array.ConvertAll(bits, BitConverter.Int64BitsToDouble), rows.Size(0), rows.Size(1))
            .ToType(like.Type)
            .ToDevice(like.Device);
    }
}
