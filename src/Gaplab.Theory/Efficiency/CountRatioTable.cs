// The mean step of a class by how often it is seen and how far its probability is off, as a table.
namespace Gaplab.Theory.Efficiency;

/// <summary><see cref="CountRatio"/> over λ = Bp and ρ = π/p.</summary>
internal sealed class CountRatioTable
{
    /// <summary>ρ is not followed below: a class that a batch of samples hardly ever holds is forgotten between two of its
    /// occurrences.</summary>
    public const double LeastLogRatio = -12;

    private const double LeastLogMean = -13.9,
        MeanStep = 0.4,
        RatioStep = 0.2,
        RatioScale = 0.2;

    private static readonly double s_leastPlace = Math.Asinh(LeastLogRatio / RatioScale),
        s_greatestPlace = Math.Asinh(2 / RatioScale);

    // [λ][ρ], with ρ even in asinh(ln ρ/0.2).
    private readonly double[][] _steps;

    /// <param name="largestMean">Beyond it the last row stands for all.</param>
    public CountRatioTable(double beta1, double beta2, double largestMean)
    {
        var ratio = new CountRatio(beta1, beta2);
        int means = (int)Math.Ceiling((Math.Log(largestMean) - LeastLogMean) / MeanStep) + 2,
            ratios = (int)Math.Ceiling((s_greatestPlace - s_leastPlace) / RatioStep) + 1;
        _steps = new double[means][];
        Parallel.For(
            0,
            means,
            i =>
                _steps[i] = [
                    .. Enumerable
                        .Range(0, ratios)
                        .Select(j => ratio.Of(Math.Exp(LeastLogMean + i * MeanStep), Math.Exp(LogRatio(s_leastPlace + j * RatioStep)))),
                ]
        );
    }

    /// <summary>E[m/√v] of one λ against ρ.</summary>
    public Row At(double mean)
    {
        double place = Math.Clamp((Math.Log(mean) - LeastLogMean) / MeanStep, 0, _steps.Length - 1);
        return new Row([.. Enumerable.Range(0, _steps[0].Length).Select(j => CountRatio.Interpolated(new Column(_steps, j), place))]);
    }

    private static double LogRatio(double place) => RatioScale * Math.Sinh(place);

    internal sealed class Row(double[] steps)
    {
        public double At(double logRatio) =>
            CountRatio.Interpolated(steps, Math.Clamp((Math.Asinh(logRatio / RatioScale) - s_leastPlace) / RatioStep, 0, steps.Length - 1));
    }

    private readonly struct Column(double[][] rows, int column) : IReadOnlyList<double>
    {
        public double this[int index] => rows[index][column];

        public int Count => rows.Length;

        public IEnumerator<double> GetEnumerator()
        {
            foreach (double[] row in rows)
                yield return row[column];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
