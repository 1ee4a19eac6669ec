// Which training images are used and what their labels are: subset, class imbalance, label noise; functions of the source's seed alone.
using Gaplab.Learning.Data.Sampling;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Images;

/// <summary>Choices among images, the same for every run of a study.</summary>
internal static class ImageSelection
{
    /// <summary>A random subset of <paramref name="size"/> images in their order; 0 is all. A larger subset holds the smaller
    /// ones.</summary>
    /// <exception cref="InputException">More than there are.</exception>
    public static ImageSet Subset(ImageSet images, int size, long seed)
    {
        if (size > images.Count)
            throw new InputException(
                $"task.train-size is {size}, but there are {images.Count} training images; use fewer, or leave it out for all"
            );
        return size == 0 || size == images.Count ? images : images.Take([.. First(images.Count, size, seed, "data/subset").Order()]);
    }

    /// <summary>The first <paramref name="size"/> of a random order of 0 … count−1.</summary>
    public static IEnumerable<int> First(int count, int size, long seed, string purpose)
    {
        var order = new Permutation(count, RandomStream.For(seed, purpose));
        return Enumerable.Range(0, size).Select(i => (int)order[i]);
    }

    /// <summary>Class c (0, 1, …) keeps n·(c+1)^−s images, n as large as the data allow for every class, at least one each.</summary>
    public static ImageSet Unbalance(ImageSet images, int classes, double exponent, long seed)
    {
        if (exponent == 0)
            return images;
        int[] available = new int[classes];
        foreach (int label in images.Labels)
            available[label]++;
        double scale = Enumerable.Range(0, classes).Where(c => available[c] > 0).Min(c => available[c] * Math.Pow(c + 1, exponent));
        int[] left =
        [
            .. Enumerable
                .Range(0, classes)
                .Select(c => available[c] == 0 ? 0 : Math.Clamp((int)Math.Round(scale * Math.Pow(c + 1, -exponent)), 1, available[c])),
        ];
        var kept = new List<int>();
        foreach (int i in First(images.Count, images.Count, seed, "data/imbalance"))
            if (left[images.Labels[i]]-- > 0)
                kept.Add(i);
        kept.Sort();
        return images.Take(kept);
    }

    /// <summary>Each label is with probability <paramref name="share"/> replaced by one of the other classes, all alike.</summary>
    public static int[] NoisyLabels(int[] labels, int classes, double share, long seed)
    {
        if (share == 0 || classes < 2)
            return labels;
        int[] noisy = [.. labels];
        for (int i = 0; i < noisy.Length; i++)
        {
            RandomStream stream = RandomStream.For(seed, "data/label-noise", i);
            if (stream.NextDouble() < share)
                noisy[i] = (int)((noisy[i] + 1 + stream.NextIndex(classes - 1)) % classes);
        }
        return noisy;
    }
}
