// A named part of the parameter row: a layer, a tensor, or all of it.
using System.Collections.Immutable;

namespace Gaplab.Learning.Params;

/// <summary>Some slices of a layout, seen as one vector of <see cref="Count"/> numbers.</summary>
public sealed class ParamBlock
{
    private readonly ImmutableArray<ParamSlice> _slices;

    private ParamBlock(string name, IEnumerable<ParamSlice> slices)
    {
        Name = name;
        _slices = [.. slices];
        Count = checked((int)_slices.Sum(s => s.Count));
    }

    public string Name { get; }

    /// <summary>Numbers in the block.</summary>
    public int Count { get; }

    /// <summary>The whole row.</summary>
    public static ParamBlock All(ParamLayout layout) => new("all", layout.Slices);

    /// <summary>The tensor of that name, or every tensor whose name begins with it and a dot: "blocks.0.mlp".</summary>
    public static ParamBlock Of(ParamLayout layout, string prefix)
    {
        ParamSlice[] slices = [.. layout.Slices.Where(s => s.Name == prefix || s.Name.StartsWith(prefix + ".", StringComparison.Ordinal))];
        return slices.Length > 0
            ? new ParamBlock(prefix, slices)
            : throw new ArgumentException(
                $"No parameter's name begins with '{prefix}'; there are {string.Join(", ", layout.Slices.Select(s => s.Name))}.",
                nameof(prefix)
            );
    }

    /// <summary>The layers, a partition of the row in its order: names are cut after the first part, or after the number that follows it
    /// ("embedding", "blocks.0", "blocks.1", "head").</summary>
    public static ImmutableArray<ParamBlock> Layers(ParamLayout layout) =>
        [.. layout.Slices.GroupBy(s => LayerOf(s.Name)).Select(g => new ParamBlock(g.Key, g))];

    /// <summary>The block's part of a row [P].</summary>
    public void Gather(ReadOnlySpan<double> row, Span<double> block)
    {
        int at = 0;
        foreach (ParamSlice slice in _slices)
        {
            row.Slice((int)slice.Offset, (int)slice.Count).CopyTo(block[at..]);
            at += (int)slice.Count;
        }
    }

    /// <summary>Writes the block into its places of a row [P]; the other places are left alone.</summary>
    public void Scatter(ReadOnlySpan<double> block, Span<double> row)
    {
        int at = 0;
        foreach (ParamSlice slice in _slices)
        {
            block.Slice(at, (int)slice.Count).CopyTo(row[(int)slice.Offset..]);
            at += (int)slice.Count;
        }
    }

    /// <summary>⟨a, b⟩ over the block's places of two rows [P].</summary>
    public double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        foreach (ParamSlice slice in _slices)
            sum += System.Numerics.Tensors.TensorPrimitives.Dot(
                a.Slice((int)slice.Offset, (int)slice.Count),
                b.Slice((int)slice.Offset, (int)slice.Count)
            );
        return sum;
    }

    private static string LayerOf(string name)
    {
        string[] parts = name.Split('.');
        return parts.Length > 1 && parts[1].All(char.IsAsciiDigit) ? parts[0] + "." + parts[1] : parts[0];
    }
}
