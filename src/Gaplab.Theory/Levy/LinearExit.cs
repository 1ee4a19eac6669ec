// The one-dimensional exit problem of plain descent on a quadratic, eight paths at a time.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;

namespace Gaplab.Theory.Levy;

/// <summary>x' = f x + a ζ from a start until x leaves (−low, high), ζ symmetric stable. Each lane holds a path with its own counter; a
/// lane whose path has ended takes the next path, and the numbers of a path depend on its key alone.</summary>
public sealed class LinearExit
{
    private readonly SymmetricStable _law;
    private readonly double _factor,
        _amplitude,
        _low,
        _high,
        _start;
    private readonly long _maxSteps;

    /// <param name="factor">f = 1 − κdt or 1 − ηh.</param>
    /// <param name="amplitude">a = εσ dt^{1/α} or ησ.</param>
    /// <param name="low">Distance to the lower side, positive.</param>
    /// <param name="high">Distance to the upper side, positive.</param>
    public LinearExit(double alpha, double factor, double amplitude, double low, double high, long maxSteps, double start = 0)
    {
        _law = new SymmetricStable(alpha);
        (_factor, _amplitude, _low, _high, _maxSteps, _start) = (factor, amplitude, -low, high, maxSteps, start);
    }

    /// <summary>Runs paths to their ends.</summary>
    /// <param name="keys">Each path's stream, as its <see cref="RandomStream.State"/>.</param>
    /// <param name="ends">As many; where and whether each left.</param>
    /// <returns>Steps made, of all paths together.</returns>
    [SkipLocalsInit]
    public long Run(ReadOnlySpan<ulong> keys, Span<PathEnd> ends)
    {
        if (ends.Length != keys.Length)
            throw new ArgumentException($"{ends.Length} ends for {keys.Length} paths; expected as many", nameof(ends));
        Span<double> x = stackalloc double[8];
        Span<ulong> counter = stackalloc ulong[8];
        Span<long> path = stackalloc long[8],
            born = stackalloc long[8];
        int next = 0,
            live = 0;
        for (int lane = 0; lane < 8; lane++)
        {
            path[lane] = -1;
            // An empty lane rests where it can neither leave nor reach its limit.
            (x[lane], counter[lane], born[lane]) = (0, 0, long.MaxValue / 2);
            if (next < keys.Length)
                Begin(lane, keys, ref next, ref live, x, counter, path, born, 0);
        }
        Vector512<double> at = Vector512.Create<double>(x),
            factor = Vector512.Create(_factor),
            amplitude = Vector512.Create(_amplitude),
            low = Vector512.Create(_low),
            high = Vector512.Create(_high);
        Vector512<ulong> counters = Vector512.Create<ulong>(counter),
            step = Vector512.Create(unchecked(2 * RandomStream.Gamma));
        long now = 0,
            deadline = _maxSteps,
            total = 0;
        while (live > 0)
        {
            at = Vector512.FusedMultiplyAdd(factor, at, amplitude * _law.Sample(counters));
            counters += step;
            now++;
            ulong outside = Vector512.ExtractMostSignificantBits(
                Vector512.LessThanOrEqual(at, low) | Vector512.GreaterThanOrEqual(at, high)
            );
            if (outside == 0 && now < deadline)
                continue;
            at.CopyTo(x);
            counters.CopyTo(counter);
            for (int lane = 0; lane < 8; lane++)
            {
                bool left = (outside >> lane & 1) != 0;
                if (path[lane] < 0)
                {
                    x[lane] = 0;
                    continue;
                }
                if (!left && now - born[lane] < _maxSteps)
                    continue;
                ends[(int)path[lane]] = new(now - born[lane], left);
                total += now - born[lane];
                live--;
                path[lane] = -1;
                (x[lane], born[lane]) = (0, long.MaxValue / 2);
                if (next < keys.Length)
                    Begin(lane, keys, ref next, ref live, x, counter, path, born, now);
            }
            deadline = long.MaxValue;
            for (int lane = 0; lane < 8; lane++)
                if (path[lane] >= 0)
                    deadline = Math.Min(deadline, born[lane] + _maxSteps);
            at = Vector512.Create<double>(x);
            counters = Vector512.Create<ulong>(counter);
        }
        return total;
    }

    private void Begin(
        int lane,
        ReadOnlySpan<ulong> keys,
        ref int next,
        ref int live,
        Span<double> x,
        Span<ulong> counter,
        Span<long> path,
        Span<long> born,
        long now
    )
    {
        (x[lane], counter[lane], path[lane], born[lane]) = (_start, keys[next], next, now);
        next++;
        live++;
    }
}
