// The symmetric stable law, by McCulloch's quantiles.
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails.Estimators;

namespace Gaplab.Numerics.Tails.Laws;

/// <summary>SαS by median, quartile range and McCulloch's α̂ (at least 0.5).</summary>
internal sealed class SymmetricStableLaw : ITailLaw
{
    public string Name => "stable";

    public bool OfMagnitudes => false;

    public IFittedLaw? Fit(double[] sorted) => McCullochEstimator.Fit(RankedSample.Of(sorted)) is { } law ? new Fitted(law) : null;

    private sealed class Fitted(StableLaw law) : IFittedLaw
    {
        public IReadOnlyDictionary<string, double> Parameters { get; } =
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["alpha"] = law.Alpha,
                ["scale"] = law.Scale,
                ["location"] = law.Location,
            };

        public void Cumulative(ReadOnlySpan<double> x, Span<double> result) => law.Cumulative(x, result);

        public void Draw(RandomStream stream, Span<double> destination)
        {
            new SymmetricStable(law.Alpha).Fill(stream, destination);
            foreach (ref double x in destination)
                x = law.Location + law.Scale * x;
        }
    }
}
