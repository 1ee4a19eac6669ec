// The negative control: Gaussian noise with the measured scales and correlation, in the places of the measured values.
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails;

/// <summary>What is measured of a sample to make its Gaussian twin.</summary>
/// <remarks>
/// One scale for each coordinate and window of at least <see cref="KeptSample.Window"/> iterations: half the quartile range over 0.6745,
/// which a heavy tail does not move.
/// The spread of log scales is then narrowed by the part that sampling alone makes (simulated with Gaussian values), so that equal scales
/// come out equal.
/// The lag-1 correlation along the axis is that of a Gaussian AR(1) with the measured concordance of signs, ρ = sin(π/2 · mean sgn(x_t
/// x_{t+1})); within three standard errors of 0 it is taken as 0.
/// </remarks>
internal sealed class NegativeControl
{
    /// <summary>Fewer iterations than this measure no scale.</summary>
    public const int FewestIterations = 8;

    /// <summary>The upper quartile of the standard normal, and the median of its magnitude.</summary>
    private const double Quartile = 0.674489750196082;

    /// <summary>Of more values a scale's sampling spread is next to nothing.</summary>
    private const int MostSimulated = 1024;

    private readonly KeptSample _sample;
    private readonly double[][] _scales;
    private readonly int _window;
    private readonly bool _alongIterations;

    private NegativeControl(KeptSample sample, double[][] scales, int window, bool alongIterations, double correlation) =>
        (_sample, _scales, _window, _alongIterations, Correlation) = (sample, scales, window, alongIterations, correlation);

    /// <summary>The lag-1 correlation given to the control.</summary>
    public double Correlation { get; }

    /// <summary>AM/GM of the measured σ²: 1 for equal scales. Pooled Gaussian noise reads as 1/α = ½ + log(AM/GM)/(2 log K₁).</summary>
    public double ArithmeticOverGeometric { get; private init; }

    /// <summary>Measures the scales; null with too few iterations or no spread at all.</summary>
    /// <param name="sample">The kept values.</param>
    /// <param name="axis">Along which correlation is measured.</param>
    /// <param name="order">A set has one scale and no correlation.</param>
    /// <param name="magnitudes">The values lie on one side of 0: their scale is their median over that of |z|, and their concordance is
    /// that about their median.</param>
    public static NegativeControl? Of(KeptSample sample, TailAxis axis, TailOrder order = TailOrder.Series, bool magnitudes = false)
    {
        ArgumentNullException.ThrowIfNull(sample);
        int iterations = sample.Columns[0].Length;
        if (iterations < FewestIterations)
            return null;
        Func<double[], double> scale = magnitudes ? ScaleOfMagnitudes : Scale;
        int windows = order == TailOrder.Set ? 1 : Math.Max(1, iterations / KeptSample.Window),
            window = (iterations + windows - 1) / windows;
        windows = (iterations + window - 1) / window;
        double[][] scales = new double[sample.Columns.Length][];
        for (int c = 0; c < scales.Length; c++)
        {
            scales[c] = new double[windows];
            for (int w = 0; w < windows; w++)
                scales[c][w] = scale(sample.Columns[c][(w * window)..Math.Min(iterations, (w + 1) * window)]);
        }
        double[] logs = [.. scales.SelectMany(s => s).Where(s => s > 0).Select(x => Math.Log(x))];
        if (logs.Length == 0)
            return null;
        (double bias, double noise) = SamplingSpread(Math.Min(window, MostSimulated), scale);
        double mean = logs.Average(),
            spread = logs.Length > 1 ? logs.Sum(l => (l - mean) * (l - mean)) / (logs.Length - 1) : 0;
        double keep = spread > noise ? Math.Sqrt(1 - noise / spread) : 0;
        foreach (double[] column in scales)
            for (int w = 0; w < column.Length; w++)
                if (column[w] > 0)
                    column[w] = Math.Exp(mean + keep * (Math.Log(column[w]) - mean) - bias);
        double[] variances = [.. scales.SelectMany(s => s).Where(s => s > 0).Select(s => s * s)];
        bool alongIterations = axis is TailAxis.Iterations or TailAxis.Norm;
        double correlation = order == TailOrder.Set ? 0 : SignCorrelation(magnitudes ? AboutMedians(sample) : sample, alongIterations);
        return new NegativeControl(sample, scales, window, alongIterations, correlation)
        {
            ArithmeticOverGeometric = variances.Average() / Math.Exp(variances.Average(Math.Log)),
        };
    }

