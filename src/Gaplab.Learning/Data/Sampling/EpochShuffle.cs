// Which item of the training data is sample k of a run, where samples are items and not windows of a text.
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Sampling;

/// <summary>Epoch e = k / N visits all N items in a permutation keyed by (seed, e): a pure function of (seed, k), as
/// <see cref="SampleOrder"/> is.</summary>
/// <param name="count">N.</param>
/// <param name="seed">Of the run.</param>
internal struct EpochShuffle(long count, long seed)
{
    private long _epoch = -1;
    private Permutation _order;

    /// <summary>The item of sample <paramref name="sample"/>; neighbours share their epoch's permutation.</summary>
    public long this[long sample]
    {
        get
        {
            if (sample / count != _epoch)
                _order = new Permutation(count, RandomStream.For(seed, "data/order", _epoch = sample / count));
            return _order[sample % count];
        }
    }
}
