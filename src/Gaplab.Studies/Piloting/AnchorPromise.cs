// Which cells of the whole length a pilot pays next, where several pairs share them.
namespace Gaplab.Studies.Piloting;

/// <summary>What an anchor would tell of its own pair.</summary>
/// <param name="Bits">Expected information on where the pair's crossover lies.</param>
internal sealed record AnchorPromise(PilotAnchor Anchor, double Bits)
{
    // Below it a run is not worth its cost.
    private const double Fewest = 0.01;

    /// <summary>The anchor that tells most of all pairs for its cost: an optimizer is run at all its momenta, so that one anchor completes
    /// every pair that lacks nothing else there. Pairs that have had fewest come first, since a model that is sure and wrong asks for no
    /// run that would tell it so. Null where none tells a hundredth of a bit.</summary>
    public static PilotAnchor? Best(IReadOnlyList<AnchorPromise> promises)
    {
        AnchorPromise[] worth = [.. promises.Where(p => p.Bits >= Fewest)];
        if (worth.Length == 0)
            return null;
        int fewest = worth.Min(p => p.Anchor.Made);
        return worth
            .Where(p => p.Anchor.Made == fewest)
            .Select(p => p.Anchor)
            .MaxBy(a => worth.Where(p => Completes(a, p.Anchor)).Sum(p => p.Bits) / a.Cost);
    }

    private static bool Completes(PilotAnchor run, PilotAnchor other) =>
        (run.Batch, run.Seed) == (other.Batch, other.Seed) && other.Optimizers.All(run.Optimizers.Contains);
}
