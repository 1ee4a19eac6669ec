// Which coordinates of the noise are kept: a few of every layer along the iterations, all (or a fixed draw) of single ones.
using System.Globalization;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Fixed coordinates of a layout, layer by layer and ascending; the same for every run, point and batch size.</summary>
internal sealed class NoiseCoordinates
{
    private NoiseCoordinates(IReadOnlyList<(string Layer, int Count)> layers, int[] indices) => (Layers, Indices) = (layers, indices);

    /// <summary>The layers and how many of the coordinates are theirs, in order.</summary>
    public IReadOnlyList<(string Layer, int Count)> Layers { get; }

    /// <summary>Places in the row [P].</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>As many of every layer: its share of <paramref name="wanted"/>, or all it has; at least one.</summary>
    public static NoiseCoordinates Share(ParamLayout layout, int wanted)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ParamBlock[] layers = [.. ParamBlock.Layers(layout)];
        return Choose(layout, layers, _ => Math.Max(1, wanted / layers.Length), "probe/noise/coordinates");
    }

    /// <summary>All coordinates, or of a larger model <paramref name="most"/> of them, every layer by its size.</summary>
    public static NoiseCoordinates Whole(ParamLayout layout, long most)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return Choose(
            layout,
            [.. ParamBlock.Layers(layout)],
            b => (int)Math.Max(1, Math.Floor(Math.Min(1, most / (double)layout.Count) * b.Count)),
            "probe/noise/whole"
        );
    }

    public void Gather(ReadOnlySpan<double> row, Span<double> kept)
    {
        for (int i = 0; i < Indices.Count; i++)
            kept[i] = row[Indices[i]];
    }

    /// <summary>"name count" a line, for a probe file.</summary>
    public string Describe() => string.Join('\n', Layers.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Layer} {l.Count}")));

    private static NoiseCoordinates Choose(ParamLayout layout, ParamBlock[] layers, Func<ParamBlock, int> wanted, string purpose)
    {
        double[] places = [.. Enumerable.Range(0, checked((int)layout.Count)).Select(i => (double)i)];
        var chosen = new List<int>();
        var counts = new List<(string, int)>();
        for (int l = 0; l < layers.Length; l++)
        {
            double[] mine = new double[layers[l].Count];
            layers[l].Gather(places, mine);
            int take = Math.Min(mine.Length, wanted(layers[l]));
            RandomStream random = RandomStream.For(0, purpose, l);
            // The first part of a Fisher–Yates shuffle is a draw without replacement.
            for (int i = 0; i < take && take < mine.Length; i++)
            {
                int other = i + (int)random.NextIndex(mine.Length - i);
                (mine[i], mine[other]) = (mine[other], mine[i]);
            }
            chosen.AddRange(mine.Take(take).Order().Select(p => (int)p));
            counts.Add((layers[l].Name, take));
        }
        return new NoiseCoordinates(counts, [.. chosen]);
    }
}
