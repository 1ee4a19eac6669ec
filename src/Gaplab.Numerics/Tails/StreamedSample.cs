// Takes values one span after another and ends in a ranked sample, in bounded memory.
namespace Gaplab.Numerics.Tails;

/// <summary>Keeps every value up to a limit; beyond it, counts by sign and by the leading 13 bits of the mantissa, and keeps the largest
/// magnitudes themselves.</summary>
/// <remarks>A bin spans 2⁻¹³ of its magnitude, so its middle is within 6.2e-5 of each value in it. Memory: 8 bytes per value up to the
/// limit, then at most 64 KiB for each power of two and sign that occurs.</remarks>
internal sealed class StreamedSample
{
    private const int MantissaBits = 13,
        Shift = 52 - MantissaBits,
        PerOctave = 1 << MantissaBits;
    private readonly int _limit,
        _kept;
    private readonly long[]?[] _positive = new long[2048][],
        _negative = new long[2048][];
    private double[] _buffer = new double[1024];
    private double _threshold = -1;
    private int _used;
    private bool _binned;

    /// <param name="limit">Values kept exactly before bins take over.</param>
    /// <param name="largest">Largest magnitudes kept exactly beyond that.</param>
    public StreamedSample(int limit = 1 << 22, int largest = 1 << 16) => (_limit, _kept) = (limit, largest);

    /// <summary>Values taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>Takes finite values.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        Count += values.Length;
        if (!_binned)
        {
            if (_used + values.Length <= _limit)
            {
                if (_used + values.Length > _buffer.Length)
                    Array.Resize(ref _buffer, Math.Min(_limit, Math.Max(_used + values.Length, 2 * _buffer.Length)));
                values.CopyTo(_buffer.AsSpan(_used));
                _used += values.Length;
                return;
            }
            double[] kept = _buffer[.._used];
            _binned = true;
            (_buffer, _used) = (new double[2 * _kept], 0);
            Bin(kept);
        }
        Bin(values);
    }

    /// <summary>What was taken, ranked.</summary>
    public RankedSample Ranked()
    {
        if (!_binned)
            return RankedSample.Of(_buffer.AsSpan(0, _used));
        Keep();
        // Bins wholly above the smallest kept magnitude are replaced by the values themselves.
        double[] kept = _buffer[.._used];
        Array.Sort(kept);
        double from = UpperEdge(_threshold);
        var values = new List<double>();
        var counts = new List<long>();
        foreach (double x in kept.Where(x => x <= -from))
        {
            values.Add(x);
            counts.Add(1);
        }
        for (int octave = 2047; octave >= 0; octave--)
            Append(_negative[octave], octave, -1);
        for (int octave = 0; octave < 2048; octave++)
            Append(_positive[octave], octave, 1);
        foreach (double x in kept.Where(x => x >= from))
        {
            values.Add(x);
            counts.Add(1);
        }
        return RankedSample.Binned([.. values], [.. counts], 1.0 / (2 * PerOctave));

        void Append(long[]? bins, int octave, int sign)
        {
            if (bins is null)
                return;
            for (int j = 0; j < PerOctave; j++)
            {
                int i = sign < 0 ? PerOctave - 1 - j : j;
                double low = Edge(octave, i),
                    high = Edge(octave, i + 1);
                if (bins[i] == 0 || low >= from)
                    continue;
                values.Add(low == 0 ? 0 : sign * 0.5 * (low + high));
                counts.Add(bins[i]);
            }
        }
    }

    private void Bin(ReadOnlySpan<double> values)
    {
        foreach (double x in values)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(x);
            int octave = (int)(bits >> 52) & 2047,
                bin = (int)(bits >> Shift) & (PerOctave - 1);
            long[]?[] side = (long)bits < 0 ? _negative : _positive;
            (side[octave] ??= new long[PerOctave])[bin]++;
            double magnitude = Math.Abs(x);
            if (magnitude <= _threshold)
                continue;
            _buffer[_used++] = x;
            if (_used == _buffer.Length)
                Keep();
        }
    }

    /// <summary>Cuts the buffer down to the largest magnitudes.</summary>
    private void Keep()
    {
        if (_used <= _kept)
            return;
        double[] magnitudes = new double[_used];
        for (int i = 0; i < _used; i++)
            magnitudes[i] = -Math.Abs(_buffer[i]);
        Array.Sort(magnitudes, _buffer, 0, _used);
        _used = _kept;
        _threshold = Math.Abs(_buffer[_kept - 1]);
    }

    private static double Edge(int octave, int bin) => BitConverter.UInt64BitsToDouble(((ulong)octave << 52) + ((ulong)bin << Shift));

    /// <summary>The upper edge of the bin that holds a magnitude; all magnitudes from it on were kept.</summary>
    private static double UpperEdge(double magnitude)
    {
        if (magnitude < 0)
            return 0;
        ulong bits = BitConverter.DoubleToUInt64Bits(magnitude);
        return BitConverter.UInt64BitsToDouble(((bits >> Shift) + 1) << Shift);
    }
}
