// A sample sorted by value and by magnitude, each entry with how many values it stands for.
using System.Numerics.Tensors;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails;

/// <summary>All that order-free estimators read: quantiles, the largest magnitudes with sums of their logarithms, and the empirical
/// characteristic function.</summary>
/// <remarks>
/// Exact when every entry stands for one value. A sample too large to keep (<see cref="StreamedSample"/>) has entries that stand for
/// all values of a bin: magnitudes are then right to <see cref="RelativeError"/>, counts are exact.
/// </remarks>
public sealed class RankedSample
{
    private readonly double[] _values,
        _magnitudes,
        _logs,
        _sumLog,
        _sumSquare;
    private readonly long[]? _upTo,
        _largerUpTo;

    private RankedSample(double[] ascending, long[]? counts, double relativeError)
    {
        _values = ascending;
        RelativeError = relativeError;
        if (counts is not null)
            _upTo = Cumulated(counts);
        Count = _upTo?[^1] ?? ascending.Length;
        int n = ascending.Length,
            zeros = 0;
        _magnitudes = new double[n];
        long[]? larger = counts is null ? null : new long[n];
        // From both ends towards zero: the next largest magnitude is at one of them.
        for (int low = 0, high = n - 1, i = 0; i < n; i++)
        {
            int from = -ascending[low] > ascending[high] ? low++ : high--;
            _magnitudes[i] = Math.Abs(ascending[from]);
            if (larger is not null)
                larger[i] = counts![from];
            if (_magnitudes[i] == 0)
                zeros++;
        }
        _largerUpTo = larger is null ? null : Cumulated(larger);
        _logs = new double[n];
        TensorPrimitives.Log(_magnitudes, _logs);
        // Zeros have no logarithm; they are last and are never reached by a tail.
        _logs.AsSpan(n - zeros).Clear();
        Positive = zeros == n ? 0 : _largerUpTo?[n - zeros - 1] ?? n - zeros;
        (_sumLog, _sumSquare) = (new double[n], new double[n]);
        double sum = 0,
            square = 0;
        for (int i = 0; i < n; i++)
        {
            double weight = counts is null ? 1 : larger![i];
            sum += weight * _logs[i];
            square += weight * _logs[i] * _logs[i];
            (_sumLog[i], _sumSquare[i]) = (sum, square);
        }
    }

    /// <summary>Values in all.</summary>
    public long Count { get; }

    /// <summary>Values that are not zero.</summary>
    public long Positive { get; }

    /// <summary>How far an entry's magnitude may be from that of a value it stands for, relative; 0 when every value is kept.</summary>
    public double RelativeError { get; }

