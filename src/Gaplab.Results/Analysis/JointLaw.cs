// How the crossovers of several comparisons move with β₂ together.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Results.Analysis;

/// <summary>The common slope of log B* on the logarithm of a variable, within comparisons that each have a constant of their own.</summary>
/// <param name="Variable">"1 − β₂" or "κ".</param>
/// <param name="Optimizer">Whose β₂ it is.</param>
/// <param name="Comparisons">Those with two crossings or more in range.</param>
/// <param name="Crossings">Their crossings.</param>
/// <param name="Slope">Least squares through the interpolated crossings.</param>
/// <param name="Interval">95%, over seeds, comparisons, and where between its two batch sizes each crossing lies.</param>
/// <param name="Verdict">Undecided with fewer than <see cref="LeastComparisons"/>.</param>
public sealed record JointLaw(
    string Variable,
    string Optimizer,
    int Comparisons,
    int Crossings,
    double Slope,
    Interval Interval,
    LawVerdict Verdict
)
{
    public const int LeastComparisons = 4;

    private const double Upper = 0.975;

    /// <summary>Empty unless two comparisons have two crossings each.</summary>
    /// <param name="laws">One of each comparison, of one optimizer.</param>
    internal static IReadOnlyList<JointLaw> Of(IReadOnlyList<MemoryLaw> laws)
    {
        MemoryLaw[] crossing = [.. laws.Where(l => l.Crossings.Count > 1)];
        return crossing.Length < 2 ? [] : [.. MemoryLaw.Variables.Select(v => Of(v.Name, v.Of, crossing)).OfType<JointLaw>()];
    }

    /// <summary>Each resample draws comparisons with replacement and seeds, the same draw of seeds for all arms of a comparison, and moves
    /// every crossing by up to half of its bracket, evenly in log₂ B: where in it it lies, interpolation does not know. One that a resample
    /// has lost out of the range is left out of it.</summary>
    private static JointLaw? Of(string name, Func<MemoryCrossing, double?> of, MemoryLaw[] laws)
    {
        if (laws.Any(l => l.Crossings.Any(c => of(c) is null)))
            return null;
        double X(MemoryCrossing crossing) => Math.Log2(of(crossing)!.Value);
        var all = new CommonSlope();
        foreach (MemoryLaw law in laws)
            all.Add(law.Crossings.Select(c => (X(c), c.Log2Batch[0])));
        if (all.Slope is not { } slope)
            return null;
        int resamples = laws.Min(l => l.Crossings[0].Low.Length - 1);
        var stream = RandomStream.For(0, "joint-law");
        var drawn = new List<double>(resamples);
        for (int r = 1; r <= resamples; r++)
        {
            var common = new CommonSlope();
            foreach (MemoryLaw _ in laws)
                common.Add(
                    laws[stream.NextIndex(laws.Length)]
                        .Crossings.Where(c => double.IsFinite(c.Low[r]) && double.IsFinite(c.High[r]))
                        .Select(c => (X(c), c.Log2Batch[r] + (c.High[r] - c.Low[r]) * (stream.NextDouble() - 0.5)))
                );
            if (common.Slope is { } value)
                drawn.Add(value);
        }
        // Few comparisons resampled spread too little: by √((n−1)/n), and their quantiles are a normal's where a t's are due.
        double wider =
            Math.Sqrt(laws.Length / (laws.Length - 1.0))
            * StudentTDistribution.Quantile(laws.Length - 1, Upper)
            / NormalDistribution.Quantile(Upper);
        double[] spread = [.. drawn.Select(d => slope + wider * (d - slope)).Order()];
        // Where resamples have lost too many crossings, there is no interval.
        Interval interval =
            drawn.Count < 0.95 * resamples || drawn.Count == 0
                ? Interval.None
                : new(Quantiles.Type7(spread, 1 - Upper), Quantiles.Type7(spread, Upper));
        return new(
            name,
            laws[0].Optimizer,
            laws.Length,
            laws.Sum(l => l.Crossings.Count),
            slope,
            interval,
            laws.Length < LeastComparisons ? LawVerdict.Undecided : MemoryLaw.Judge(interval)
        );
    }

    /// <summary>Σ (x − x̄)(y − ȳ) / Σ (x − x̄)², the means those of each comparison.</summary>
    private sealed class CommonSlope
    {
        private double _products,
            _squares;

        public double? Slope => _squares > 1e-9 ? _products / _squares : null;

        public void Add(IEnumerable<(double X, double Y)> points)
        {
            (double X, double Y)[] own = [.. points];
            if (own.Length < 2)
                return;
            (double x, double y) = (own.Average(p => p.X), own.Average(p => p.Y));
            _products += own.Sum(p => (p.X - x) * (p.Y - y));
            _squares += own.Sum(p => (p.X - x) * (p.X - x));
        }
    }
}
