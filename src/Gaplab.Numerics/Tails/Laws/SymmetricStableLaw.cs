// The symmetric stable law, by McCulloch's quantiles.
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Tails.Estimators;

namespace Gaplab.Numerics.Tails.Laws;

/// <summary>SαS by median, quartile range and McCulloch's α̂ (at least 0.5).</summary>
public sealed class SymmetricStableLaw : ITailLaw
{
    public string Name => "stable";

    public bool OfMagnitudes => false;

    public IFittedLaw? Fit(double[] sorted) => McCullochEstimator.Fit(RankedSample.Of(sorted)) is { } law ? new Fitted(law) : null;

    private sealed class Fitted(StableLaw law) : IFittedLaw
    {
        public IReadOnlyDictionary<string, double> Parameters { get; } = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["alpha"] = law.Alpha, ["scale"] = law.Scale, ["location"] = law.Location };

        public void Cumulative(ReadOnlySpan<double> x, Span<double> result) => law.Cumulative(x, result);

        public void Draw(RandomStream stream, Span<double> destination)
        {
            foreach (ref double x in destination) x = law.Location + law.Scale * StableDraw(stream, law.Alpha);
        }

        private static double StableDraw(RandomStream stream, double alpha)
        {
            double u = stream.NextDouble(), w = -Math.Log(stream.NextDouble()), v = Math.PI * (u - 0.5), c = Math.Sin(Math.PI * Math.Min(u, 1 - u));
            return Math.Sin(alpha * v) * Math.Pow(c, -1 / alpha) * Math.Exp((1 - alpha) / alpha * (Math.Log(Math.Cos((1 - alpha) * v)) - Math.Log(w)));
        }
    }
}