    /// <summary>How many values lie below and above 0.</summary>
    public (long Negative, long Positive) Signs()
    {
        int below = First(_values, x => x >= 0),
            upTo = First(_values, x => x > 0);
        long Before(int entry) => entry == 0 ? 0 : _upTo?[entry - 1] ?? entry;
        return (Before(below), Count - Before(upTo));

        static int First(double[] ascending, Func<double, bool> holds)
        {
            int low = 0,
                high = ascending.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (holds(ascending[middle]))
                    high = middle;
                else
                    low = middle + 1;
            }
            return low;
        }
    }

    /// <summary>The values in an order that has nothing to do with the one they came in: it depends on the values and the stream
    /// alone.</summary>
    /// <param name="most">Of more values, as many at evenly spaced ranks.</param>
    /// <param name="stream">Names the order.</param>
    public double[] Shuffled(int most, RandomStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        double[] values = new double[Math.Min(Count, most)];
        if (_upTo is null && values.Length == _values.Length)
            _values.CopyTo(values, 0);
        else
            for (int i = 0; i < values.Length; i++)
                values[i] = At((long)((i + 0.5) / values.Length * Count));
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = (int)stream.NextIndex(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
        return values;
    }

    /// <summary>A sample in memory; the array is copied.</summary>
    /// <param name="values">At least one, finite.</param>
    public static RankedSample Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
            throw new ArgumentException("a sample needs at least one value", nameof(values));
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        return new RankedSample(sorted, null, 0);
    }

    internal static RankedSample Binned(double[] ascending, long[] counts, double relativeError) => new(ascending, counts, relativeError);

    /// <summary>Quantile of type 7.</summary>
    public double Quantile(double probability)
    {
        if (_upTo is null)
            return Quantiles.Type7(_values, probability);
        double position = (Count - 1) * probability;
        long below = (long)Math.Floor(position);
        double low = At(below),
            high = At(Math.Min(below + 1, Count - 1));
        return low + (position - below) * (high - low);
    }

    /// <summary>X_(rank): the magnitude of this rank, 1 for the largest.</summary>
    public double Magnitude(long rank) => _magnitudes[Entry(rank)];

    /// <summary>M_r = mean over i ≤ k of log^r(X_(i)/X_(k+1)), r = 1 and 2.</summary>
    /// <param name="k">1 … <see cref="Positive"/> − 1.</param>
    public (double First, double Second) LogExcess(long k)
    {
        if (k < 1 || k >= Positive)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"expected 1 … {Positive - 1}");
        double threshold = _logs[Entry(k + 1)];
        (double sum, double square) = SumsTo(k);
        double mean = sum / k;
        return (mean - threshold, square / k - 2 * threshold * mean + threshold * threshold);
    }

    /// <summary>|mean of e^{itX/scale}|: the modulus of the empirical characteristic function, free of any shift.</summary>
    public double CharacteristicModulus(double t, double scale)
    {
        double cosine = 0,
            sine = 0;
        long before = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            double weight = 1;
            if (_upTo is not null)
                (weight, before) = (_upTo[i] - before, _upTo[i]);
            (double s, double c) = Math.SinCos(t * _values[i] / scale);
            cosine += weight * c;
            sine += weight * s;
        }
        return Math.Sqrt(cosine * cosine + sine * sine) / Count;
    }

    /// <summary>The Kolmogorov–Smirnov distance of the k largest magnitudes from a power law that begins at X_(k), and that law's
    /// maximum-likelihood exponent α̂ = k/Σ log(X_(i)/X_(k)) (Clauset, Shalizi and Newman 2009).</summary>
    public (double Exponent, double Distance) PowerLaw(long k)
    {
        int last = Entry(k);
        double threshold = _logs[last],
            excess = SumsTo(k).Sum / k - threshold;
        if (!(excess > 0))
            return (double.PositiveInfinity, 1);
        double exponent = 1 / excess,
            distance = 0;
        long before = 0;
        const int Piece = 512;
        Span<double> expected = stackalloc double[Piece];
        for (int from = 0; from <= last; from += Piece)
        {
            int length = Math.Min(Piece, last + 1 - from);
            Span<double> part = expected[..length];
            TensorPrimitives.Subtract(_logs.AsSpan(from, length), threshold, part);
            TensorPrimitives.Multiply(part, -exponent, part);
            TensorPrimitives.Exp(part, part);
            for (int i = 0; i < length; i++)
            {
                long upTo = Math.Min(k, _largerUpTo?[from + i] ?? from + i + 1);
                distance = Math.Max(distance, Math.Max((double)upTo / k - part[i], part[i] - (double)before / k));
                before = upTo;
            }
        }
        return (exponent, distance);
    }

    /// <summary>Mean and standard deviation (divided by n − 1), skewness and excess kurtosis of the entries.</summary>
    public (double Mean, double Deviation, double Skewness, double Kurtosis) Moments()
    {
        double mean = 0,
            second = 0,
            third = 0,
            fourth = 0;
        long before = 0;
        double Weight(int i)
        {
            if (_upTo is null)
                return 1;
            (long weight, before) = (_upTo[i] - before, _upTo[i]);
            return weight;
        }
        for (int i = 0; i < _values.Length; i++)
            mean += Weight(i) * _values[i];
        mean /= Count;
        before = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            double d = _values[i] - mean,
                weight = Weight(i);
            second += weight * d * d;
            third += weight * d * d * d;
            fourth += weight * d * d * d * d;
        }
        double variance = second / Count;
        return (
            mean,
            Math.Sqrt(second / Math.Max(1, Count - 1)),
            third / Count / Math.Pow(variance, 1.5),
            fourth / Count / (variance * variance) - 3
        );
    }

    /// <summary>Share of the values with |X| &gt; x.</summary>
    public double ShareAbove(double magnitude)
    {
        int low = 0,
            high = _magnitudes.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_magnitudes[middle] > magnitude)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? 0 : (double)(_largerUpTo?[low - 1] ?? low) / Count;
    }

    /// <summary>P(|X| &gt; x) at magnitudes spread evenly over the decades of the probability: (x, share), largest share first.</summary>
    public IReadOnlyList<(double Magnitude, double Share)> TailPlot(int perDecade = 12)
    {
        var points = new List<(double, double)>();
        int steps = (int)(Math.Log10(Count) * perDecade);
        long last = 0;
        for (int i = 0; i <= steps; i++)
        {
            long rank = Math.Max(1, (long)(Count / 2.0 * Math.Pow(10, -(double)i / perDecade)));
            if (rank == last || rank > Positive)
                continue;
            points.Add((Magnitude(rank), (rank - 0.5) / Count));
            last = rank;
        }
        return points;
    }

    /// <summary>The value at a place of the ascending order, from 0.</summary>
    private double At(long index)
    {
        if (_upTo is null)
            return _values[index];
        int at = Array.BinarySearch(_upTo, index + 1);
        return _values[at >= 0 ? at : ~at];
    }

    private int Entry(long rank)
    {
        if (rank < 1 || rank > Count)
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"expected 1 … {Count}");
        if (_largerUpTo is null)
            return (int)rank - 1;
        int at = Array.BinarySearch(_largerUpTo, rank);
        return at >= 0 ? at : ~at;
    }

    private (double Sum, double Square) SumsTo(long k)
    {
        int entry = Entry(k);
        double over = (_largerUpTo?[entry] ?? k) - k;
        return (_sumLog[entry] - over * _logs[entry], _sumSquare[entry] - over * _logs[entry] * _logs[entry]);
    }

    private static long[] Cumulated(long[] counts)
    {
        var upTo = new long[counts.Length];
        long sum = 0;
        for (int i = 0; i < counts.Length; i++)
            upTo[i] = sum += counts[i];
        return upTo;
    }
}
