// What is padding in a batch of sentence pairs: masks, the longest sentences, and the positions that predict something.
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Reads rows of tokens [R, B, S + targets] once on the host.</summary>
internal sealed class PaddedRows
{
    private readonly long[] _tokens;
    private readonly long _replicas,
        _batch,
        _length;

    /// <param name="tokens">int64 [R, B, S + targets].</param>
    /// <param name="targets">T+1, or 0 where rows are sources only.</param>
    public PaddedRows(Tensor tokens, long targets)
    {
        (_replicas, _batch, _length) = (tokens.Size(0), tokens.Size(1), tokens.Size(2));
        SourceLength = _length - targets;
        if (SourceLength < 1)
            throw new ArgumentException($"got rows of {_length} tokens; expected a source and {targets} target tokens", nameof(tokens));
        _tokens = tokens.ToArray<long>();
        for (long row = 0; row < _replicas * _batch; row++)
        {
            LongestSource = Math.Max(LongestSource, Used(row, 0, SourceLength));
            if (targets > 0)
                LongestTarget = Math.Max(LongestTarget, Used(row, SourceLength + 1, targets - 1));
        }
        LongestSource = Math.Max(LongestSource, 1);
    }

    /// <summary>S.</summary>
    public long SourceLength { get; }

    /// <summary>Columns of the source that hold more than padding.</summary>
    public long LongestSource { get; }

    /// <summary>The most targets of a row.</summary>
    public long LongestTarget { get; }

    /// <summary>[R, B, 1, 1, <see cref="LongestSource"/>]: −∞ at padding, else 0, in the element type and on the device of
    /// <paramref name="like"/>.</summary>
    public Tensor SourceMask(Tensor like)
    {
        double[] mask = new double[_replicas * _batch * LongestSource];
        for (long row = 0; row < _replicas * _batch; row++)
        for (long i = 0; i < LongestSource; i++)
            if (_tokens[row * _length + i] == SpecialToken.Padding)
                mask[row * LongestSource + i] = double.NegativeInfinity;
        return Tensor.From<double>(mask, _replicas, _batch, 1, 1, LongestSource).ToType(like.Type).ToDevice(like.Device);
    }

    /// <summary>The positions b·<see cref="LongestTarget"/> + t that predict a token, and what they predict: [R, M], M the most of a
    /// replica. Where replicas have different numbers, also the weight 1/count of each; what fills up the others has weight 0.</summary>
    public (Tensor Positions, Tensor Targets, Tensor? Weights) Predictions(Tensor like)
    {
        var found = new List<(long Position, long Target)>[_replicas];
        for (long r = 0; r < _replicas; r++)
        {
            found[r] = [];
            for (long b = 0; b < _batch; b++)
            for (long t = 0; t < LongestTarget; t++)
            {
                long target = _tokens[(r * _batch + b) * _length + SourceLength + 1 + t];
                if (target != SpecialToken.Padding)
                    found[r].Add((b * LongestTarget + t, target));
            }
        }
        int most = found.Max(f => f.Count);
        long[] positions = new long[_replicas * most],
            targets = new long[_replicas * most];
        double[] weights = new double[_replicas * most];
        for (long r = 0; r < _replicas; r++)
        for (int m = 0; m < found[r].Count; m++)
            (positions[r * most + m], targets[r * most + m], weights[r * most + m]) = (
                found[r][m].Position,
                found[r][m].Target,
                1.0 / found[r].Count
            );
        return (
            Tensor.From<long>(positions, _replicas, most).ToDevice(like.Device),
            Tensor.From<long>(targets, _replicas, most).ToDevice(like.Device),
            found.All(f => f.Count == most) ? null : Tensor.From<double>(weights, _replicas, most).ToType(like.Type).ToDevice(like.Device)
        );
    }

    private long Used(long row, long start, long count)
    {
        while (count > 0 && _tokens[row * _length + start + count - 1] == SpecialToken.Padding)
            count--;
        return count;
    }
}
