// The named layout of one flat parameter row, and its tensors cut out of theta [R, P] by one split.
using System.Collections.Immutable;
using Gaplab.Torch;

namespace Gaplab.Learning.Params;

/// <summary>One named tensor inside the row: its shape without the replica axis, where it begins, and how it is initialised.</summary>
public sealed record ParamSlice(string Name, ImmutableArray<long> Shape, long Offset, Initialisation Initialisation)
{
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>The order and shapes of a model's parameters in a row of P numbers. A pure description: it needs no libtorch.</summary>
public sealed class ParamLayout
{
    private readonly long[] _sizes;
    private readonly long[][] _shapes;

    internal ParamLayout(ImmutableArray<ParamSlice> slices)
    {
        Slices = slices;
        Count = slices.Sum(s => s.Count);
        _sizes = [.. slices.Select(s => s.Count)];
        _shapes = [.. slices.Select(s => (long[])[-1, .. s.Shape])]; // -1 stands for R
    }

    public ImmutableArray<ParamSlice> Slices { get; }

    /// <summary>P, the parameters of one replica.</summary>
    public long Count { get; }

    public ParamSlice this[string name] =>
        Slices.FirstOrDefault(s => s.Name == name)
        ?? throw new ArgumentException(
            $"No parameter is named '{name}'; there are {string.Join(", ", Slices.Select(s => s.Name))}.",
            nameof(name)
        );

    /// <summary>The tensors of theta [R, P], each [R, …]: views of one split, whose backward is one concatenation.</summary>
    public ParamViews Views(Tensor theta)
    {
        ArgumentNullException.ThrowIfNull(theta);
        if (theta.Shape.Length != 2 || theta.Size(1) != Count)
            throw new ArgumentException(
                $"got theta of shape [{string.Join(", ", theta.Shape.ToArray())}]; expected [R, {Count}] = (replicas, parameters)",
                nameof(theta)
            );
        Tensor[] pieces = theta.Split(_sizes, 1);
        for (int i = 0; i < pieces.Length; i++)
            pieces[i] = pieces[i].Reshape(_shapes[i]);
        return new ParamViews(pieces);
    }

    /// <summary>Writes the initial row of a seed: a function of (seed, names, shapes) alone, equal for every optimizer and pack.</summary>
    public void Initialise(long seed, Span<double> row)
    {
        if (row.Length != Count)
            throw new ArgumentException($"got a row of {row.Length}; expected {Count}", nameof(row));
        foreach (ParamSlice slice in Slices)
            slice.Initialisation.Fill(seed, slice, row.Slice(checked((int)slice.Offset), checked((int)slice.Count)));
    }
}

/// <summary>A parameter's place in its layout; a layer keeps these and never a tensor.</summary>
public readonly record struct ParamRef(int Index);

/// <summary>The tensors of one theta, [R, …] each, by <see cref="ParamRef"/>.</summary>
public sealed class ParamViews(Tensor[] tensors)
{
    public Tensor this[ParamRef reference] => tensors[reference.Index];
}

/// <summary>Collects a model's parameters in the order its layers are built.</summary>
public sealed class ParamLayoutBuilder
{
    private readonly ImmutableArray<ParamSlice>.Builder _slices = ImmutableArray.CreateBuilder<ParamSlice>();
    private long _offset;

    public ParamRef Add(string name, Initialisation initialisation, params ReadOnlySpan<long> shape)
    {
        if (_slices.Any(s => s.Name == name))
            throw new ArgumentException($"Two parameters are named '{name}'.", nameof(name));
        var slice = new ParamSlice(name, [.. shape], _offset, initialisation);
        _slices.Add(slice);
        _offset += slice.Count;
        return new ParamRef(_slices.Count - 1);
    }

    public ParamLayout Build() => new(_slices.ToImmutable());
}
