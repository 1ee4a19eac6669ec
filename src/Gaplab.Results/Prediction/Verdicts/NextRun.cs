// The run that would tell most of B*: expected information and expected interval, from the draws of the posterior.
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>A pair of cells that could be run: both optimizers at one batch size and length.</summary>
/// <param name="Batch">B.</param>
/// <param name="Samples">Length of training.</param>
/// <param name="Seeds">How many.</param>
/// <param name="Cost">In samples, of both optimizers with their learning rates.</param>
/// <param name="First">[draw]: the first optimizer's loss that each draw expects, and one standard deviation of what would be
/// measured.</param>
/// <param name="Second">The second's.</param>
public sealed record RunCandidate(
    long Batch,
    double Samples,
    int Seeds,
    double Cost,
    IReadOnlyList<(double Loss, double Deviation)> First,
    IReadOnlyList<(double Loss, double Deviation)> Second
);

/// <summary>What one candidate promises.</summary>
/// <param name="Bits">Expected information on where the crossover lies: how much the entropy of <see cref="CrossoverBins"/> falls.</param>
/// <param name="Factor">Expected width of the 80% interval of B* afterwards, high over low; null: there would be none.</param>
public sealed record NextRun(long Batch, double Samples, int Seeds, double Cost, double Bits, double? Factor)
{
    /// <summary>A run that is expected to tell less is not worth its cost.</summary>
    public const double LeastBits = 0.01;

    // Outcomes that are simulated, and draws that weigh each: enough for two digits of the bits.
    private const int Outcomes = 128;

    /// <summary>The candidate that tells most; of those within 5% of as much, the cheapest. Null without candidates, or where none
    /// tells a hundredth of a bit.</summary>
    public static NextRun? Choose(GapDraws draws, RelevanceBand band, IReadOnlyList<RunCandidate> candidates, long seed = 0)
    {
        IReadOnlyList<NextRun> all = Each(draws, band, candidates, seed);
        double most = all.Select(n => n.Bits).DefaultIfEmpty(0).Max();
        return most < LeastBits ? null : all.Where(n => n.Bits >= 0.95 * most).MinBy(n => n.Cost);
    }

    /// <summary>What every candidate promises, in their order.</summary>
    public static IReadOnlyList<NextRun> Each(GapDraws draws, RelevanceBand band, IReadOnlyList<RunCandidate> candidates, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(draws);
        ArgumentNullException.ThrowIfNull(band);
        ArgumentNullException.ThrowIfNull(candidates);
        BandCrossing[] curves = GapVerdict.Curves(draws, draws.Gaps, band);
        var promised = new NextRun[candidates.Count];
        Parallel.For(
            0,
            candidates.Count,
            i => promised[i] = Of(draws, curves, candidates[i], RandomStream.For(seed, "prediction/next", i))
        );
        return promised;
    }

    private static NextRun Of(GapDraws draws, BandCrossing[] curves, RunCandidate candidate, RandomStream stream)
    {
        double[] weights = new double[curves.Length];
        double before = Entropy(CrossoverBins.Of(draws.Sizes, curves).All),
            after = 0,
            log2Width = 0;
        int wide = 0;
        for (int k = 0; k < Outcomes; k++)
        {
            // Draws in turn, evenly through the list, as outcomes.
            int truth = (int)((k + 0.5) / Outcomes * curves.Length);
            double y1 = candidate.First[truth].Loss + candidate.First[truth].Deviation * stream.NextGaussian(),
                y2 = candidate.Second[truth].Loss + candidate.Second[truth].Deviation * stream.NextGaussian(),
                top = double.NegativeInfinity;
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = LogDensity(candidate.First[i], y1) + LogDensity(candidate.Second[i], y2);
                top = Math.Max(top, weights[i]);
            }
            for (int i = 0; i < weights.Length; i++)
                weights[i] = Math.Exp(weights[i] - top);
            after += Entropy(CrossoverBins.Of(draws.Sizes, curves, weights).All) / Outcomes;
            if (Width(curves, weights) is { } width)
                (wide, log2Width) = (wide + 1, log2Width + width);
        }
        return new NextRun(
            candidate.Batch,
            candidate.Samples,
            candidate.Seeds,
            candidate.Cost,
            Math.Max(0, before - after),
            wide > Outcomes / 2 ? Math.Pow(2, log2Width / wide) : null
        );
    }

    private static double LogDensity((double Loss, double Deviation) cell, double y)
    {
        double z = (y - cell.Loss) / cell.Deviation;
        return -0.5 * z * z - Math.Log(cell.Deviation);
    }

    private static double Entropy(IReadOnlyList<double> probabilities) => -probabilities.Where(p => p > 0).Sum(p => p * Math.Log2(p));

    /// <summary>log₂ of the central 80% of B*, by weight; null where less than half of the weight has one crossing.</summary>
    private static double? Width(BandCrossing[] curves, double[] weights)
    {
        (double At, double Weight)[] places =
        [
            .. curves.Zip(weights).Where(c => c.First.Changes == 1).Select(c => (c.First.Log2Batch, c.Second)).OrderBy(c => c.Log2Batch),
        ];
        double total = places.Sum(p => p.Weight);
        if (total < 0.5 * weights.Sum())
            return null;
        double low = double.NaN,
            high = double.NaN,
            sum = 0;
        foreach ((double at, double weight) in places)
        {
            sum += weight;
            if (double.IsNaN(low) && sum >= 0.1 * total)
                low = at;
            if (double.IsNaN(high) && sum >= 0.9 * total)
                high = at;
        }
        return high - low;
    }
}
