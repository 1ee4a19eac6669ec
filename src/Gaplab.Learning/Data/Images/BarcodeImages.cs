// Generated images of barcodes: many classes whose frequencies follow Zipf's law, with a known least loss.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Images;

/// <summary>Class c (from 0) has probability ∝ (c+1)^−s and a random code of dark and light bars, one a column, no two alike; each bar of
/// an image is flipped with probability ε. Grey.</summary>
/// <remarks>
/// Barcodes as classes without visual meaning, and so as many as wanted, follow the barcoded digits of Kunstner, Yadav, Milligan, Schmidt
/// and Bietti 2024 (heavy-tailed class imbalance); the law of the images is ours. Brightness of the bars and of each pixel varies by less
/// than what lies between dark and light, so an image says exactly its flipped code x, and p(c | x) ∝ (c+1)^−s · (ε/(1−ε))^d(x, code c), d
/// the number of bars that differ. The least loss is the mean of −ln p(label | x) over the validation images.
/// </remarks>
internal sealed class BarcodeImages
{
    /// <summary>Bars are bits of an unsigned 64-bit number.</summary>
    public const int MostSide = 64;

    private const int Noise = 20;

    private readonly int _side;
    private readonly double _flips;
    private readonly long _seed;
    private readonly ulong[] _codes;
    private readonly double[] _logPrior,
        _cumulative;

    /// <exception cref="InputException">More classes than bars can tell apart.</exception>
    public BarcodeImages(int classes, int side, double exponent, double flips, long seed)
    {
        // A quarter of all codes at most, so that random ones are soon found.
        if (side < 32 && classes > 1L << (side - 2))
            throw new InputException(
                $"task.classes is {classes}, but {side} bars (task.side) have codes for {1L << (side - 2)} at most; use a larger side or "
                    + $"fewer classes"
            );
        (_side, _flips, _seed) = (side, flips, seed);
        RandomStream stream = RandomStream.For(seed, "barcodes/codes");
        var seen = new HashSet<ulong>();
        _codes = new ulong[classes];
        for (int c = 0; c < classes; c++)
            do _codes[c] = stream.NextUInt64() >> (64 - side);
            while (!seen.Add(_codes[c]));
        double[] weights = [.. Enumerable.Range(1, classes).Select(c => Math.Pow(c, -exponent))];
        double total = weights.Sum(),
            sum = 0;
        _logPrior = [.. weights.Select(w => Math.Log(w / total))];
        _cumulative = [.. weights.Select(w => (sum += w) / total)];
    }

    public ImageSet Make(int count)
    {
        byte[] pixels = new byte[(long)count * _side * _side];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            RandomStream stream = RandomStream.For(_seed, "barcodes", i);
            int at = Array.BinarySearch(_cumulative, stream.NextDouble());
            labels[i] = Math.Min(at < 0 ? ~at : at, _codes.Length - 1);
            ulong bars = _codes[labels[i]];
            for (int b = 0; b < _side; b++)
                if (stream.NextDouble() < _flips)
                    bars ^= 1UL << b;
            double dark = 30 + 50 * stream.NextDouble(),
                light = 170 + 50 * stream.NextDouble();
            Span<byte> image = pixels.AsSpan(i * _side * _side, _side * _side);
            for (int y = 0; y < _side; y++)
            for (int x = 0; x < _side; x++)
                image[y * _side + x] = (byte)Math.Round(((bars >> x & 1) == 1 ? light : dark) + Noise * (2 * stream.NextDouble() - 1));
        }
        return new ImageSet(1, _side, _side, pixels, labels);
    }

    /// <summary>The mean of −ln p(label | image) over some of these images, in nats.</summary>
    public double LeastLoss(ImageSet images)
    {
        // A bar that is never flipped leaves the class certain, and so does one that always is.
        if (_flips is 0 or 1)
            return 0;
        double odds = Math.Log(_flips / (1 - _flips)),
            sum = 0;
        double[] terms = new double[_codes.Length];
        for (int i = 0; i < images.Count; i++)
        {
            ulong bars = Bars(images.Image(i));
            for (int c = 0; c < terms.Length; c++)
                terms[c] = _logPrior[c] + odds * System.Numerics.BitOperations.PopCount(bars ^ _codes[c]);
            double top = terms.Max();
            sum += top + Math.Log(terms.Sum(t => Math.Exp(t - top))) - terms[images.Labels[i]];
        }
        return sum / images.Count;
    }

    /// <summary>The flipped code that an image shows.</summary>
    internal ulong Bars(ReadOnlySpan<byte> image)
    {
        ulong bars = 0;
        for (int x = 0; x < _side; x++)
            if (image[x] > 127)
                bars |= 1UL << x;
        return bars;
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "barcodes",
            Says = "generated images of bars, many classes with heavy-tailed frequencies",
            Samples = SampleKind.Images,
            Defaults = new TaskSpec
            {
                Kind = "barcodes",
                Context = 1,
                Classes = 64,
                Side = 16,
            },
            Keys =
            [
                TaskKey.ValidationFraction,
                TaskKey.Classes,
                TaskKey.ImageCount,
                TaskKey.Side,
                TaskKey.Exponent,
                SpecKey.Number<TaskSpec>(
                    "bar-noise",
                    0,
                    1,
                    t => t.BarNoise,
                    (t, v) => t with { BarNoise = v },
                    "probability that a bar is flipped"
                ),
                .. TaskKey.Images,
            ],
            Generated = true,
            Classifies = true,
            Load = spec => ImageTask.Load(spec, Loaded),
            Facts = task =>
                [
                    new("images", $"{task.ImageCount} generated barcodes"),
                    new("classes", $"{(task.Classes == 0 ? 64 : task.Classes)} classes"),
                    new("exponent", string.Create(CultureInfo.InvariantCulture, $"exponent {task.Exponent}")),
                    new("bar-noise", string.Create(CultureInfo.InvariantCulture, $"bar noise {task.BarNoise}")),
                ],
        };

    private static LoadedImages Loaded(TaskSpec spec)
    {
        (int classes, int side) = (spec.Classes == 0 ? 64 : spec.Classes, spec.Side == 0 ? 16 : spec.Side);
        if (side is < 4 or > MostSide)
            throw new InputException($"task.side is {side}; barcodes have 4 to {MostSide} bars");
        LoadedImages.CheckSize(spec.ImageCount, side);
        var source = new BarcodeImages(classes, side, spec.Exponent, spec.BarNoise, spec.SourceSeed);
        LoadedImages images = LoadedImages.Split(source.Make(spec.ImageCount), classes, spec);
        return images with { LeastLoss = source.LeastLoss(images.Validation), Generated = true };
    }
}
