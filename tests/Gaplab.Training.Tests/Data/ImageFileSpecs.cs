// Image files, whole and broken, and what happens to images on their way into a batch.
using System.IO.Compression;
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Data;

public sealed class ImageFileSpecs
{
    [Theory]
    [InlineData("train-images-idx3-ubyte", 0, "is empty")]
    [InlineData("train-images-idx3-ubyte", 10, "starts with a header of 16")]
    [InlineData("train-images-idx3-ubyte", 100, "the file is cut off")]
    [InlineData("train-labels-idx1-ubyte", 20, "the file is cut off")]
    public void A_cut_idx_file_is_one_clear_line(string name, int length, string expected)
    {
        using TestFolder folder = Idx();
        folder.Write(name, File.ReadAllBytes(folder.File(name))[..length]);
        string message = Assert.Throws<InputException>(() => ImageTask.Load(Spec(folder))).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Wrong_idx_files_are_one_clear_line()
    {
        using TestFolder folder = Idx();
        void Refused(string name, byte[] bytes, string expected)
        {
            byte[] before = File.ReadAllBytes(folder.File(name));
            folder.Write(name, bytes);
            Assert.Contains(expected, Assert.Throws<InputException>(() => ImageTask.Load(Spec(folder))).Message, StringComparison.Ordinal);
            folder.Write(name, before);
        }
        byte[] labels = File.ReadAllBytes(folder.File("train-labels-idx1-ubyte")),
            images = File.ReadAllBytes(folder.File("train-images-idx3-ubyte"));
        Refused("train-images-idx3-ubyte", labels, "are the two exchanged?");
        Refused("train-images-idx3-ubyte", [1, 2, 3, .. images[3..]], "0x01020303");
        Refused("train-images-idx3-ubyte", [.. images[..4], 0xFF, .. images[5..]], "expected positive sizes");
        Refused("train-images-idx3-ubyte", [.. images, 7], "longer than it says");
        Refused("train-labels-idx1-ubyte", [.. labels[..4], 0, 0, 0, 39, .. labels[9..]], "holds 40 images");
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(images);
        Refused("train-images-idx3-ubyte", packed.ToArray()[..^9], "broken or cut off");
        folder.Write("train-images-idx3-ubyte", packed.ToArray());
        using (ImageTask whole = ImageTask.Load(Spec(folder)))
            Assert.Equal(40, whole.TrainEvaluationCount(0));
        File.Delete(folder.File("t10k-labels-idx1-ubyte"));
        Assert.Contains(
            "holds no t10k-labels",
            Assert.Throws<InputException>(() => ImageTask.Load(Spec(folder))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_label_far_from_the_others_is_refused_unless_the_number_of_classes_is_given()
    {
        using TestFolder folder = Idx();
        byte[] labels = File.ReadAllBytes(folder.File("train-labels-idx1-ubyte")),
            validation = File.ReadAllBytes(folder.File("t10k-labels-idx1-ubyte"));
        byte[] outlier = [.. labels[..^1], 200];
        folder.Write("train-labels-idx1-ubyte", outlier);
        Refused(Spec(folder), "the largest training label is 200, but no image has label 4");
        Refused(Spec(folder) with { Classes = 4 }, "training image 39 has label 200; expected 0 to 3 (task.classes)");
        using (ImageTask wide = ImageTask.Load(Spec(folder) with { Classes = 201 }))
            Assert.Equal(201, wide.Vocabulary);
        // Labels from 1 on are whole; a class that validation alone has is not.
        folder.Write("train-labels-idx1-ubyte", [.. labels[..8], .. labels[8..].Select(l => (byte)(l + 1))]);
        using (ImageTask fromOne = ImageTask.Load(Spec(folder)))
            Assert.Equal(5, fromOne.Vocabulary);
        folder.Write("train-labels-idx1-ubyte", labels);
        folder.Write("t10k-labels-idx1-ubyte", [.. validation[..^1], 4]);
        Refused(Spec(folder), "validation image 7 has label 4; expected 0 to 3");
        using (ImageTask five = ImageTask.Load(Spec(folder) with { Classes = 5 }))
            Assert.Equal(5, five.Vocabulary);

        static void Refused(TaskSpec spec, string expected) =>
            Assert.Contains(expected, Assert.Throws<InputException>(() => ImageTask.Load(spec)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_cifar_files_are_one_clear_line_and_whole_ones_are_read()
    {
        using var folder = new TestFolder();
        byte[] ten = new byte[20 * 3073],
            hundred = new byte[20 * 3074];
        for (int i = 0; i < 20; i++)
            (ten[i * 3073], hundred[i * 3074], hundred[i * 3074 + 1]) = ((byte)(i % 10), 3, (byte)(90 + i % 10));
        string path = folder.Write("a.bin", ten);
        var spec = new TaskSpec { Kind = "cifar", Path = path };
        using (ImageTask task = ImageTask.Load(spec))
            Assert.Equal((10, 18L, 2L), (task.Vocabulary, task.TrainEvaluationCount(0), task.ValidationCount(0)));
        folder.Write("a.bin", hundred);
        using (ImageTask task = ImageTask.Load(spec))
            Assert.Equal(100, task.Vocabulary);
        foreach (
            (byte[] bytes, string expected) in (ReadOnlySpan<(byte[], string)>)
                [
                    ([], "is empty"),
                    (ten[..^1], "no whole number of records"),
                    ([.. ten[..3073], 10, .. ten[3074..]], "record 1 has label 10"),
                ]
        )
        {
            folder.Write("a.bin", bytes);
            Assert.Contains(expected, Assert.Throws<InputException>(() => ImageTask.Load(spec)).Message, StringComparison.Ordinal);
        }
        Assert.Contains(
            "expected CIFAR's binary files",
            Assert
                .Throws<InputException>(() => ImageTask.Load(spec with { Path = Directory.CreateDirectory(folder.File("empty")).FullName }))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Augmented_samples_are_a_function_of_seed_and_sample_and_show_the_shifted_image()
    {
        using TestFolder folder = Idx();
        using ImageTask plain = ImageTask.Load(Spec(folder)),
            augmented = ImageTask.Load(Spec(folder) with { Flip = true, Crop = 2 });
        int size = plain.SampleLength;
        long[] all = new long[30 * size],
            parts = new long[30 * size],
            original = new long[30 * size];
        augmented.FillBatch(5, 0, all);
        for (int b = 0; b < 30; b++)
            augmented.FillBatch(5, b, parts.AsSpan(b * size, size));
        plain.FillBatch(5, 0, original);
        Assert.Equal(all, parts);
        for (int b = 0; b < 30; b++)
        {
            byte[] shown = Bytes(all.AsSpan(b * size, size)),
                image = Bytes(original.AsSpan(b * size, size));
            Assert.Equal(original[b * size + size - 1], all[b * size + size - 1]);
            Assert.Contains(
                from down in Enumerable.Range(-2, 5)
                from right in Enumerable.Range(-2, 5)
                from mirrored in (bool[])[false, true]
                select Shifted(image, down, right, mirrored),
                s => s.SequenceEqual(shown)
            );
        }

        static byte[] Shifted(byte[] image, int down, int right, bool mirrored) =>
            [
                .. from y in Enumerable.Range(0, 6)
                from x in Enumerable.Range(0, 6)
                let column = (mirrored ? 5 - x : x) + right
                let line = y + down
                select line is >= 0 and < 6 && column is >= 0 and < 6 ? image[line * 6 + column] : (byte)0,
            ];
    }

    [Fact]
    public void Imbalance_subset_and_label_noise_do_what_they_say()
    {
        using TestFolder folder = Idx();
        using ImageTask unbalanced = ImageTask.Load(Spec(folder) with { Imbalance = 1 });
        Assert.Equal([10, 5, 3, 2], unbalanced.ClassCounts); // 10/4 = 2.5 rounds to even
        Assert.Equal(["frequent", "medium", "rare"], unbalanced.GroupNames);
        using ImageTask few = ImageTask.Load(Spec(folder) with { TrainSize = 12 });
        Assert.Equal(12, few.TrainEvaluationCount(0));
        Assert.Contains(
            "there are 40 training images",
            Assert.Throws<InputException>(() => ImageTask.Load(Spec(folder) with { TrainSize = 41 })).Message,
            StringComparison.Ordinal
        );
        int[] labels = [.. Enumerable.Range(0, 20_000).Select(i => i % 4)],
            noisy = ImageSelection.NoisyLabels(labels, 4, 0.3, 1);
        double share = labels.Zip(noisy).Count(p => p.First != p.Second) / 20_000.0;
        Assert.InRange(share, 0.3 - 4 * Math.Sqrt(0.3 * 0.7 / 20_000), 0.3 + 4 * Math.Sqrt(0.3 * 0.7 / 20_000));
        Assert.All(
            Enumerable.Range(1, 3),
            shift => Assert.InRange(labels.Zip(noisy).Count(p => p.Second == (p.First + shift) % 4), 1800, 2200)
        );
    }

    [Fact]
    public void Mixup_weights_are_beta_distributed()
    {
        RandomStream stream = RandomStream.For(1, "test/beta");
        foreach (double alpha in (double[])[0.2, 1, 2])
        {
            double[] draws = [.. Enumerable.Range(0, 20_000).Select(_ => ImageAugmentation.Beta(alpha, stream))];
            double variance = 1 / (4 * (2 * alpha + 1)),
                error = 4 * Math.Sqrt(variance / draws.Length);
            Assert.InRange(draws.Average(), 0.5 - error, 0.5 + error);
            Assert.InRange(draws.Average(d => (d - 0.5) * (d - 0.5)) / variance, 0.95, 1.05);
        }
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(ImageAugmentation.Beta(1e-3, stream), 0, 1));
    }

    private static TaskSpec Spec(TestFolder folder) =>
        new()
        {
            Kind = "idx",
            Path = folder.Path,
            Context = 1,
        };

    private static byte[] Bytes(Span<long> row) => [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes(row)[..36]];

    // 40 training and 8 validation images of 6x6 in four classes.
    private static TestFolder Idx()
    {
        var folder = new TestFolder();
        RandomStream stream = RandomStream.For(3, "test/images");
        foreach ((string part, byte count) in (ReadOnlySpan<(string, byte)>)[("train", 40), ("t10k", 8)])
        {
            folder.Write(
                $"{part}-images-idx3-ubyte",
                [
                    0,
                    0,
                    8,
                    3,
                    0,
                    0,
                    0,
                    count,
                    0,
                    0,
                    0,
                    6,
                    0,
                    0,
                    0,
                    6,
                    .. Enumerable.Range(0, count * 36).Select(_ => (byte)(1 + stream.NextIndex(255))),
                ]
            );
            folder.Write(
                $"{part}-labels-idx1-ubyte",
                [0, 0, 8, 1, 0, 0, 0, count, .. Enumerable.Range(0, count).Select(i => (byte)(i % 4))]
            );
        }
        return folder;
    }
}
