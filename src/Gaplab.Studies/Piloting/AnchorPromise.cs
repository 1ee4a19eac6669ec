// Which cells of the whole length a pilot pays next, where several pairs share them.
using Gaplab.Results.Prediction;

namespace Gaplab.Studies.Piloting;

/// <summary>What an anchor would tell of its own pair.</summary>
/// <param name="Bits">Expected information on where the pair's crossover lies.</param>
internal sealed record AnchorPromise(PilotAnchor Anchor, double Bits)
{
    /// <summary>The anchor that tells most of all pairs for its cost: an optimizer is run at all its momenta, so that one anchor completes
    /// every pair that lacks nothing else there. Of the pairs that a run would tell anything, those that have had fewest come first: a
    /// model that is nearly sure and wrong asks for little. Null where none tells <see cref="NextRun.LeastBits"/>.</summary>
    public static PilotAnchor? Best(IReadOnlyList<AnchorPromise> promises)
    {
        AnchorPromise[] worth = [.. promises.Where(p => p.Bits >= NextRun.LeastBits)];
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
