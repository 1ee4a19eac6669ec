// The normal law, by mean and standard deviation.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails.Laws;

/// <summary>N(μ, σ²) by the sample's moments.</summary>
internal sealed class GaussianLaw : ITailLaw
{
    public string Name => "gaussian";

    public bool OfMagnitudes => false;

    public IFittedLaw? Fit(double[] sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        double mean = sorted.Average(),
            deviation = Math.Sqrt(sorted.Sum(x => (x - mean) * (x - mean)) / (sorted.Length - 1));
        return deviation > 0 && double.IsFinite(deviation) ? new Fitted(mean, deviation) : null;
    }

    private sealed class Fitted(double mean, double deviation) : IFittedLaw
    {
        public IReadOnlyDictionary<string, double> Parameters { get; } =
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["mean"] = mean, ["deviation"] = deviation };

        public void Cumulative(ReadOnlySpan<double> x, Span<double> result)
        {
            for (int i = 0; i < x.Length; i++)
                result[i] = NormalDistribution.Cumulative((x[i] - mean) / deviation);
        }

        public void Draw(RandomStream stream, Span<double> destination)
        {
            foreach (ref double x in destination)
                x = mean + deviation * stream.NextGaussian();
        }
    }
}
