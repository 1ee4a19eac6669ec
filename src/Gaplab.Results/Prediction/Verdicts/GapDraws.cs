// What a prediction of a gap curve is made of: curves drawn from a distribution, each as likely as another.
using Gaplab.Numerics.Streams;

namespace Gaplab.Results.Prediction;

/// <summary>Draws of the gap against batch size: of a posterior, of a baseline, or of a sweep's bootstrap.</summary>
public sealed record GapDraws
{
    /// <summary>The batch sizes of the sweep, rising.</summary>
    public required IReadOnlyList<long> Sizes { get; init; }

    /// <summary>Batch sizes at which each curve is given, rising; those of <see cref="Sizes"/> are among them, the first and the last
    /// too.</summary>
    public required IReadOnlyList<double> Grid { get; init; }

    /// <summary>[draw][grid]: ln of the ratio of the tuned losses above the floor, first over second; positive: the second is
    /// ahead.</summary>
    public required IReadOnlyList<double[]> Gaps { get; init; }

    /// <summary>The same curves if the memory of whoever has one were long; null where neither has one.</summary>
    public IReadOnlyList<double[]>? LongMemory { get; init; }

    /// <summary>The grid of <paramref name="sizes"/> with <paramref name="perOctave"/> points an octave.</summary>
    public static IReadOnlyList<double> Between(IReadOnlyList<long> sizes, int perOctave = 4)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        var grid = new List<double>();
        for (int i = 0; i < sizes.Count; i++)
        {
            grid.Add(sizes[i]);
            if (i + 1 == sizes.Count)
                continue;
            int parts = Math.Max(1, (int)Math.Ceiling(perOctave * Math.Log2((double)sizes[i + 1] / sizes[i])));
            for (int j = 1; j < parts; j++)
                grid.Add(sizes[i] * Math.Pow((double)sizes[i + 1] / sizes[i], (double)j / parts));
        }
        return grid;
    }

    /// <summary>The gaps of all draws at a batch size of the sweep.</summary>
    internal double[] At(long size)
    {
        int at = IndexOf(size);
        return [.. Gaps.Select(g => g[at])];
    }

    /// <summary>The place of a size in the grid.</summary>
    internal int IndexOf(long size)
    {
        for (int i = 0; i < Grid.Count; i++)
            if (Grid[i] == size)
                return i;
        throw new ArgumentException($"batch size {size} is not among the {Grid.Count} of the curves", nameof(size));
    }

    /// <summary>The draws as a sweep would see them: its own error added, drawn with replacement.</summary>
    /// <param name="errors">[size][draw]: deviations of the measured gap from its truth, from the sweep's bootstrap.</param>
    /// <param name="seed">Of the stream.</param>
    /// <remarks>The error at sizes between those of the sweep is the nearest lower one's.</remarks>
    internal GapDraws Convolved(IReadOnlyList<double[]> errors, long seed)
    {
        var stream = RandomStream.For(seed, "prediction/sweep-error");
        int[] place = [.. Grid.Select(b => Sizes.Count(s => s <= b) - 1)];
        return this with
        {
            Gaps =
            [
                .. Gaps.Select(gap =>
                {
                    int draw = (int)stream.NextIndex(errors[0].Length);
                    return (double[])[.. gap.Select((g, i) => g + errors[place[i]][draw])];
                }),
            ],
        };
    }
}
