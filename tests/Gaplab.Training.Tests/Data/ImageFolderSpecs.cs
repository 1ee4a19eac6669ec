// Folders of PNG and JPEG files: pixels by their specifications, scaling, order, and every way in which a file can be broken.
using System.Security.Cryptography;
using CsCheck;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class ImageFolderSpecs
{
    [Fact]
    public void Png_pixels_are_exact_with_grey_repeated_and_transparency_dropped()
    {
        foreach (int channels in (int[])[1, 3, 4])
        {
            (byte[] pixels, int height, int width) = ImageDecoder.Decode(
                TestImages.Png(5, 3, channels, (y, x, c) => (byte)(40 * y + 7 * x + 3 * c))
            );
            Assert.Equal((3, 5), (height, width));
            Assert.Equal(
                [
                    .. from y in Enumerable.Range(0, 3)
                    from x in Enumerable.Range(0, 5)
                    from c in Enumerable.Range(0, 3)
                    select (byte)(40 * y + 7 * x + (channels == 1 ? 0 : 3 * c)),
                ],
                pixels
            );
        }
    }

    [Fact]
    public void Jpeg_pixels_are_those_of_its_constant_blocks()
    {
        (byte[] grey, int height, int width) = ImageDecoder.Decode(TestImages.Jpeg(3, 2, 1, (y, x, _) => (byte)(100 * y + 40 * x)));
        Assert.Equal((16, 24), (height, width));
        for (int y = 0; y < 16; y++)
        for (int x = 0; x < 24; x++)
            Assert.All(grey[((y * 24 + x) * 3)..((y * 24 + x) * 3 + 3)], v => Assert.Equal(100 * (y / 8) + 40 * (x / 8), v));
        // JFIF's equations: R = Y + 1.402 (Cr − 128), G = Y − 0.344136 (Cb − 128) − 0.714136 (Cr − 128), B = Y + 1.772 (Cb − 128).
        byte[] colour = ImageDecoder
            .Decode(
                TestImages.Jpeg(
                    1,
                    1,
                    3,
                    (_, _, c) =>
                        c switch
                        {
                            0 => 120,
                            1 => 100,
                            _ => 160,
                        }
                )
            )
            .Pixels;
        Assert.InRange(colour[0] - (120 + 1.402 * 32), -1, 1);
        Assert.InRange(colour[1] - (120 + 0.344136 * 28 - 0.714136 * 32), -1, 1);
        Assert.InRange(colour[2] - (120 - 1.772 * 28), -1, 1);
    }

    // A run's content is its pixels: another decoder, or another version of this one, must see the same.
    [Fact]
    public void Pixels_are_those_that_other_programs_see() =>
        Assert.All(
            GoldenVectors.Read("image-vectors.json").AsArray(),
            v =>
            {
                (byte[] pixels, int height, int width) = ImageDecoder.Decode(Convert.FromBase64String((string)v!["file"]!));
                Assert.Equal(((int)v["width"]!, (int)v["height"]!), (width, height));
                Assert.Equal((string)v["sha256"]!, Convert.ToHexStringLower(SHA256.HashData(pixels)));
            }
        );

    [Fact]
    public void Broken_images_are_one_clear_line_and_huge_ones_take_no_memory()
    {
        byte[] png = TestImages.Png(40, 40, 3, (y, x, c) => (byte)(y * x * (c + 1) * 37)),
            jpeg = TestImages.Jpeg(8, 8, 3, (y, x, c) => (byte)(y * 31 + x * 17 + c * 50));
        byte[] flipped = [.. png];
        flipped[60] ^= 0xFF;
        byte[] wide = [.. jpeg];
        int size = Find(wide, [0xFF, 0xC0]) + 5;
        (wide[size], wide[size + 1], wide[size + 2], wide[size + 3]) = (0xFD, 0xE8, 0xFD, 0xE8);
        Refused([1, 2, 3, 4, 5, 6, 7, 8, 9], "neither a PNG nor a JPEG");
        Refused("GIF89a0123456789"u8.ToArray(), "neither a PNG nor a JPEG");
        Refused(png[..20], "cut off");
        Refused(png[..^20], "cut off");
        Refused(png[..^1], "cut off");
        Refused(flipped, "does not decode");
        Refused(
            [.. png[..8], .. TestImages.PngHeader(1 << 30, 1 << 30, 3), .. png[33..]],
            "its header says 1073741824 x 1073741824 pixels; expected at most 33554432"
        );
        Refused([.. png[..8], .. TestImages.PngHeader(0, 5, 3), .. png[33..]], "does not decode");
        Refused(wide, "its header says 65000 x 65000 pixels");
        Refused(jpeg[..2], "neither a PNG nor a JPEG");
        Refused(jpeg[..30], "does not decode");
        Refused(jpeg[..^40], "does not decode: Premature end of JPEG file");
        // A second, harmless warning before it does not hide it.
        Refused([.. jpeg[..2], 0xFF, 0xFE, 0, 3, (byte)'x', 0, 0, .. jpeg[2..^40]], "does not decode: Premature end of JPEG file");
        Assert.NotEmpty(ImageDecoder.Decode([.. jpeg[..2], 0xFF, 0xFE, 0, 3, (byte)'x', 0, 0, .. jpeg[2..]]).Pixels);
        Refused([.. png[..8], .. TestImages.PngHeader(1 << 17, 1, 3), .. png[33..]], "expected at most 33554432 in all and 65535 a side");
        // Any damage ends in an error or an image, never in a crash.
        foreach (byte[] whole in (byte[][])[png, jpeg])
            FixedSeeds.Check(
                ByteDamage.Any.Array[1, 2],
                300,
                damages =>
                {
                    try
                    {
                        Assert.NotEmpty(ImageDecoder.Decode(ByteDamage.All(damages, whole)).Pixels);
                    }
                    catch (ImageDecoderException e)
                    {
                        Assert.DoesNotContain('\n', e.Message);
                    }
                }
            );

        static void Refused(byte[] bytes, string expected) =>
            Assert.Contains(
                expected,
                Assert.Throws<ImageDecoderException>(() => ImageDecoder.Decode(bytes)).Message,
                StringComparison.Ordinal
            );
        static int Find(byte[] bytes, ReadOnlySpan<byte> mark) => bytes.AsSpan().IndexOf(mark);
    }

    [Fact]
    public void Scaling_is_the_mean_of_the_area_of_the_middle_square()
    {
        byte[] square = new byte[3 * 4];
        // 6 wide, 4 high: columns 1 … 4 are kept; 2x2 blocks are averaged.
        byte[] pixels =
        [
            .. from y in Enumerable.Range(0, 4)
            from x in Enumerable.Range(0, 6)
            from c in Enumerable.Range(0, 3)
            select (byte)(10 * y + 4 * x + c),
        ];
        ImageResize.Fill(pixels, 4, 6, 2, square);
        for (int c = 0; c < 3; c++)
        for (int y = 0; y < 2; y++)
        for (int x = 0; x < 2; x++)
            Assert.Equal((byte)(10 * (2 * y + 0.5) + 4 * (1 + 2 * x + 0.5) + c), square[(c * 2 + y) * 2 + x]);
        // 3 to 2: the first new pixel is two thirds of the first old one and one third of the second.
        byte[] two = new byte[3 * 4];
        ImageResize.Fill(
            [.. from y in Enumerable.Range(0, 3) from x in Enumerable.Range(0, 3) from c in Enumerable.Range(0, 3) select (byte)(90 * x)],
            3,
            3,
            2,
            two
        );
        Assert.Equal([30, 150, 30, 150], two[..4]);
        // 1 to 3: what is enlarged keeps its pixel.
        byte[] three = new byte[3 * 9];
        ImageResize.Fill([7, 8, 9], 1, 1, 3, three);
        Assert.Equal([.. Enumerable.Repeat((byte)7, 9), .. Enumerable.Repeat((byte)8, 9), .. Enumerable.Repeat((byte)9, 9)], three);
    }

    [Fact]
    public void Folders_are_classes_in_order_and_what_is_no_image_or_a_link_does_not_count()
    {
        using var folder = new TestFolder();
        for (int i = 0; i < 6; i++)
        {
            folder.Write($"data/train/b/{i}.png", TestImages.Png(9, 8, 3, (_, _, _) => (byte)(10 * i)));
            folder.Write($"data/train/a/{i}.JPG", TestImages.Jpeg(1, 1, 1, (_, _, _) => (byte)(100 + 10 * i)));
        }
        folder.Write("data/val/a/one.png", TestImages.Png(8, 8, 1, (_, _, _) => 200));
        folder.Write("data/train/a/notes.txt", "no image");
        folder.Write("data/train/a/.hidden.png", "broken");
        Directory.CreateSymbolicLink(folder.File("data/train/loop"), folder.File("data"));
        var spec = new TaskSpec
        {
            Kind = "image-folder",
            Path = folder.File("data"),
            Side = 8,
            Normalise = false,
        };
        using ImageTask task = ImageTask.Load(spec);
        Assert.Equal((2, 12L, 1L), (task.Vocabulary, task.TrainEvaluationCount(0), task.ValidationCount(0)));
        long[] rows = new long[12 * task.SampleLength];
        task.FillTrainEvaluation(0, 0, rows);
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(i / 6, rows[(i + 1) * task.SampleLength - 1]);
            Assert.Equal(i < 6 ? 100 + 10 * i : 10 * (i - 6), rows[i * task.SampleLength] & 255);
        }
        // The content is the pixels: the names of files are not in it, a changed pixel is.
        File.Move(folder.File("data/val/a/one.png"), folder.File("data/val/a/two.png"));
        using (ImageTask again = ImageTask.Load(task.Spec))
            Assert.Equal(task.Spec.Content, again.Spec.Content);
        folder.Write("data/val/a/two.png", TestImages.Png(8, 8, 1, (_, _, _) => 201));
        Assert.Contains(
            "not what the study was planned with",
            Assert.Throws<InputException>(() => ImageTask.Load(task.Spec)).Message,
            StringComparison.Ordinal
        );
        folder.Write("data/val/a/two.png", "\u0089PNG");
        folder.Write("data/val/a/zero.png", []);
        Assert.Contains(
            "two.png: does not decode",
            Assert.Throws<InputException>(() => ImageTask.Load(spec)).Message,
            StringComparison.Ordinal
        );
        File.Delete(folder.File("data/val/a/two.png"));
        Assert.Contains("zero.png: is empty", Assert.Throws<InputException>(() => ImageTask.Load(spec)).Message, StringComparison.Ordinal);
        folder.Write("data/val/c/x.png", TestImages.Png(8, 8, 1, (_, _, _) => 1));
        Assert.Contains("has a class 'c'", Assert.Throws<InputException>(() => ImageTask.Load(spec)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "expected at least two",
            Assert.Throws<InputException>(() => ImageTask.Load(spec with { Path = folder.File("data/train/a") })).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no such folder",
            Assert.Throws<InputException>(() => ImageTask.Load(spec with { Path = folder.File("nothing") })).Message,
            StringComparison.Ordinal
        );
    }
}
