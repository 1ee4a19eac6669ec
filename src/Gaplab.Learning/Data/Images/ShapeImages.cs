// Generated images of textured shapes whose classes are confused with a stated probability.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Images;

/// <summary>A bright textured shape on a dark ground, grey: class c shows shape c mod 5 (disc, square, triangle, cross, ring) with texture
/// c div 5 (plain, stripes across, stripes down, chequers). (Ours.)</summary>
/// <remarks>
/// With probability p the shape of another class is shown, all others alike, in training and validation. Place, size, brightness and the
/// texture's phase vary, and each pixel by up to <see cref="Noise"/> grey levels. Ground, the texture's dark and its light part lie further
/// apart than that, so the shown class is a function of the pixels.
/// Given the pixels the label is it with probability 1 − p and each other one with p/(K−1). For p ≤ 1 − 1/K the Bayes error is therefore p,
/// and the least cross-entropy −(1−p)·ln(1−p) − p·ln(p/(K−1)).
/// </remarks>
internal static class ShapeImages
{
    public const int MostClasses = 20,
        LeastSide = 12,
        Noise = 12;

    private const int Shapes = 5;

    public static ImageSet Make(int count, int classes, int side, double overlap, long seed)
    {
        byte[] pixels = new byte[(long)count * side * side];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            RandomStream stream = RandomStream.For(seed, "shapes", i);
            int label = (int)stream.NextIndex(classes),
                shown = label;
            if (stream.NextDouble() < overlap)
                shown = (int)((label + 1 + stream.NextIndex(classes - 1)) % classes);
            labels[i] = label;
            Draw(stream, shown, side, pixels.AsSpan(i * side * side, side * side));
        }
        return new ImageSet(1, side, side, pixels, labels);
    }

    /// <summary>The least mean cross-entropy that any model reaches, in nats.</summary>
    public static double LeastLoss(int classes, double overlap) =>
        overlap == 0 ? 0 : overlap * Math.Log((classes - 1) / overlap) - (overlap < 1 ? (1 - overlap) * Math.Log(1 - overlap) : 0);

    private static void Draw(RandomStream stream, int shown, int side, Span<byte> image)
    {
        int radius = side / 4 + (int)stream.NextIndex(side / 2 - side / 4 - 1); // up to half the side, less two pixels
        int left = radius + (int)stream.NextIndex(side - 2 * radius),
            top = radius + (int)stream.NextIndex(side - 2 * radius),
            phase = (int)stream.NextIndex(4);
        double ground = 30 + 40 * stream.NextDouble(),
            dark = 110 + 30 * stream.NextDouble(),
            light = 190 + 40 * stream.NextDouble();
        for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
        {
            // Centres of pixels in units of the radius, from −1 to 1 over the shape.
            double u = (x - left + 0.5) / radius,
                v = (y - top + 0.5) / radius;
            double level =
                !Inside(shown % Shapes, u, v) ? ground
                : IsLight(shown / Shapes, x + phase, y + phase / 2) ? light
                : dark;
            image[y * side + x] = (byte)Math.Round(level + Noise * (2 * stream.NextDouble() - 1));
        }
    }

    private static bool Inside(int shape, double u, double v)
    {
        if (Math.Max(Math.Abs(u), Math.Abs(v)) > 1)
            return false;
        double r = Math.Sqrt(u * u + v * v);
        return shape switch
        {
            0 => r <= 1,
            1 => true,
            2 => Math.Abs(u) <= (1 + v) / 2,
            3 => Math.Min(Math.Abs(u), Math.Abs(v)) <= 1.0 / 3,
            _ => r is <= 1 and >= 0.5,
        };
    }

    private static bool IsLight(int texture, int x, int y) =>
        texture switch
        {
            0 => true,
            1 => y % 4 < 2,
            2 => x % 4 < 2,
            _ => x % 4 < 2 == y % 4 < 2,
        };

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "shapes",
            Says = "generated images of textured shapes",
            Samples = SampleKind.Images,
            Defaults = new TaskSpec
            {
                Kind = "shapes",
                Context = 1,
                Classes = 10,
                Side = 16,
            },
            Keys =
            [
                TaskKey.ValidationFraction,
                TaskKey.Classes with
                {
                    Most = MostClasses,
                },
                TaskKey.ImageCount,
                TaskKey.Side with
                {
                    Least = LeastSide,
                },
                SpecKey.Number<TaskSpec>(
                    "overlap",
                    0,
                    1,
                    t => t.Overlap,
                    (t, v) => t with { Overlap = v },
                    "probability that another class is shown"
                ),
                .. TaskKey.Images,
            ],
            Generated = true,
            Classifies = true,
            Load = spec => ImageTask.Load(spec, Loaded),
            Facts = task =>
                [
                    new("images", $"{task.ImageCount} generated images of shapes"),
                    new("classes", $"{(task.Classes == 0 ? 10 : task.Classes)} classes"),
                    new("overlap", string.Create(CultureInfo.InvariantCulture, $"overlap {task.Overlap}")),
                ],
        };

    private static LoadedImages Loaded(TaskSpec spec)
    {
        (int classes, int side) = (spec.Classes == 0 ? 10 : spec.Classes, spec.Side == 0 ? 16 : spec.Side);
        if (classes is < 2 or > MostClasses)
            throw new InputException($"task.classes is {classes}; shapes and textures make 2 to {MostClasses}");
        if (side < LeastSide)
            throw new InputException($"task.side is {side}; shapes need at least {LeastSide} pixels");
        if (spec.Overlap > 1 - 1.0 / classes)
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"task.overlap is {spec.Overlap}; with {classes} classes 1 − 1/{classes} makes labels pure chance already, "
                        + $"expected at most {1 - 1.0 / classes:g4}"
                )
            );
        LoadedImages.CheckSize(spec.ImageCount, side);
        return LoadedImages.Split(Make(spec.ImageCount, classes, side, spec.Overlap, spec.SourceSeed), classes, spec) with
        {
            LeastLoss = LeastLoss(classes, spec.Overlap),
            Generated = true,
        };
    }
}
