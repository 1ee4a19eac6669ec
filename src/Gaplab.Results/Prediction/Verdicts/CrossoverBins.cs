// Where the crossover lies, as a distribution over what a sweep can see.
namespace Gaplab.Results.Prediction;

/// <summary>Probabilities of B* (the second optimizer is ahead above it, the first below), as a sweep over these sizes would see
/// it.</summary>
/// <param name="Sizes">Rising.</param>
/// <param name="Below">The second is ahead already at the smallest size: nowhere is the first ahead by more than δ.</param>
/// <param name="Between">One crossing between each two sizes; one fewer than <paramref name="Sizes"/>.</param>
/// <param name="Above">The first is ahead still: nowhere is the second.</param>
/// <param name="None">Level throughout, or the lead changes the other way or more than once.</param>
public sealed record CrossoverBins(IReadOnlyList<long> Sizes, double Below, IReadOnlyList<double> Between, double Above, double None)
{
    /// <summary>Below, between each two, above, none.</summary>
    public IReadOnlyList<double> All => [Below, .. Between, Above, None];

    /// <summary>Shares of drawn curves.</summary>
    internal static CrossoverBins Of(IReadOnlyList<long> sizes, IReadOnlyList<BandCrossing> drawn, ReadOnlySpan<double> weights = default)
    {
        double[] bins = new double[sizes.Count + 2];
        double total = 0;
        for (int i = 0; i < drawn.Count; i++)
        {
            double weight = weights.IsEmpty ? 1 : weights[i];
            bins[IndexOf(sizes, drawn[i])] += weight;
            total += weight;
        }
        for (int i = 0; i < bins.Length; i++)
            bins[i] /= total;
        return new CrossoverBins(sizes, bins[0], bins[1..^2], bins[^2], bins[^1]);
    }

    /// <summary>The place in <see cref="All"/> of what a curve says.</summary>
    internal static int IndexOf(IReadOnlyList<long> sizes, in BandCrossing curve) =>
        curve switch
        {
            { Changes: 1, ToSecond: true } => Place(sizes, curve.Log2Batch),
            { Changes: > 0 } => sizes.Count + 1,
            { SecondAhead: true } => 0,
            { FirstAhead: true } => sizes.Count,
            _ => sizes.Count + 1,
        };

    private static int Place(IReadOnlyList<long> sizes, double log2)
    {
        int above = 1;
        while (above + 1 < sizes.Count && Math.Log2(sizes[above]) < log2)
            above++;
        return above;
    }
}
