// Student's t with free degrees of freedom, location and scale.
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using MathNet.Numerics.Distributions;

namespace Gaplab.Numerics.Tails.Laws;

/// <summary>Student's t about the median; degrees of freedom and scale by maximum likelihood.</summary>
/// <remarks>For each ν the scale solves s² = ((ν+1)/n) Σ d²/(ν + d²/s²) by iteration (the EM step of Lange, Little and Taylor 1989); ν by
/// golden section in log ν between 0.2 and 200.</remarks>
internal sealed class StudentLaw : ITailLaw
{
    public string Name => "student-t";

    public bool OfMagnitudes => false;

    public IFittedLaw? Fit(double[] sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        double median = Quantiles.Type7(sorted, 0.5),
            range = Quantiles.Type7(sorted, 0.75) - Quantiles.Type7(sorted, 0.25);
        if (!(range > 0))
            return null;
        double[] squares = [.. sorted.Select(x => (x - median) * (x - median))];
        double warm = range * range / 4;
        const double Golden = 0.6180339887498949;
        double low = Math.Log(0.2),
            high = Math.Log(200),
            a = high - Golden * (high - low),
            b = low + Golden * (high - low);
        double atA = Likelihood(squares, Math.Exp(a), ref warm),
            atB = Likelihood(squares, Math.Exp(b), ref warm);
        while (high - low > 0.005)
        {
            if (atA > atB)
            {
                (high, b, atB) = (b, a, atA);
                a = high - Golden * (high - low);
                atA = Likelihood(squares, Math.Exp(a), ref warm);
            }
            else
            {
                (low, a, atA) = (a, b, atB);
                b = low + Golden * (high - low);
                atB = Likelihood(squares, Math.Exp(b), ref warm);
            }
        }
        double degrees = Math.Exp(0.5 * (low + high));
        Likelihood(squares, degrees, ref warm);
        return new Fitted(degrees, Math.Sqrt(warm), median);
    }

    /// <summary>The log-likelihood per value at the best scale for ν; <paramref name="square"/> carries s² from one ν to the
    /// next.</summary>
    private static double Likelihood(double[] squares, double degrees, ref double square)
    {
        double n = squares.Length;
        for (int i = 0; i < 100; i++)
        {
            double sum = 0;
            foreach (double d in squares)
                sum += d / (degrees + d / square);
            double next = (degrees + 1) / n * sum;
            bool done = Math.Abs(next - square) < 1e-5 * square;
            square = next;
            if (done)
                break;
        }
        double logs = 0;
        foreach (double d in squares)
            logs += Math.Log(1 + d / (degrees * square));
        return MathNet.Numerics.SpecialFunctions.GammaLn((degrees + 1) / 2)
            - MathNet.Numerics.SpecialFunctions.GammaLn(degrees / 2)
            - 0.5 * Math.Log(Math.PI * degrees * square)
            - (degrees + 1) / 2 * logs / n;
    }

    private sealed class Fitted(double degrees, double scale, double location) : IFittedLaw
    {
        public IReadOnlyDictionary<string, double> Parameters { get; } =
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["degrees"] = degrees,
                ["scale"] = scale,
                ["location"] = location,
            };

        public void Cumulative(ReadOnlySpan<double> x, Span<double> result)
        {
            for (int i = 0; i < x.Length; i++)
                result[i] = StudentT.CDF(location, scale, degrees, x[i]);
        }

        public void Draw(RandomStream stream, Span<double> destination)
        {
            foreach (ref double x in destination)
                x = location + scale * stream.NextGaussian() / Math.Sqrt(2 * Gamma(stream, degrees / 2) / degrees);
        }

        /// <summary>A gamma variate of this shape (Marsaglia and Tsang 2000); shapes below 1 by a power of a uniform.</summary>
        private static double Gamma(RandomStream stream, double shape)
        {
            if (shape < 1)
                return Gamma(stream, shape + 1) * Math.Pow(stream.NextDouble(), 1 / shape);
            double d = shape - 1.0 / 3,
                c = 1 / Math.Sqrt(9 * d);
            while (true)
            {
                double z = stream.NextGaussian(),
                    v = 1 + c * z;
                if (v <= 0)
                    continue;
                v = v * v * v;
                if (Math.Log(stream.NextDouble()) < 0.5 * z * z + d - d * v + d * Math.Log(v))
                    return d * v;
            }
        }
    }
}
