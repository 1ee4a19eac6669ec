// A chain of links and its executor: one pass over the row in cache-sized chunks wherever no link needs to see the whole row first.
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gaplab.Learning.Params;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>Gradient transformations in order; the last result is added to θ.</summary>
/// <remarks>
/// The links are cut into segments: a link that needs a row statistic or the layout begins a new one. Within a segment every link runs on
/// a chunk while it is in cache, so memory is read and written once a segment whatever the number of links. The segment's input is
/// the gradient row, or a scratch row where an earlier segment changed it. A link that only looks takes no pass.
/// </remarks>
internal sealed class Chain
{
    // 2048 float64 of update, θ, two buffers and the gradient are 80 KiB: inside the second-level cache of any current core.
    internal const int ChunkLength = 2048;

    private readonly ImmutableArray<(int First, int End)> _segments;

    public Chain(params ImmutableArray<Link> links)
    {
        Links = links;
        var segments = ImmutableArray.CreateBuilder<(int, int)>();
        int first = 0;
        for (int i = 0; i <= links.Length; i++)
        {
            bool begins =
                i == links.Length || (i > 0 && (links[i].Needs != LinkNeeds.Elementwise || links[i - 1].Needs == LinkNeeds.Layout));
            if (!begins)
                continue;
            segments.Add((first, i));
            first = i;
        }
        _segments = segments.ToImmutable();
        foreach (Link link in links)
        {
            if (link.Memory.Count > 2)
                throw new ArgumentException($"link '{link.Name}' keeps {link.Memory.Count} buffers; a chunk carries two", nameof(links));
        }
    }

    public ImmutableArray<Link> Links { get; }

