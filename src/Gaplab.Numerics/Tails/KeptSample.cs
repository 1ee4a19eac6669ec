// The part of an array [iterations, coordinates] that is kept in memory for bootstrap, control and goodness of fit.

namespace Gaplab.Numerics.Tails;

/// <summary>Some coordinates over some iterations, each in runs of neighbours spread evenly over the array; fixed by the array's shape
/// alone.</summary>
internal sealed class KeptSample
{
    /// <summary>Iterations over which one scale of a coordinate is measured, at least.</summary>
    public const int Window = 128;

    private const int MostRuns = 16,
        ShortestRun = 50;

    private KeptSample(double[][] columns, int coordinateRun, int iterationRun) =>
        (Columns, CoordinateRun, IterationRun) = (columns, coordinateRun, iterationRun);

    /// <summary>The kept values: [coordinate][iteration], centred.</summary>
    public double[][] Columns { get; }

    /// <summary>Coordinates of a run are neighbours in the array.</summary>
    public int CoordinateRun { get; }

    /// <summary>Iterations of a run follow each other.</summary>
    public int IterationRun { get; }

    /// <summary>A kept sample with other values in the same places.</summary>
    public KeptSample With(double[][] columns) => new(columns, CoordinateRun, IterationRun);

    /// <summary>A sample that is an array in memory whole.</summary>
    internal static KeptSample Whole(double[][] columns) => new(columns, columns.Length, columns[0].Length);

    /// <summary>Which iterations and coordinates to keep of an array, about <paramref name="values"/> in all; iterations come first, for
    /// scales are measured along them.</summary>
    public static (long[] Iterations, int IterationRun, long[] Coordinates, int CoordinateRun) Choose(
        long iterations,
        long coordinates,
        int values
    )
    {
        long keptIterations = Math.Min(iterations, Math.Max(values / coordinates, Math.Min(1024, values / 16)));
        long keptCoordinates = Math.Min(coordinates, Math.Max(1, values / keptIterations));
        (long[] i, int iRun) = Spread(iterations, keptIterations);
        (long[] c, int cRun) = Spread(coordinates, keptCoordinates);
        return (i, iRun, c, cRun);
    }

    internal static KeptSample Of(double[][] columns, int coordinateRun, int iterationRun) => new(columns, coordinateRun, iterationRun);

    /// <summary>The sequences of an axis, in its order, divided by the scales that the axis asks for.</summary>
    public IReadOnlyList<double[]> Sequences(TailAxis axis)
    {
        int coordinates = Columns.Length,
            iterations = Columns[0].Length;
        var sequences = new List<double[]>();
        switch (axis)
        {
            case TailAxis.Iterations:
                foreach (double[] column in Columns)
                {
                    double[] unit = coordinates == 1 ? column : Divided(column);
                    for (int from = 0; from < iterations; from += IterationRun)
                        sequences.Add(unit[from..Math.Min(iterations, from + IterationRun)]);
                }
                break;
            case TailAxis.Norm:
                for (int from = 0; from < iterations; from += IterationRun)
                    sequences.Add([
                        .. Enumerable
                            .Range(from, Math.Min(IterationRun, iterations - from))
                            .Select(i => Math.Sqrt(Columns.Sum(c => c[i] * c[i]))),
                    ]);
                break;
            default:
                for (int i = 0; i < iterations; i++)
                {
                    double[] row = new double[coordinates];
                    for (int c = 0; c < coordinates; c++)
                        row[c] = Columns[c][i];
                    if (axis == TailAxis.Coordinates)
                        row = Divided(row);
                    for (int from = 0; from < coordinates; from += CoordinateRun)
                        sequences.Add(row[from..Math.Min(coordinates, from + CoordinateRun)]);
                }
                break;
        }
        return sequences;
    }

    /// <summary>exp(mean log|x|) over values that are not zero; 1 where there is none.</summary>
    internal static double GeometricScale(ReadOnlySpan<double> values)
    {
        double sum = 0;
        int count = 0;
        foreach (double x in values)
            if (x != 0)
            {
                sum += Math.Log(Math.Abs(x));
                count++;
            }
        return count == 0 ? 1 : Math.Exp(sum / count);
    }

    private static double[] Divided(double[] values)
    {
        double scale = GeometricScale(values);
        return [.. values.Select(x => x / scale)];
    }

    private static (long[] Places, int Run) Spread(long size, long kept)
    {
        if (kept >= size)
            return ([.. Enumerable.Range(0, (int)size).Select(i => (long)i)], (int)size);
        int runs = (int)Math.Clamp(kept / ShortestRun, 1, MostRuns),
            run = (int)(kept / runs);
        // Whole blocks of ten fit a run where there is room.
        if (run >= 20)
            run -= run % 10;
        var places = new List<long>();
        for (int r = 0; r < runs; r++)
        {
            long start = runs == 1 ? 0 : (long)((double)r / (runs - 1) * (size - run));
            for (int i = 0; i < run; i++)
                places.Add(start + i);
        }
        return ([.. places], run);
    }
}
