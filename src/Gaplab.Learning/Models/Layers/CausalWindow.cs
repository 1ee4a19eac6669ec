// What a causal convolution sees: each position with those before it, side by side.
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Shifted copies of a sequence; before its beginning there are zeros.</summary>
public static class CausalWindow
{
    /// <summary>x [R, B, T, D] -> [R, B·T, K·D]: positions t−K+1 … t of each t, so that a convolution is one matrix product.</summary>
    public static Tensor Unfold(Tensor x, int kernel)
    {
        long replicas = x.Size(0),
            batch = x.Size(1),
            time = x.Size(2),
            width = x.Size(3);
        Tensor[] shifted = new Tensor[kernel];
        Tensor padded = Padded(x, kernel);
        for (int k = 0; k < kernel; k++)
            shifted[k] = padded.Narrow(2, k, time);
        return (kernel == 1 ? shifted[0] : Tensor.Cat(shifted, 3)).Reshape(replicas, batch * time, kernel * width);
    }

    /// <summary>A convolution of each channel for itself: x [R, B, T, D], weight [R, K, D] -> [R, B, T, D]; weight K−1 is the present
    /// position's.</summary>
    public static Tensor Depthwise(Tensor x, Tensor weight, int kernel)
    {
        long replicas = x.Size(0),
            time = x.Size(2),
            width = x.Size(3);
        Tensor padded = Padded(x, kernel);
        Tensor? sum = null;
        for (int k = 0; k < kernel; k++)
        {
            Tensor term = padded.Narrow(2, k, time) * weight.Select(1, k).Reshape(replicas, 1, 1, width);
            sum = sum is null ? term : sum + term;
        }
        return sum!;
    }

    private static Tensor Padded(Tensor x, int kernel) =>
        kernel == 1 ? x : Tensor.Cat([Tensor.Zeros([x.Size(0), x.Size(1), kernel - 1, x.Size(3)], x.Type, x.Device), x], 2);
}
