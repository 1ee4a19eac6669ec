// Generated images: an independent reader of the pixels finds the shown class, so the stated least error and loss are attained and are the
// least.
using Gaplab.Learning.Data.Images;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class GeneratedImageSpecs
{
    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(28)]
    public void Without_overlap_every_shape_can_be_read_from_its_pixels(int side)
    {
        ImageSet images = ShapeImages.Make(2000, 20, side, 0, 3);
        for (int i = 0; i < images.Count; i++)
        {
            (int shape, int texture) = Read(images.Image(i), side);
            Assert.Equal((images.Labels[i] % 5, images.Labels[i] / 5), (shape, texture));
        }
        Assert.All(Enumerable.Range(0, 20), c => Assert.InRange(images.Labels.Count(l => l == c), 60, 140)); // 100 ± 4·√95
    }

    [Fact]
    public void Overlap_is_the_share_of_images_of_another_class_all_others_alike_and_their_entropy_the_least_loss()
    {
        const int Count = 20_000,
            Classes = 5;
        const double Overlap = 0.3;
        ImageSet images = ShapeImages.Make(Count, Classes, 12, Overlap, 7);
        int[] shifts = new int[Classes];
        for (int i = 0; i < Count; i++)
            shifts[(Read(images.Image(i), 12).Shape - images.Labels[i] + Classes) % Classes]++;
        Assert.InRange(shifts[0] / (double)Count, 0.7 - 4 * Math.Sqrt(0.21 / Count), 0.7 + 4 * Math.Sqrt(0.21 / Count));
        Assert.All(
            shifts[1..],
            s => Assert.InRange(s / (double)Count, 0.075 - 4 * Math.Sqrt(0.07 / Count), 0.075 + 4 * Math.Sqrt(0.07 / Count))
        );
        double observed = -shifts.Sum(s => s / (double)Count * Math.Log(s / (double)Count)),
            least = ShapeImages.LeastLoss(Classes, Overlap);
        // Observed in place of true frequencies: below by about (K−1)/2n, within a few standard errors.
        Assert.Equal(-(0.7 * Math.Log(0.7) + 4 * 0.075 * Math.Log(0.075)), least, 1e-12);
        Assert.InRange(observed, least - 0.04, least + 0.04);
        Assert.Equal(Math.Log(Classes), ShapeImages.LeastLoss(Classes, 0.8), 1e-12);
        Assert.Equal(0, ShapeImages.LeastLoss(Classes, 0));
    }

    [Fact]
    public void Barcode_classes_follow_zipfs_law()
    {
        const int Count = 40_000;
        ImageSet images = new BarcodeImages(50, 16, 1.2, 0.05, 4).Make(Count);
        double total = Enumerable.Range(1, 50).Sum(k => Math.Pow(k, -1.2));
        double chi = Enumerable
            .Range(0, 50)
            .Sum(c =>
            {
                double expected = Count * Math.Pow(c + 1, -1.2) / total;
                return Math.Pow(images.Labels.Count(l => l == c) - expected, 2) / expected;
            });
        Assert.InRange(chi, 20, 95); // χ² with 49 degrees of freedom: below 95 but for 1 in 10,000
    }

    [Fact]
    public void The_least_loss_of_barcodes_is_that_of_bayes_rule_and_no_other_rule_is_better()
    {
        const int Count = 4000;
        // Four bars, three classes: the law by counting all 16 flipped codes.
        var source = new BarcodeImages(3, 4, 1, 0.1, 11);
        ImageSet images = source.Make(Count);
        ulong[] seen = [.. Enumerable.Range(0, Count).Select(i => source.Bars(images.Image(i)))];
        double least = source.LeastLoss(images);
        // The expected loss H(label | bars) from the codes, found as the most frequent bars of each class.
        ulong[] codes =
        [
            .. Enumerable.Range(0, 3).Select(c => seen.Where((_, i) => images.Labels[i] == c).GroupBy(b => b).MaxBy(g => g.Count())!.Key),
        ];
        double[] prior = [6 / 11.0, 3 / 11.0, 2 / 11.0];
        double Joint(int c, ulong bars) =>
            prior[c] * Enumerable.Range(0, 4).Aggregate(1.0, (p, b) => p * (((bars ^ codes[c]) >> b & 1) == 1 ? 0.1 : 0.9));
        double expected = 0,
            square = 0;
        for (ulong bars = 0; bars < 16; bars++)
        {
            double all = Enumerable.Range(0, 3).Sum(c => Joint(c, bars));
            for (int c = 0; c < 3; c++)
            {
                double surprise = -Math.Log(Joint(c, bars) / all);
                (expected, square) = (expected + Joint(c, bars) * surprise, square + Joint(c, bars) * surprise * surprise);
            }
        }
        double error = Math.Sqrt((square - expected * expected) / Count);
        Assert.InRange(least, expected - 4 * error, expected + 4 * error);
        Assert.Equal(0, new BarcodeImages(64, 16, 1, 0, 1).LeastLoss(images with { Labels = [.. images.Labels] }));
        // Without the bars the least loss is the entropy of the law itself, which the bars must lower.
        Assert.True(least < -prior.Sum(p => p * Math.Log(p)) - 0.1);
    }

    [Fact]
    public void Generated_tasks_say_their_least_loss_have_no_content_and_refuse_what_is_impossible()
    {
        var shapes = new TaskSpec
        {
            Kind = "shapes",
            ImageCount = 400,
            Overlap = 0.2,
        };
        using ImageTask task = ImageTask.Load(shapes),
            again = ImageTask.Load(shapes),
            other = ImageTask.Load(shapes with { SourceSeed = 2 });
        Assert.Equal((10, 360L, 40L), (task.Vocabulary, task.TrainEvaluationCount(0), task.ValidationCount(0)));
        Assert.Equal(ShapeImages.LeastLoss(10, 0.2), task.EntropyRate);
        Assert.Null(task.Spec.Content);
        long[] a = new long[20 * task.SampleLength],
            b = new long[20 * task.SampleLength],
            c = new long[20 * task.SampleLength];
        task.FillBatch(1, 0, a);
        again.FillBatch(1, 0, b);
        other.FillBatch(1, 0, c);
        Assert.Equal(a, b);
        Assert.NotEqual(a, c);
        using ImageTask barcodes = ImageTask.Load(new TaskSpec { Kind = "barcodes", ImageCount = 5000 });
        Assert.Equal(64, barcodes.Vocabulary);
        Assert.InRange(barcodes.EntropyRate!.Value, 0.01, 0.5);
        Assert.Equal(["frequent", "medium", "rare"], barcodes.GroupNames);
        foreach (
            (TaskSpec wrong, string expected) in (ReadOnlySpan<(TaskSpec, string)>)
                [
                    (shapes with { Overlap = 0.95 }, "task.overlap is 0.95"),
                    (shapes with { Classes = 21 }, "task.classes is 21"),
                    (shapes with { Side = 8 }, "task.side is 8"),
                    (shapes with { Kind = "barcodes", Side = 5 }, "codes for 8 at most"),
                    (shapes with { ImageCount = 4 }, "leave none for validation"),
                ]
        )
            Assert.Contains(expected, Assert.Throws<InputException>(() => ImageTask.Load(wrong)).Message, StringComparison.Ordinal);
    }

    // Reads shape and texture from the grey levels alone: ground, dark and light lie apart, the shape's outline says the rest.
    private static (int Shape, int Texture) Read(ReadOnlySpan<byte> image, int side)
    {
        bool[,] on = new bool[side, side],
            light = new bool[side, side];
        int top = side,
            bottom = -1,
            left = side,
            right = -1;
        for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
        {
            (on[y, x], light[y, x]) = (image[y * side + x] > 90, image[y * side + x] > 165);
            if (on[y, x])
                (top, bottom, left, right) = (Math.Min(top, y), Math.Max(bottom, y), Math.Min(left, x), Math.Max(right, x));
        }
        int middleY = (top + bottom) / 2,
            middleX = (left + right) / 2;
        int shape =
            !on[middleY, middleX] ? 4
            : on[top, left] ? 1
            : !on[top, middleX] || !on[middleY, left] ? 2
            : on[(top + middleY) / 2, (left + middleX) / 2] ? 0
            : 3;
        bool acrossAlike = true,
            downAlike = true,
            plain = true;
        for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++)
        {
            if (!on[y, x])
                continue;
            plain &= light[y, x];
            if (x < right && on[y, x + 1])
                acrossAlike &= light[y, x] == light[y, x + 1];
            if (y < bottom && on[y + 1, x])
                downAlike &= light[y, x] == light[y + 1, x];
        }
        return (
            shape,
            plain ? 0
            : acrossAlike ? 1
            : downAlike ? 2
            : 3
        );
    }
}
