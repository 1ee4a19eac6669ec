// The C ABI of image files, line for line as native/images.cpp exports it; a library of its own.
using System.Runtime.InteropServices;

namespace Gaplab.Torch;

internal static partial class Native
{
    public const string ImagesLibrary = "gaplab_images";

    [LibraryImport(ImagesLibrary)]
    internal static partial int gl_decode_image(
        ReadOnlySpan<byte> data,
        long size,
        long maxPixels,
        out nint pixels,
        out int width,
        out int height,
        Span<byte> message,
        int capacity
    );

    [LibraryImport(ImagesLibrary)]
    internal static partial void gl_free_image(nint pixels);
}
