// The passes over a source: centre, logarithms and block sums, ranks; each line is read in parts, never whole files.
using System.Numerics.Tensors;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails;

internal sealed class TailPasses
{
    /// <summary>Most coordinates or iterations that get numbers of their own.</summary>
    private const int MostUnits = 1 << 22;

    /// <summary>Values of a set that log-moments are summed over.</summary>
    public const int MostShuffled = 1 << 22;

    private const int Part = 1 << 16;

    private readonly ITailSource _source;
    private readonly TailAxis _axis;
    private readonly long _lineStride,
        _placeStride,
        _lines,
        _places;
    private readonly double[] _buffer,
        _logs,
        _raw;
    private double[]? _placeOffset,
        _lineOffset;
    private double _offset;

    private TailPasses(ITailSource source, TailAxis axis)
    {
        (_source, _axis) = (source, axis);
        long lines = source.LinesAreIterations ? source.Iterations : source.Coordinates,
            places = source.LinesAreIterations ? source.Coordinates : source.Iterations;
        // A list of values needs no numbers by place; an array may for each coordinate, and for each iteration along that axis.
        bool list = source.Coordinates == 1;
        _lineStride = list ? 1 : Stride(lines, !source.LinesAreIterations || axis is TailAxis.Coordinates or TailAxis.Norm);
        _placeStride = list ? 1 : Stride(places, true);
        (_lines, _places) = ((lines + _lineStride - 1) / _lineStride, (places + _placeStride - 1) / _placeStride);
        int part = (int)Math.Min(Part, _places);
        (_buffer, _logs) = (new double[part], new double[part]);
        _raw = _placeStride == 1 ? [] : new double[checked((int)Math.Min(Part * 4L, places))];
    }

    private bool PlacesAreCoordinates => _source.LinesAreIterations;

    /// <param name="source">The array.</param>
    /// <param name="axis">Along which it is read.</param>
    /// <param name="order">A set is of plain values only.</param>
    /// <param name="centre">Null: nothing of values on one side of 0; else the median of plain values, each coordinate's mean of an
    /// array.</param>
    /// <param name="kept">Values kept.</param>
    public static TailReading Read(ITailSource source, TailAxis axis, TailOrder order, TailCentre? centre, int kept)
    {
        if ((double)source.Iterations * source.Coordinates < TailMeasurement.FewestValues)
            throw new InputException(
                $"{source.Iterations * source.Coordinates} values; the tail panel needs at least {TailMeasurement.FewestValues}"
            );
        var passes = new TailPasses(source, axis);
        (TailCentre used, string reason, bool oneSided) = passes.Centre(centre, order);
        return passes.Rank(order, used == TailCentre.None, oneSided, kept) with { Centre = used, CentreReason = reason };
    }

    /// <summary>Calls <paramref name="visit"/> for each part: line, first place, centred values.</summary>
    private void Pass(Action<long, long, Memory<double>> visit)
    {
        for (long line = 0; line < _lines; line++)
        for (long start = 0; start < _places; start += _buffer.Length)
        {
            int count = (int)Math.Min(_buffer.Length, _places - start);
            Span<double> values = _buffer.AsSpan(0, count);
            Fill(line, start, values);
            if (!double.IsFinite(TensorPrimitives.SumOfMagnitudes<double>(values)))
                Refuse(line, start, values);
            if (_placeOffset is not null)
                TensorPrimitives.Subtract(values, _placeOffset.AsSpan((int)start, count), values);
            else if (_lineOffset is not null)
                TensorPrimitives.Subtract(values, _lineOffset[line], values);
            else if (_offset != 0)
                TensorPrimitives.Subtract(values, _offset, values);
            visit(line, start, _buffer.AsMemory(0, count));
        }
    }

    private void Fill(long line, long start, Span<double> values)
    {
        long at = line * _lineStride;
        if (_placeStride == 1)
        {
            _source.Read(at, start, values);
            return;
        }
        for (int done = 0; done < values.Length; )
        {
            int count = (int)Math.Min(values.Length - done, Math.Max(1, (_raw.Length - 1) / _placeStride + 1));
            long from = (start + done) * _placeStride;
            Span<double> raw = _raw.AsSpan(0, (int)((count - 1) * _placeStride + 1));
            _source.Read(at, from, raw);
            for (int i = 0; i < count; i++)
                values[done + i] = raw[(int)(i * _placeStride)];
            done += count;
        }
    }

