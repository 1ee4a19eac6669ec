// The log-normal law of magnitudes.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails.Laws;

/// <summary>log|X| is N(m, s²), by the moments of the logarithms (maximum likelihood).</summary>
internal sealed class LogNormalLaw : ITailLaw
{
    private static readonly GaussianLaw s_gaussian = new();

    public string Name => "log-normal";

    public bool OfMagnitudes => true;

    public IFittedLaw? Fit(double[] sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        return s_gaussian.Fit([.. sorted.Select(x => Math.Log(x))]) is { } ofLogs ? new Fitted(ofLogs) : null;
    }

    private sealed class Fitted(IFittedLaw ofLogs) : IFittedLaw
    {
        public IReadOnlyDictionary<string, double> Parameters { get; } =
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["logMean"] = ofLogs.Parameters["mean"],
                ["logDeviation"] = ofLogs.Parameters["deviation"],
            };

        public void Cumulative(ReadOnlySpan<double> x, Span<double> result)
        {
            for (int i = 0; i < x.Length; i++)
                result[i] = Math.Log(x[i]);
            ofLogs.Cumulative(result[..x.Length], result);
        }

        public void Draw(RandomStream stream, Span<double> destination)
        {
            ofLogs.Draw(stream, destination);
            foreach (ref double x in destination)
                x = Math.Exp(x);
        }
    }
}