    /// <summary>diag D [P] of the first link that divides by one, this step's gradient included; null where none does, or where the links
    /// work in another basis than the parameters' own, in which D is no diagonal of theirs.</summary>
    /// <param name="state">The chain's memory, after the step.</param>
    /// <param name="replica">r.</param>
    /// <param name="step">k = 0, 1, ….</param>
    public double[]? Preconditioner(ChainState state, int replica, long step)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Links.Any(l => l.TurnsBasis)
            ? null
            : Links
                .Select((link, l) => link.Preconditioner(name => state.Row(l, name, replica), replica, step))
                .FirstOrDefault(d => d is not null);
    }

    public ChainState Init(int replicas, ParamLayout layout, ScalarType type) => new(Links, replicas, layout, type);

    /// <summary>θ ← θ + update for every active replica, all [R, P] contiguous on one device.</summary>
    /// <param name="theta">Parameters, changed in place.</param>
    /// <param name="gradient">Gradients.</param>
    /// <param name="state">The chain's memory, changed in place.</param>
    /// <param name="step">k = 0, 1, ….</param>
    /// <param name="layout">Names and shapes in a row.</param>
    /// <param name="active">Replicas that still train; the rows of the others are left alone, NaN and all.</param>
    public void Step(Tensor theta, Tensor gradient, ChainState state, long step, ParamLayout layout, ReadOnlySpan<bool> active)
    {
        if (!theta.Device.IsCpu)
            StepOnDevice(theta, gradient, state, null, step, layout, active);
        else if (theta.Type == ScalarType.Float32)
            StepRows<float>(theta, gradient, state, null, step, layout, active);
        else
            StepRows<double>(theta, gradient, state, null, step, layout, active);
    }

    /// <summary>Writes what <see cref="Step"/> would add to θ into <paramref name="update"/> [R, P], decay included, and leaves θ alone:
    /// the chain as a shadow of another's trajectory.</summary>
    /// <remarks>The chain's memory moves on. Rows of inactive replicas are left as they are.</remarks>
    public void Update(
        Tensor theta,
        Tensor gradient,
        ChainState state,
        Tensor update,
        long step,
        ParamLayout layout,
        ReadOnlySpan<bool> active
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        if (!theta.Device.IsCpu)
            StepOnDevice(theta, gradient, state, update, step, layout, active);
        else if (theta.Type == ScalarType.Float32)
            StepRows<float>(theta, gradient, state, update, step, layout, active);
        else
            StepRows<double>(theta, gradient, state, update, step, layout, active);
    }

    // Every link on all rows at once, by tensor operations; then what it came to, for the rows that still train.
    private void StepOnDevice(
        Tensor theta,
        Tensor gradient,
        ChainState state,
        Tensor? target,
        long step,
        ParamLayout layout,
        ReadOnlySpan<bool> active
    )
    {
        using NoGradScope _ = Autograd.NoGrad();
        using var scope = new TensorScope();
        bool[] trains = active.ToArray();
        Tensor parameters = theta.Detach(),
            update = gradient.Clone();
        for (int l = 0; l < Links.Length; l++)
        {
            using var link = new TensorScope();
            Links[l].Apply(update, new DeviceRows(parameters, state.Links[l], step, layout, trains));
        }
        if (trains.All(a => a))
        {
            if (target is null)
                parameters.AddInPlace(update);
            else
                target.CopyFrom(update);
            return;
        }
        for (int r = 0; r < trains.Length; r++)
        {
            if (!trains[r])
                continue;
            if (target is null)
                parameters.Select(0, r).AddInPlace(update.Select(0, r));
            else
                target.Select(0, r).CopyFrom(update.Select(0, r));
        }
    }

    private void StepRows<T>(
        Tensor theta,
        Tensor gradient,
        ChainState state,
        Tensor? target,
        long step,
        ParamLayout layout,
        ReadOnlySpan<bool> active
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> chunk = stackalloc T[ChunkLength];
        T[]? scratch = _segments.Length > 1 || Links.Any(l => l.Needs == LinkNeeds.Layout) ? state.Scratch<T>(layout.Count) : null;
        for (int r = 0; r < active.Length; r++)
        {
            if (active[r])
                StepRow(
                    theta.Row<T>(r),
                    gradient.Row<T>(r),
                    new RowMemory<T>(state, r),
                    state,
                    target is null ? default : target.Row<T>(r),
                    r,
                    step,
                    layout,
                    chunk,
                    scratch
                );
        }
    }

    private void StepRow<T>(
        Span<T> theta,
        ReadOnlySpan<T> gradient,
        RowMemory<T> memory,
        ChainState state,
        Span<T> target,
        int replica,
        long step,
        ParamLayout layout,
        Span<T> chunk,
        T[]? scratch
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> source = gradient;
        bool moved = false;
        for (int s = 0; s < _segments.Length; s++)
        {
            (int first, int end) = _segments[s];
            bool last = s == _segments.Length - 1,
                whole = Links[first].Needs == LinkNeeds.Layout;
            double statistic =
                Links[first].Needs == LinkNeeds.RowStatistic
                    ? Links[first].Statistic(source, new RowContext(replica, step, 0, layout, state.Links[first].CountersOf(replica)))
                    : 0;
            if (end == first + 1 && !last && !Links[first].Changes)
                continue;
            int length = whole ? source.Length : ChunkLength;
            // Segments before the last leave their result in the scratch row; the last works in cache and adds it to θ.
            bool inCache = last && !whole;
            for (int at = 0; at < source.Length; at += length)
            {
                int count = Math.Min(length, source.Length - at);
                Span<T> update = inCache ? chunk[..count] : scratch.AsSpan(at, count);
                if (inCache || !moved)
                    source.Slice(at, count).CopyTo(update);
                for (int l = first; l < end; l++)
                {
                    Links[l]
                        .Apply(
                            new Chunk<T>(
                                update,
                                theta.Slice(at, count),
                                memory.Of(l, 0, whole, at, count),
                                memory.Of(l, 1, whole, at, count)
                            ),
                            new RowContext(replica, step, l == first ? statistic : 0, layout, state.Links[l].CountersOf(replica))
                        );
                }
                if (!last)
                    continue;
                Span<T> row = theta.Slice(at, count);
                if (target.IsEmpty)
                    TensorPrimitives.Add(row, update, row);
                else
                    update.CopyTo(target.Slice(at, count));
            }
            moved = true;
            if (scratch is not null)
                source = scratch;
        }
    }

    /// <summary>The addresses of one replica's buffers, asked of libtorch once a row and not once a chunk.</summary>
    private readonly unsafe ref struct RowMemory<T>
        where T : unmanaged
    {
        private readonly (nint Address, int Length)[] _buffers;

        public RowMemory(ChainState state, int replica)
        {
            _buffers = new (nint, int)[2 * state.Links.Length];
            for (int l = 0; l < state.Links.Length; l++)
            {
                for (int b = 0; b < state.Links[l].Buffers.Length; b++)
                {
                    Span<T> row = state.Links[l].Buffers[b].Buffer.Row<T>(replica);
                    _buffers[2 * l + b] = ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(row)), row.Length);
                }
            }
        }

        /// <summary>The part of a buffer beside a chunk, or all of it.</summary>
        public Span<T> Of(int link, int buffer, bool whole, int at, int count) =>
            _buffers[2 * link + buffer] is var (address, length) && address != 0
                ? new Span<T>((T*)address + (whole ? 0 : at), whole ? length : count)
                : default;
    }
}
