// The C ABI of images, line for line as native/vision.cpp exports it.
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

internal static partial class Native
{
    [LibraryImport(Library)]
    internal static partial int gl_unpack_images(
        TensorHandle rows,
        long word,
        long plane,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> deviation,
        int channels,
        int byBatch,
        int type,
        out TensorHandle result
    );

    [LibraryImport(Library)]
    internal static partial int gl_conv2d(TensorHandle x, TensorHandle w, long stride, long padding, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_max_pool2d(TensorHandle x, long kernel, long stride, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_batch_norm(
        TensorHandle x,
        nint gain,
        nint bias,
        nint mean,
        nint variance,
        int training,
        double momentum,
        double eps,
        out TensorHandle result
    );

    [LibraryImport(Library)]
    internal static partial int gl_group_norm(TensorHandle x, long groups, nint gain, nint bias, double eps, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial int gl_layer_norm(TensorHandle x, nint gain, nint bias, double eps, out TensorHandle result);
}