    private void Refuse(long line, long start, ReadOnlySpan<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsFinite(values[i]))
                continue;
            long a = line * _lineStride,
                b = (start + i) * _placeStride;
            (long iteration, long coordinate) = PlacesAreCoordinates ? (a, b) : (b, a);
            string where = _source.Coordinates == 1 ? $"value {iteration + 1}" : $"iteration {iteration + 1}, coordinate {coordinate + 1}";
            throw new InputException(
                $"{where} is {(double.IsNaN(values[i]) ? "NaN" : "infinite")}; the tail panel needs finite values: leave out the "
                    + $"iterations after a divergence"
            );
        }
    }

    private (TailCentre, string, bool OneSided) Centre(TailCentre? asked, TailOrder order)
    {
        bool list = _source.Coordinates == 1;
        TailCentre centre = asked ?? (list ? TailCentre.Median : TailCentre.Coordinate);
        string? oneSided = null;
        switch (centre)
        {
            case TailCentre.Median:
            case TailCentre.Mean or TailCentre.Coordinate when list && order == TailOrder.Set:
                var sample = new StreamedSample();
                double total = 0;
                Pass(
                    (_, _, values) =>
                    {
                        sample.Add(values.Span);
                        total += TensorPrimitives.Sum<double>(values.Span);
                    }
                );
                RankedSample ranked = sample.Ranked();
                if (asked is null && (oneSided = OneSided.Of(ranked)) is not null)
                    break;
                // A sum in file order differs in its last digits from one in another order; a set's mean does not.
                _offset =
                    centre == TailCentre.Median ? ranked.Quantile(0.5)
                    : ranked.RelativeError == 0 ? ranked.Moments().Mean
                    : total / _lines / _places;
                break;
            case TailCentre.Coordinate:
                long negative = 0,
                    positive = 0;
                double[] sums = new double[PlacesAreCoordinates ? _places : _lines];
                Pass(
                    (line, start, values) =>
                    {
                        if (PlacesAreCoordinates)
                            TensorPrimitives.Add(
                                sums.AsSpan((int)start, values.Length),
                                values.Span,
                                sums.AsSpan((int)start, values.Length)
                            );
                        else
                            sums[line] += TensorPrimitives.Sum<double>(values.Span);
                        if (negative == 0 || positive == 0)
                            Signs(values.Span, ref negative, ref positive);
                    }
                );
                if (asked is null && (oneSided = OneSided.BySigns(negative, positive, _lines * _places)) is not null)
                    break;
                TensorPrimitives.Divide(sums, (double)(PlacesAreCoordinates ? _lines : _places), sums);
                if (PlacesAreCoordinates)
                    _placeOffset = sums;
                else
                    _lineOffset = sums;
                break;
            case TailCentre.Mean:
                double sum = 0;
                Pass((_, _, values) => sum += TensorPrimitives.Sum<double>(values.Span));
                _offset = sum / _lines / _places;
                break;
        }
        return asked is not null ? (centre, "as asked", false)
            : oneSided is not null ? (TailCentre.None, oneSided, true)
            : (centre, list ? "the default of plain values on both sides of 0" : "the default of an array", false);
    }

    private static void Signs(ReadOnlySpan<double> values, ref long negative, ref long positive)
    {
        foreach (double x in values)
            if (x > 0)
                positive++;
            else if (x < 0)
                negative++;
    }

    private TailReading Rank(TailOrder order, bool uncentred, bool oneSided, int kept)
    {
        bool list = _source.Coordinates == 1,
            set = order == TailOrder.Set;
        long iterations = PlacesAreCoordinates ? _lines : _places,
            coordinates = PlacesAreCoordinates ? _places : _lines;
        (long[] keptIterations, int iterationRun, long[] keptCoordinates, int coordinateRun) = KeptSample.Choose(
            iterations,
            coordinates,
            kept
        );
        double[][] columns = new double[keptCoordinates.Length][];
        for (int c = 0; c < columns.Length; c++)
            columns[c] = new double[keptIterations.Length];
        var keep = new Gather(
            PlacesAreCoordinates ? keptIterations : keptCoordinates,
            PlacesAreCoordinates ? keptCoordinates : keptIterations
        );

        bool along = list || PlacesAreCoordinates == (_axis != TailAxis.Iterations);
        bool norms = _axis == TailAxis.Norm,
            scaled = !list && (_axis is TailAxis.Iterations or TailAxis.Coordinates);
        LogMoments[] blocks = norms || set ? [] : [.. TailData.BlockLengths.Select(k => new LogMoments(k))];
        var sample = new StreamedSample();
        double logSum = 0,
            first = double.NaN;
        long logCount = 0,
            negative = 0,
            positive = 0;
        bool spread = false;
        // One geometric scale a unit: the line's where sequences run along lines, else the place's.
        double[] unitLog = scaled ? new double[along ? _lines : _places] : [];
        long[] unitCount = scaled ? new long[unitLog.Length] : [];
        double[] squares = norms ? new double[iterations] : [];

        Pass(
            (line, start, memory) =>
            {
                Span<double> values = memory.Span,
                    logs = _logs.AsSpan(0, values.Length);
                if (!set)
                    keep.Take(line, start, values, PlacesAreCoordinates, columns);
                if (uncentred && (negative == 0 || positive == 0))
                    Signs(values, ref negative, ref positive);
                if (!spread)
                {
                    if (double.IsNaN(first))
                        first = values[0];
                    spread = values.ContainsAnyExcept(first);
                }
                if (set)
                {
                    sample.Add(values);
                    return;
                }
                if (norms)
                {
                    if (PlacesAreCoordinates)
                        squares[line] += TensorPrimitives.SumOfSquares<double>(values);
                    else
                        for (int i = 0; i < values.Length; i++)
                            squares[start + i] += values[i] * values[i];
                    return;
                }
                bool anyZero = TailData.Logarithms(values, logs);
                foreach (LogMoments k in blocks)
                {
                    if (along)
                        k.Add(values, logs, anyZero);
                    else
                        k.AddAcross(start, _places, values, logs, anyZero);
                    if (along && start + values.Length == _places)
                        k.EndSequence();
                }
                if (anyZero)
                    for (int i = 0; i < logs.Length; i++)
                        if (values[i] == 0)
                            logs[i] = 0;
                double sum = TensorPrimitives.Sum<double>(logs);
                long zeros = anyZero ? values.Count(0.0) : 0;
                logSum += sum;
                logCount += values.Length - zeros;
                if (!scaled)
                {
                    sample.Add(values);
                }
                else if (along)
                {
                    unitLog[line] += sum;
                    unitCount[line] += values.Length - zeros;
                }
                else
                {
                    for (int i = 0; i < logs.Length; i++)
                    {
                        unitLog[start + i] += logs[i];
                        if (values[i] != 0)
                            unitCount[start + i]++;
                    }
                }
            }
        );
        if (!spread)
            throw new InputException($"all {_lines * _places} values are equal after centring; the tail panel needs values that vary");
        if (scaled)
        {
            for (int u = 0; u < unitLog.Length; u++)
                unitLog[u] = unitCount[u] == 0 ? 1 : Math.Exp(-unitLog[u] / unitCount[u]);
            Pass(
                (line, start, memory) =>
                {
                    Span<double> values = memory.Span;
                    if (along)
                        TensorPrimitives.Multiply(values, unitLog[line], values);
                    else
                        TensorPrimitives.Multiply(values, unitLog.AsSpan((int)start, values.Length), values);
                    sample.Add(values);
                }
            );
        }
        if (norms)
        {
            if (iterations < TailMeasurement.FewestValues)
                throw new InputException(
                    $"{iterations} norms; the tail panel needs at least {TailMeasurement.FewestValues} iterations along this axis"
                );
            TensorPrimitives.Sqrt(squares, squares);
            sample.Add(squares);
        }
        RankedSample ranked = sample.Ranked();
        bool magnitudes = oneSided || uncentred && OneSided.BySigns(negative, positive, 0) is not null || norms && list;
        if (set)
        {
            double[] shuffled = ranked.Shuffled(MostShuffled, RandomStream.For(1, "tails/set"));
            return new TailReading(
                TailData.Of(ranked, [shuffled], !magnitudes),
                KeptSample.Whole([shuffled[..Math.Min(kept, shuffled.Length)]]),
                sample.Count,
                coordinates,
                iterations,
                magnitudes,
                0
            );
        }
        var data = new TailData(
            ranked,
            magnitudes ? [] : [.. blocks.Select(b => b.Result()).OfType<LogMomentPoint>()],
            logCount == 0 ? double.NaN : logSum / logCount
        );
        // A file is sorted as it is, not as it is once centred.
        int sorted = columns.Where((c, i) => SortedSeries.Is([.. c.Select(x => x + Subtracted(keptCoordinates[i]))], iterationRun)).Count();
        return new TailReading(
            data,
            KeptSample.Of(columns, coordinateRun, iterationRun),
            sample.Count,
            coordinates,
            iterations,
            magnitudes,
            sorted
        );
    }

    private double Subtracted(long coordinate) => (PlacesAreCoordinates ? _placeOffset : _lineOffset)?[coordinate] ?? _offset;

    private static long Stride(long units, bool needed) => needed && units > MostUnits ? (units + MostUnits - 1) / MostUnits : 1;

    /// <summary>Copies the kept places out of the parts that pass by.</summary>
    private sealed class Gather(long[] lines, long[] places)
    {
        public void Take(long line, long start, ReadOnlySpan<double> values, bool placesAreCoordinates, double[][] columns)
        {
            int l = Array.BinarySearch(lines, line);
            if (l < 0)
                return;
            int p = Array.BinarySearch(places, start);
            for (p = p < 0 ? ~p : p; p < places.Length && places[p] < start + values.Length; p++)
            {
                double x = values[(int)(places[p] - start)];
                if (placesAreCoordinates)
                    columns[p][l] = x;
                else
                    columns[l][p] = x;
            }
        }
    }
}
