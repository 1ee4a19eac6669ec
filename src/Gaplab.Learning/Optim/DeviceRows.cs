// A step of a chain on a device: all rows at once, by tensor operations.
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Numerics.Linear;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>What a link sees of a step whose rows lie on a device: every replica's, [R, P].</summary>
/// <remarks>Rows of replicas that no longer train are transformed with the others, memory too, and then left out: what becomes of them is
/// not seen.</remarks>
public sealed class DeviceRows
{
    private readonly bool[] _active;
    private readonly ChainState.LinkState _state;

    internal DeviceRows(Tensor parameters, ChainState.LinkState state, long step, ParamLayout layout, bool[] active) =>
        (Parameters, _state, Step, Layout, _active) = (parameters, state, step, layout, active);

    /// <summary>θ [R, P] before this step.</summary>
    public Tensor Parameters { get; }

    /// <summary>k = 0, 1, ….</summary>
    public long Step { get; }

    /// <summary>Names and shapes in a row.</summary>
    public ParamLayout Layout { get; }

    /// <summary>R.</summary>
    public int Replicas => _active.Length;

    /// <summary>The replicas that still train.</summary>
    public IEnumerable<int> Active => Enumerable.Range(0, Replicas).Where(r => _active[r]);

    /// <summary>The link's buffer by its place in <see cref="Link.Memory"/>: [R, size], changed in place.</summary>
    public Tensor Memory(int place) => _state.Buffers[place].Buffer;

    /// <summary>The link's counters of a replica, then its readings.</summary>
    public Span<double> Counters(int replica) => _state.CountersOf(replica).Span;

    /// <summary>x ← of(r)·x, row by row.</summary>
    public void Scale(Tensor x, Func<int, double> of)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (Alike(of) is { } one)
            x.MultiplyInPlace(one);
        else
            x.MultiplyInPlace(Column(of, x.Type));
    }

    /// <summary>to ← to + of(r)·x, row by row.</summary>
    public void Add(Tensor to, Tensor x, Func<int, double> of)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (Alike(of) is { } one)
            to.AddInPlace(x, one);
        else
            to.AddProductInPlace(x, Column(of, to.Type));
    }

    /// <summary>average ← keep(r)·average + (1 − keep(r))·x, or with x².</summary>
    public void Average(Tensor average, Tensor x, Func<int, double> keep, bool squared = false)
    {
        ArgumentNullException.ThrowIfNull(average);
        ArgumentNullException.ThrowIfNull(x);
        Scale(average, keep);
        if (!squared)
            Add(average, x, r => 1 - keep(r));
        else if (Alike(keep) is { } one)
            average.AddProductInPlace(x, x, 1 - one);
        else
            Add(average, x.Square(), r => 1 - keep(r));
    }

    /// <summary>A number a row [R, 1], in a type.</summary>
    public Tensor Column(Func<int, double> of, ScalarType type) =>
        Tensor.From<double>([.. Enumerable.Range(0, Replicas).Select(of)], Replicas, 1).ToType(type);

    /// <summary>One named tensor of every row: [R, n], the same memory.</summary>
    public static Tensor Piece(Tensor rows, ParamSlice slice)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(slice);
        return rows.Narrow(1, slice.Offset, slice.Count);
    }

    /// <summary>‖row‖₂ of each row, in double.</summary>
    public static double[] Norms(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.RowNorms().ToArray<double>();
    }

    /// <summary>τ of each row by <see cref="TopThreshold"/>, for its fraction; +∞ where that is 0.</summary>
    public double[] Thresholds(Tensor rows, Hyper fraction)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fraction);
        double[] found = new double[Replicas];
        Array.Fill(found, double.PositiveInfinity);
        int count = checked((int)rows.Size(1));
        foreach (
            IGrouping<int, int> alike in Enumerable
                .Range(0, Replicas)
                .Where(r => fraction.At(r, Step) > 0)
                .GroupBy(r => TopThreshold.Rank(count, fraction.At(r, Step)))
        )
        {
            int[] members = [.. alike];
            Tensor some =
                members.Length == Replicas
                    ? rows
                    : rows.IndexSelect(0, Tensor.From<long>([.. members.Select(r => (long)r)], members.Length));
            double[] values = some.RowMagnitudes(alike.Key).ToDoubles();
            for (int i = 0; i < members.Length; i++)
                found[members[i]] = values[i];
        }
        return found;
    }

    /// <summary>What a link without tensor operations does, on the host: every row goes there and back.</summary>
    internal void OnHost(Link link, Tensor update)
    {
        if (update.Type == ScalarType.Float32)
            OnHost<float>(link, update);
        else
            OnHost<double>(link, update);
    }

    private void OnHost<T>(Link link, Tensor update)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = new TensorScope();
        foreach (int r in Active)
        {
            T[] Row(Tensor of) => of.Detach().Select(0, r).ToArray<T>();
            T[] u = Row(update),
                parameters = Row(Parameters);
            T[][] memory = [.. _state.Buffers.Select(b => Row(b.Buffer))];
            RowContext Seen(double statistic) => new(r, Step, statistic, Layout, _state.CountersOf(r));
            double statistic = link.Needs == LinkNeeds.RowStatistic ? link.Statistic<T>(u, Seen(0)) : 0;
            bool whole = link.Needs == LinkNeeds.Layout;
            int length = whole ? u.Length : Chain.ChunkLength;
            for (int at = 0; at < u.Length; at += length)
            {
                int count = Math.Min(length, u.Length - at);
                Span<T> Part(int place) =>
                    place >= memory.Length ? default
                    : whole ? memory[place]
                    : memory[place].AsSpan(at, count);
                link.Apply(new Chunk<T>(u.AsSpan(at, count), parameters.AsSpan(at, count), Part(0), Part(1)), Seen(statistic));
            }
            void Return(T[] row, Tensor to) => to.Select(0, r).CopyFrom(Tensor.From<T>(row, row.Length));
            Return(u, update);
            for (int b = 0; b < memory.Length; b++)
                Return(memory[b], _state.Buffers[b].Buffer);
        }
    }

    private double? Alike(Func<int, double> of)
    {
        double first = of(0);
        for (int r = 1; r < Replicas; r++)
            if (!of(r).Equals(first))
                return null;
        return first;
    }
}
