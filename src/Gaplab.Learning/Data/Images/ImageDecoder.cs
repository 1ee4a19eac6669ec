// PNG and JPEG files as pixels, by ImageMagick's libpng and libjpeg-turbo, which its package carries.
using System.Buffers.Binary;
using ImageMagick;

namespace Gaplab.Learning.Data.Images;

/// <summary>Decodes images.</summary>
internal static class ImageDecoder
{
    /// <summary>Pixels an image may have: a bound on memory, about 300 MB while one is decoded.</summary>
    public const long MostPixels = 1L << 25;

    /// <summary>Pixels a side may have, as JPEG's format has it: a row is held in several forms at once.</summary>
    public const int LongestSide = 65535;

    // libjpeg only warns of missing or broken data, and fills in grey; ImageMagick warns of an error after the first rows. Other warnings,
    // of bytes between two segments or of a text's checksum, are about no pixel.
    private static readonly string[] s_broken =
    [
        "Premature end of JPEG file",
        "premature end of data segment",
        "bad Huffman code",
        "bad arithmetic code",
        "instead of RST",
        "Invalid SOS parameters",
        "JPEGErrorHandler",
    ];

    /// <summary>Red, green, blue bytes [H, W, 3] of a PNG or JPEG image; grey is repeated, transparency dropped, 16 bits per channel scaled
    /// to 8. Profiles, gamma and orientation change nothing.</summary>
    /// <exception cref="ImageDecoderException">Neither format, broken, cut off or too large.</exception>
    public static (byte[] Pixels, int Height, int Width) Decode(ReadOnlySpan<byte> file)
    {
        MagickFormat format =
            file.StartsWith((ReadOnlySpan<byte>)[0x89, .. "PNG\r\n\u001a\n"u8]) ? MagickFormat.Png
            : file.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? MagickFormat.Jpeg
            : throw new ImageDecoderException("does not decode: starts like neither a PNG nor a JPEG image");
        var settings = new MagickReadSettings { Format = format };
        try
        {
            CheckSize(file, settings);
            using var image = new MagickImage();
            MagickException? broken = null;
            image.Warning += (_, e) => broken ??= e.Exception.RelatedExceptions.Prepend(e.Exception).FirstOrDefault(IsBroken);
            image.Read(file, settings);
            if (broken is not null)
                throw broken;
            if (image.ColorSpace == ColorSpace.CMYK)
                throw new ImageDecoderException("does not decode: its colours are CMYK; expected red, green, blue or grey: convert it");
            using IUnsafePixelCollection<byte> pixels = image.GetPixelsUnsafe();
            return (pixels.ToByteArray(PixelMapping.RGB)!, (int)image.Height, (int)image.Width);
        }
        catch (MagickException e)
        {
            throw new ImageDecoderException("does not decode: " + Reason(e), e);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or BadImageFormatException)
        {
            throw new ImageDecoderException($"does not decode: ImageMagick's library cannot be loaded here ({e.Message})", e);
        }
    }

    // Before anything is allocated for the pixels. libpng allocates a row before ImageMagick looks at its size.
    private static void CheckSize(ReadOnlySpan<byte> file, MagickReadSettings settings)
    {
        long width = 0,
            height = 0;
        if (settings.Format == MagickFormat.Png)
        {
            if (file.Length >= 24) // the header is the first chunk; where it is not, libpng refuses the file
                (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]));
        }
        else
        {
            using var header = new MagickImage();
            header.Ping(file, settings);
            (width, height) = (header.Width, header.Height);
        }
        if (Math.Max(width, height) > LongestSide || width * height > MostPixels)
            throw new ImageDecoderException(
                $"does not decode: its header says {width} x {height} pixels; expected at most {MostPixels} in all and {LongestSide} a side"
            );
    }

    private static bool IsBroken(MagickException warning) => s_broken.Any(text => warning.Message.Contains(text, StringComparison.Ordinal));

    // "what `file' @ error/png.c/function/line"
    private static string Reason(MagickException e)
    {
        string what = e.Message.Split(" `", 2)[0].ReplaceLineEndings(" ");
        return what is "UnexpectedEndOfFile" or "InsufficientImageDataInFile" ? "the file is cut off or holds no image" : what;
    }
}

/// <summary>An image that could not be decoded; the message is one line.</summary>
internal sealed class ImageDecoderException : Exception
{
    public ImageDecoderException(string message)
        : base(message) { }

    public ImageDecoderException(string message, Exception inner)
        : base(message, inner) { }

    public ImageDecoderException() { }
}