    /// <summary>One draw in the places of the sample; exact zeros stay zero.</summary>
    public KeptSample Draw(RandomStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int coordinates = _sample.Columns.Length,
            iterations = _sample.Columns[0].Length;
        double[][] columns = [.. Enumerable.Range(0, coordinates).Select(_ => new double[iterations])];
        double fresh = Math.Sqrt(1 - Correlation * Correlation),
            z = 0;
        (int outer, int inner, int run) = _alongIterations
            ? (coordinates, iterations, _sample.IterationRun)
            : (iterations, coordinates, _sample.CoordinateRun);
        for (int o = 0; o < outer; o++)
        for (int i = 0; i < inner; i++)
        {
            double g = stream.NextGaussian();
            z = i % run == 0 ? g : Correlation * z + fresh * g;
            (int c, int t) = _alongIterations ? (o, i) : (i, o);
            columns[c][t] = _sample.Columns[c][t] == 0 ? 0 : z * _scales[c][t / _window];
        }
        return _sample.With(columns);
    }

    /// <summary>Half the quartile range over that of the standard normal; where that is 0, the root mean square of what is not 0.</summary>
    private static double Scale(double[] values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        double range = Quantiles.Type7(sorted, 0.75) - Quantiles.Type7(sorted, 0.25);
        return range > 0 ? range / (2 * Quartile) : RootMeanSquare(sorted);
    }

    /// <summary>The median over that of |z|; where that is 0, the root mean square of what is not 0.</summary>
    private static double ScaleOfMagnitudes(double[] values)
    {
        double[] sorted = [.. values.Select(Math.Abs)];
        Array.Sort(sorted);
        double median = Quantiles.Type7(sorted, 0.5);
        return median > 0 ? median / Quartile : RootMeanSquare(sorted);
    }

    private static double RootMeanSquare(double[] values)
    {
        double square = 0;
        int count = 0;
        foreach (double x in values)
            if (x != 0)
            {
                square += x * x;
                count++;
            }
        return count == 0 ? 0 : Math.Sqrt(square / count);
    }

    /// <summary>Mean and variance of the log of such a scale of n standard normal values.</summary>
    private static (double Bias, double Variance) SamplingSpread(int n, Func<double[], double> scale)
    {
        const int Draws = 500;
        RandomStream stream = RandomStream.For(n, "tails/control/scale");
        double sum = 0,
            square = 0;
        double[] values = new double[n];
        for (int d = 0; d < Draws; d++)
        {
            for (int i = 0; i < n; i++)
                values[i] = stream.NextGaussian();
            double log = Math.Log(scale(values));
            sum += log;
            square += log * log;
        }
        double mean = sum / Draws;
        return (mean, square / Draws - mean * mean);
    }

    private static KeptSample AboutMedians(KeptSample sample) =>
        sample.With([
            .. sample.Columns.Select(c =>
            {
                double[] sorted = [.. c];
                Array.Sort(sorted);
                double median = Quantiles.Type7(sorted, 0.5);
                return c.Select(x => x - median).ToArray();
            }),
        ]);

    private static double SignCorrelation(KeptSample sample, bool alongIterations)
    {
        int coordinates = sample.Columns.Length,
            iterations = sample.Columns[0].Length;
        long pairs = 0,
            concordance = 0;
        (int outer, int inner, int run) = alongIterations
            ? (coordinates, iterations, sample.IterationRun)
            : (iterations, coordinates, sample.CoordinateRun);
        for (int o = 0; o < outer; o++)
        for (int i = 1; i < inner; i++)
        {
            if (i % run == 0)
                continue;
            double a = alongIterations ? sample.Columns[o][i - 1] : sample.Columns[i - 1][o],
                b = alongIterations ? sample.Columns[o][i] : sample.Columns[i][o];
            if (a == 0 || b == 0)
                continue;
            pairs++;
            concordance += Math.Sign(a) * Math.Sign(b);
        }
        if (pairs == 0)
            return 0;
        double mean = (double)concordance / pairs;
        return Math.Abs(mean) < 3 / Math.Sqrt(pairs) ? 0 : Math.Clamp(Math.Sin(Math.PI / 2 * mean), -0.999, 0.999);
    }
}
