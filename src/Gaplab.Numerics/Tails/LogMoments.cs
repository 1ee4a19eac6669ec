// Sums for the log-moment estimator: logarithms of values and of sums over blocks, in one pass, along a sequence or across many at once.
using System.Numerics.Tensors;

namespace Gaplab.Numerics.Tails;

/// <summary>One point of the log-moment profile: blocks of K₁ values, 1/α̂ = (mean log|Y| − mean log|X|)/log K₁ over complete blocks, exact
/// zeros skipped (Mohammadi, Mohammadpour and Ogata 2015).</summary>
/// <param name="BlockLength">K₁.</param>
/// <param name="Blocks">K₂, complete blocks.</param>
/// <param name="Inverse">1/α̂.</param>
/// <param name="StandardError">Of 1/α̂: sd(u)/√K₂ with u = (log|Y_i| − mean of log|X| over block i)/log K₁; right for independent
/// values.</param>
/// <param name="MeanLogSum">mean log|Y|.</param>
public sealed record LogMomentPoint(int BlockLength, long Blocks, double Inverse, double StandardError, double MeanLogSum);

/// <summary>Accumulates the log-moment sums for one block length.</summary>
internal sealed class LogMoments
{
    private readonly int _length;
    private readonly double[] _sums,
        _means;
    private double _open,
        _openLog,
        _logX,
        _logY,
        _u,
        _uu;
    private long _countX,
        _countY,
        _countU;
    private int _filled,
        _openCount;
    private double[] _rowSum = [],
        _rowLog = [];
    private int[]? _rowZeros;
    private int _rows;

    public LogMoments(int blockLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 2);
        _length = blockLength;
        (_sums, _means) = (new double[1024], new double[1024]);
    }

    /// <summary>The next values of one sequence; blocks go on from span to span.</summary>
    /// <param name="values">Values.</param>
    /// <param name="logs">log|x| of each; −∞ for a zero.</param>
    /// <param name="anyZero">Whether a value may be zero.</param>
    public void Add(ReadOnlySpan<double> values, ReadOnlySpan<double> logs, bool anyZero)
    {
        int at = 0;
        while (at < values.Length && (_filled > 0 || anyZero || values.Length - at < _length))
        {
            _open += values[at];
            if (values[at] != 0)
            {
                _openLog += logs[at];
                _openCount++;
            }
            at++;
            if (++_filled == _length)
                CloseBlock();
        }
        while (values.Length - at >= _length)
        {
            int blocks = Math.Min(_sums.Length, (values.Length - at) / _length);
            for (int b = 0; b < blocks; b++, at += _length)
            {
                if (_length >= 32)
                {
                    _sums[b] = TensorPrimitives.Sum(values.Slice(at, _length));
                    _means[b] = TensorPrimitives.Sum(logs.Slice(at, _length));
                    continue;
                }
                double sum = 0,
                    log = 0;
                for (int i = at; i < at + _length; i++)
                {
                    sum += values[i];
                    log += logs[i];
                }
                (_sums[b], _means[b]) = (sum, log);
            }
            Count(_sums.AsSpan(0, blocks), _means.AsSpan(0, blocks), null);
        }
        for (; at < values.Length; at++)
        {
            _open += values[at];
            _openLog += logs[at];
            _openCount++;
            _filled++;
        }
    }

    /// <summary>Ends a sequence: the values of an incomplete block are dropped.</summary>
    public void EndSequence() => (_open, _openLog, _openCount, _filled) = (0, 0, 0, 0);

    /// <summary>The next value of each of many sequences side by side, a part of them at a time: once through all, then their next
    /// values.</summary>
    /// <param name="start">First sequence of this part.</param>
    /// <param name="sequences">How many sequences there are.</param>
    /// <param name="values">A value of each sequence of the part.</param>
    /// <param name="logs">log|x| of each.</param>
    /// <param name="anyZero">Whether a value may be zero.</param>
    public void AddAcross(long start, long sequences, ReadOnlySpan<double> values, ReadOnlySpan<double> logs, bool anyZero)
    {
        if (_rowSum.Length != sequences)
            (_rowSum, _rowLog, _rowZeros, _rows) = (new double[sequences], new double[sequences], null, 0);
        Span<double> sums = _rowSum.AsSpan((int)start, values.Length),
            logSums = _rowLog.AsSpan((int)start, values.Length);
        TensorPrimitives.Add(sums, values, sums);
        if (!anyZero)
        {
            TensorPrimitives.Add(logSums, logs, logSums);
        }
        else
        {
            _rowZeros ??= new int[sequences];
            for (int i = 0; i < values.Length; i++)
                if (values[i] == 0)
                    _rowZeros[start + i]++;
                else
                    logSums[i] += logs[i];
        }
        if (start + values.Length < sequences || ++_rows < _length)
            return;
        for (int from = 0; from < _rowSum.Length; from += _sums.Length)
        {
            int count = Math.Min(_sums.Length, _rowSum.Length - from);
            _rowSum.AsSpan(from, count).CopyTo(_sums);
            _rowLog.AsSpan(from, count).CopyTo(_means);
            Count(_sums.AsSpan(0, count), _means.AsSpan(0, count), _rowZeros is null ? null : _rowZeros.AsSpan(from, count).ToArray());
        }
        Array.Clear(_rowSum);
        Array.Clear(_rowLog);
        (_rowZeros, _rows) = (null, 0);
    }

    /// <summary>The estimate so far, or null with fewer than two usable blocks.</summary>
    public LogMomentPoint? Result()
    {
        if (_countU < 2 || _countX == 0)
            return null;
        double log = Math.Log(_length),
            mean = _u / _countU,
            variance = Math.Max(0, _uu / _countU - mean * mean) * _countU / (_countU - 1.0);
        return new LogMomentPoint(
            _length,
            _countU,
            (_logY / _countY - _logX / _countX) / log,
            Math.Sqrt(variance / _countU) / log,
            _logY / _countY
        );
    }

    private void CloseBlock()
    {
        if (_openCount > 0)
        {
            (_sums[0], _means[0]) = (_open, _openLog);
            Count(_sums.AsSpan(0, 1), _means.AsSpan(0, 1), [_length - _openCount]);
        }
        EndSequence();
    }

    /// <summary>Takes complete blocks: their sums, their sums of logarithms, how many zeros each holds.</summary>
    private void Count(Span<double> sums, Span<double> logSums, int[]? zeros)
    {
        TensorPrimitives.Abs(sums, sums);
        double x = 0,
            y = 0,
            u = 0,
            uu = 0;
        if (zeros is null && TensorPrimitives.Min(sums) > 0)
        {
            TensorPrimitives.Log(sums, sums);
            double inverse = 1.0 / _length;
            for (int b = 0; b < sums.Length; b++)
            {
                double each = sums[b] - logSums[b] * inverse;
                x += logSums[b];
                y += sums[b];
                u += each;
                uu += each * each;
            }
            _countX += (long)sums.Length * _length;
            _countY += sums.Length;
            _countU += sums.Length;
        }
        else
        {
            for (int b = 0; b < sums.Length; b++)
            {
                int present = _length - (zeros?[b] ?? 0);
                x += logSums[b];
                _countX += present;
                if (sums[b] == 0)
                    continue;
                double log = Math.Log(sums[b]);
                y += log;
                _countY++;
                if (present == 0)
                    continue;
                double each = log - logSums[b] / present;
                u += each;
                uu += each * each;
                _countU++;
            }
        }
        _logX += x;
        _logY += y;
        _u += u;
        _uu += uu;
    }
}
