// Operations on images. Feature maps are [B, R·C, H, W]: the replicas lie beside each other in the channels.
namespace Gaplab.Torch;

public sealed partial class Tensor
{
    /// <summary>The images that rows (this, int64 [R, B, L]) hold eight bytes to an integer from <paramref name="word"/> on, as (x/255 −
    /// mean)/deviation by channel.</summary>
    /// <param name="word">Where in a row the image begins.</param>
    /// <param name="plane">H·W.</param>
    /// <param name="mean">One a channel.</param>
    /// <param name="deviation">One a channel.</param>
    /// <param name="byBatch">As [B, R·C, H·W], as convolutions take them; else [R, B, C·H·W].</param>
    /// <param name="type">Element type of the result.</param>
    public Tensor UnpackImages(
        long word,
        long plane,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> deviation,
        bool byBatch,
        ScalarType type
    )
    {
        if (mean.Length != deviation.Length)
            throw new ArgumentException(
                $"{mean.Length} means and {deviation.Length} deviations; expected one of each a channel",
                nameof(mean)
            );
        return New(
            Native.gl_unpack_images(Handle, word, plane, mean, deviation, mean.Length, byBatch ? 1 : 0, (int)type, out TensorHandle h),
            h
        );
    }

    /// <summary>Convolution of this [B, R·I, H, W] with weight [R, O, I, K, K], a replica a group: [B, R·O, H', W'].</summary>
    public Tensor Conv2d(Tensor weight, long stride, long padding) =>
        New(Native.gl_conv2d(Handle, weight.Handle, stride, padding, out TensorHandle h), h);

    /// <summary>The largest of each window of this [B, R·C, H, W].</summary>
    public Tensor MaxPool2d(long kernel, long stride) => New(Native.gl_max_pool2d(Handle, kernel, stride, out TensorHandle h), h);

    /// <summary>(x − mean)/√(variance + ε)·gain + bias of each channel of this [B, R·C, …], over batch and positions (Ioffe and Szegedy
    /// 2015).</summary>
    /// <param name="gain">[R, C] or none.</param>
    /// <param name="bias">[R, C] or none.</param>
    /// <param name="mean">Running means [R, C], or none. In training they move towards the batch's; else they are what is
    /// subtracted.</param>
    /// <param name="variance">Running variances likewise (in training towards the batch's with Bessel's correction).</param>
    /// <param name="training">Normalise by the batch's own statistics.</param>
    /// <param name="momentum">How far running statistics move.</param>
    /// <param name="epsilon">ε.</param>
    public Tensor BatchNorm(Tensor? gain, Tensor? bias, Tensor? mean, Tensor? variance, bool training, double momentum, double epsilon)
    {
        int status = Native.gl_batch_norm(
            Handle,
            Pointer(gain),
            Pointer(bias),
            Pointer(mean),
            Pointer(variance),
            training ? 1 : 0,
            momentum,
            epsilon,
            out TensorHandle h
        );
        GC.KeepAlive((gain, bias, mean, variance));
        return New(status, h);
    }

    /// <summary>The same over the channels of a group and positions, each sample for itself: this [B, R·C, …], groups of all replicas
    /// together (Wu and He 2018).</summary>
    public Tensor GroupNorm(long groups, Tensor? gain, Tensor? bias, double epsilon)
    {
        int status = Native.gl_group_norm(Handle, groups, Pointer(gain), Pointer(bias), epsilon, out TensorHandle h);
        GC.KeepAlive((gain, bias));
        return New(status, h);
    }

    /// <summary>(x − mean)/√(variance + ε)·gain + bias over the last dimension of this [R, N, D]; gain and bias [R, D] or none (Ba, Kiros
    /// and Hinton 2016).</summary>
    public Tensor LayerNorm(Tensor? gain, Tensor? bias, double epsilon)
    {
        int status = Native.gl_layer_norm(Handle, Pointer(gain), Pointer(bias), epsilon, out TensorHandle h);
        GC.KeepAlive((gain, bias));
        return New(status, h);
    }

    private static nint Pointer(Tensor? tensor) => tensor?.Handle.DangerousGetHandle() ?? 0;
}
