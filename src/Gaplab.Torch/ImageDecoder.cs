// PNG and JPEG files as pixels, by libpng and libjpeg.
using System.Runtime.InteropServices;
using System.Text;

namespace Gaplab.Torch;

/// <summary>Decodes images; needs no libtorch.</summary>
public static class ImageDecoder
{
    /// <summary>Pixels an image may have: a bound on memory, about 200 MB while one is decoded.</summary>
    public const long MostPixels = 1L << 25;

    /// <summary>Red, green, blue bytes [H, W, 3] of a PNG or JPEG image; grey is repeated, transparency dropped, 16 bits a channel scaled
    /// to 8.</summary>
    /// <exception cref="ImageDecoderException">Neither format, broken, cut off or too large, or the decoder was not built.</exception>
    public static (byte[] Pixels, int Height, int Width) Decode(ReadOnlySpan<byte> file)
    {
        Span<byte> message = stackalloc byte[256];
        try
        {
            if (
                Native.gl_decode_image(
                    file,
                    file.Length,
                    MostPixels,
                    out nint pixels,
                    out int width,
                    out int height,
                    message,
                    message.Length
                ) != 0
            )
                throw new ImageDecoderException("does not decode: " + Encoding.UTF8.GetString(message[..message.IndexOf((byte)0)]));
            byte[] decoded = new byte[3L * height * width];
            Marshal.Copy(pixels, decoded, 0, decoded.Length);
            Native.gl_free_image(pixels);
            return (decoded, height, width);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ImageDecoderException(
                "PNG and JPEG files need libpng-dev and libjpeg62-turbo-dev: apt-get install -y libpng-dev libjpeg62-turbo-dev, then "
                    + "./gaplab study run builds the decoder",
                e
            );
        }
    }
}

/// <summary>An image that could not be decoded; the message is one line.</summary>
public sealed class ImageDecoderException : Exception
{
    public ImageDecoderException(string message)
        : base(message) { }

    public ImageDecoderException(string message, Exception inner)
        : base(message, inner) { }

    public ImageDecoderException() { }
}
