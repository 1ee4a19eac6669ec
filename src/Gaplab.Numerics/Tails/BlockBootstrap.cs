// The bootstrap of the panel's estimators: of a series in moving blocks, of a set value by value.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails;

/// <summary>Resamples sequences in blocks of at least ten autocorrelation times (Künsch 1989), so that dependence within a block is kept;
/// values without an order one by one (Efron 1979).</summary>
/// <remarks>Blocks begin and end at multiples of ten values of their sequence: the log-moment estimator with K₁ = 10 is thereby resampled
/// in whole sums, its u_i in moving blocks.</remarks>
internal static class BlockBootstrap
{
    private const int Unit = 10,
        MostLags = 200;

    /// <summary>1/α̂ of every estimator over the resamples; an estimator that fails on a resample has fewer.</summary>
    public static IReadOnlyList<double[]> Inverses(
        IReadOnlyList<double[]> sequences,
        IReadOnlyList<ITailEstimator> estimators,
        int resamples,
        long seed,
        bool signed,
        TailOrder order = TailOrder.Series
    )
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(estimators);
        bool blockwise = order == TailOrder.Series;
        double[] whole = blockwise ? [] : [.. sequences.SelectMany(s => s)];
        int length = blockwise ? BlockLength(sequences) : 1,
            total = sequences.Sum(s => s.Length);
        // Every start of a whole block, sequence by sequence; a sequence shorter than a block is one block.
        long[] starts = new long[sequences.Count];
        long all = 0;
        for (int s = 0; s < starts.Length; s++)
            starts[s] = all += Math.Max(1, (sequences[s].Length - length) / Unit + 1);
        List<double>[] found = [.. estimators.Select(_ => new List<double>(resamples))];
        for (int r = 0; r < resamples; r++)
        {
            RandomStream stream = RandomStream.For(seed, "tails/bootstrap", r);
            var blocks = new List<double[]>();
            if (!blockwise)
            {
                double[] drawn = new double[total];
                for (int i = 0; i < total; i++)
                    drawn[i] = whole[stream.NextIndex(total)];
                blocks.Add(drawn);
            }
            for (int taken = 0; blockwise && taken < total; )
            {
                long pick = stream.NextIndex(all);
                int s = Array.BinarySearch(starts, pick + 1);
                if (s < 0)
                    s = ~s;
                double[] sequence = sequences[s];
                int from = (int)(pick - (s == 0 ? 0 : starts[s - 1])) * Unit,
                    count = Math.Min(Math.Min(length, sequence.Length - from), total - taken);
                blocks.Add(sequence[from..(from + count)]);
                taken += count;
            }
            TailData data = TailData.Of(blocks, signed, [10]);
            for (int e = 0; e < estimators.Count; e++)
                if (estimators[e].Estimate(data) is { } estimate && double.IsFinite(estimate.Inverse))
                    found[e].Add(estimate.Inverse);
        }
        return [.. found.Select(f => f.ToArray())];
    }

    /// <summary>Ten integrated autocorrelation times, the longer of those of the sign and of log|x|, up to a multiple of ten and at most a
    /// twentieth of all values.</summary>
    public static int BlockLength(IReadOnlyList<double[]> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        double time = Math.Max(Time(sequences, x => Math.Sign(x)), Time(sequences, x => x == 0 ? double.NaN : Math.Log(Math.Abs(x))));
        int most = Math.Max(Unit, sequences.Sum(s => s.Length) / 20 / Unit * Unit);
        return Math.Clamp((int)Math.Ceiling(time) * Unit, Unit, most);
    }

    /// <summary>1 + 2Σρ_l up to the first lag whose correlation is below 0.05.</summary>
    private static double Time(IReadOnlyList<double[]> sequences, Func<double, double> of)
    {
        double[][] series = [.. sequences.Select(s => s.Select(of).ToArray())];
        double mean = 0,
            count = 0;
        foreach (double v in series.SelectMany(s => s).Where(double.IsFinite))
        {
            mean += v;
            count++;
        }
        if (count == 0)
            return 1;
        mean /= count;
        foreach (double[] s in series)
            for (int i = 0; i < s.Length; i++)
                s[i] = double.IsFinite(s[i]) ? s[i] - mean : 0;
        double variance = series.Sum(s => s.Sum(v => v * v)) / count,
            time = 1;
        if (variance == 0)
            return 1;
        for (int lag = 1; lag <= MostLags; lag++)
        {
            double sum = 0,
                pairs = 0;
            foreach (double[] s in series)
            {
                for (int i = lag; i < s.Length; i++)
                    sum += s[i] * s[i - lag];
                pairs += Math.Max(0, s.Length - lag);
            }
            if (pairs == 0)
                break;
            double correlation = sum / pairs / variance;
            if (correlation < 0.05)
                break;
            time += 2 * correlation;
        }
        return time;
    }
}
