// Which window of the text is sample k of a run: a pure function of (seed, k), the same for every optimizer and batch size.
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Sampling;

/// <summary>
/// Sample k of a run with a seed. The text is cut into windows of T+1 tokens that advance by T, so that each token is
/// predicted once an epoch; epoch e = k / W visits its W windows in a permutation keyed by (seed, e), and the cuts begin at
/// a phase in 0 … T-1 drawn per epoch, so that windows differ between epochs.
/// </summary>
/// <remarks>
/// Step t with batch B uses samples tB … tB+B-1. Runs of the same seed thus read the same samples in the same order whatever
/// their optimizer, learning rate and batch size: comparisons are paired. Nothing is stored, so a run resumes anywhere.
/// </remarks>
internal sealed class SampleOrder
{
    private readonly long _phases;

    /// <param name="length">Tokens N of the text, at least context + 1.</param>
    /// <param name="context">T.</param>
    public SampleOrder(long length, int context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, context);
        (Length, Context) = (length, context);
        // One window fewer than would fit at phase 0, so that every epoch has as many whatever its phase.
        Windows = Math.Max(1, length / context - 1);
        _phases = Math.Min(context, length - Windows * context);
    }

    public long Length { get; }
    public int Context { get; }

    /// <summary>W: distinct windows, samples an epoch.</summary>
    public long Windows { get; }

    /// <summary>Position of the first token of sample <paramref name="sample"/> ≥ 0.</summary>
    public long Start(long seed, long sample) => Epoch(seed, sample / Windows).Start(sample % Windows);

    /// <summary>One epoch's order; make it once to look up many samples.</summary>
    public EpochOrder Epoch(long seed, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        RandomStream stream = RandomStream.For(seed, "data/order", epoch);
        long phase = stream.NextIndex(_phases);
        return new EpochOrder(phase, Context, new Permutation(Windows, stream));
    }

    /// <summary>The windows of one epoch in their order.</summary>
    public readonly struct EpochOrder
    {
        private readonly long _phase;
        private readonly int _context;
        private readonly Permutation _order;

        internal EpochOrder(long phase, int context, Permutation order) => (_phase, _context, _order) = (phase, context, order);

        public long Start(long index) => _phase + _order[index] * _context;
    }
}
