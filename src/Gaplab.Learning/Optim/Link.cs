// One gradient transformation: an immutable recipe whose memory lives outside it, and which says what it must see.
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>What a link must see before it can transform a coordinate.</summary>
public enum LinkNeeds
{
    /// <summary>The coordinate, its parameter and its memory: fused with its neighbours into one pass.</summary>
    Elementwise,

    /// <summary>One number of the whole row first, then elementwise.</summary>
    RowStatistic,

    /// <summary>The whole row with the names and shapes in it.</summary>
    Layout,
}

/// <summary>An update rule as a link of a chain: gradient in, update out (Descend changes the sign).</summary>
public abstract record Link
{
    /// <summary>The name under which memory and counters are kept: "adam", "clip-norm".</summary>
    public abstract string Name { get; }

    public virtual LinkNeeds Needs => LinkNeeds.Elementwise;

    /// <summary>False of a link that only looks: the row goes on as it came.</summary>
    public virtual bool Changes => true;

    /// <summary>Whether the links behind it see coordinates in another basis than the parameters' own.</summary>
    public virtual bool TurnsBasis => false;

    /// <summary>Names of the buffers the link keeps between steps, two at most; they start at zero.</summary>
    public virtual IReadOnlyList<string> Memory => [];

    /// <summary>Numbers a replica in a buffer: P, so that it runs along with the row. Only a link that needs the layout may keep another
    /// size.</summary>
    public virtual long MemorySize(string memory, ParamLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return layout.Count;
    }

    /// <summary>Names of the per-replica counters [R] the link keeps from step to step.</summary>
    public virtual IReadOnlyList<string> Counters => [];

    /// <summary>Names of per-replica numbers [R] that every step makes anew: they stand behind the counters, and no checkpoint holds
    /// them.</summary>
    public virtual IReadOnlyList<string> Readings => [];

    /// <summary>Which of both are told of a run, and under what name.</summary>
    public virtual IReadOnlyList<LinkMetric> Metrics => [];

    /// <summary>diag D [P] of a link that divides by D, after the step's own gradient went into its memory; null of one that has no such
    /// diagonal.</summary>
    /// <param name="memory">One replica's buffers [P], by the names in <see cref="Memory"/>.</param>
    /// <param name="replica">r.</param>
    /// <param name="step">k = 0, 1, ….</param>
    public virtual double[]? Preconditioner(Func<string, double[]> memory, int replica, long step) => null;

    /// <summary>For <see cref="LinkNeeds.RowStatistic"/>: the number computed from the incoming row. Called once a row before
    /// <see cref="Apply"/>.</summary>
    public virtual double Statistic<T>(ReadOnlySpan<T> row, in RowContext context)
        where T : unmanaged, IFloatingPointIeee754<T> => 0;

    /// <summary>Transforms a chunk of the row in place. For <see cref="LinkNeeds.Layout"/> the chunk is the whole row.</summary>
    public abstract void Apply<T>(in Chunk<T> chunk, in RowContext context)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The same for all rows at once where they lie on a device, statistic and counters included: to rounding what
    /// <see cref="Apply{T}"/> does. A link that has no tensor operations for it sends its rows to the host and back.</summary>
    /// <param name="update">In: the updates so far [R, P]. Out, in place: the link's.</param>
    /// <param name="rows">The rest of what there is to see.</param>
    public virtual void Apply(Tensor update, DeviceRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        rows.OnHost(this, update);
    }
}

/// <summary>A cache-sized piece of one replica's row.</summary>
public readonly ref struct Chunk<T>(Span<T> update, ReadOnlySpan<T> parameters, Span<T> memory0, Span<T> memory1)
    where T : unmanaged
{
    /// <summary>In: the update so far. Out: the link's.</summary>
    public Span<T> Update { get; } = update;

    /// <summary>θ before this step.</summary>
    public ReadOnlySpan<T> Parameters { get; } = parameters;

    /// <summary>The link's buffers for the same coordinates; whole for a link that needs the layout.</summary>
    public Span<T> Memory0 { get; } = memory0;
    public Span<T> Memory1 { get; } = memory1;
}

/// <summary>Which row at which step, and what the row's statistic was.</summary>
/// <param name="Replica">r.</param>
/// <param name="Step">k = 0, 1, ….</param>
/// <param name="Statistic">What <see cref="Link.Statistic"/> returned; 0 for other links.</param>
/// <param name="Layout">Names and shapes in the row.</param>
/// <param name="Counters">This link's counters for this replica, then its readings.</param>
public readonly record struct RowContext(int Replica, long Step, double Statistic, ParamLayout Layout, Memory<double> Counters);
