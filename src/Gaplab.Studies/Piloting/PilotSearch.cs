// Which runs a pilot makes next, given what it has found: a pure function, so that the same study gives the same pilot.
using Gaplab.Numerics;

namespace Gaplab.Studies.Piloting;

/// <summary>A cell of the whole length that could be run next, of both optimizers of a pair.</summary>
/// <param name="Pair">Place among the pairs that are predicted.</param>
/// <param name="Optimizers">Those of the pair that were not run there yet.</param>
/// <param name="Cost">Training samples.</param>
/// <param name="Made">Cells of the whole length that the pair has already.</param>
internal sealed record PilotAnchor(int Pair, int Batch, long Seed, IReadOnlyList<string> Optimizers, long Cost, int Made);

/// <summary>The search of one comparison.</summary>
/// <param name="design">Its frame.</param>
/// <param name="pairs">What is predicted.</param>
/// <param name="choose">Of what is found and the anchors that can be paid, the one that tells most; null: none is needed.</param>
internal sealed class PilotSearch(
    PilotDesign design,
    IReadOnlyList<(PilotSide First, PilotSide Second)> pairs,
    Func<IReadOnlyList<PilotFound>, IReadOnlyList<PilotAnchor>, PilotAnchor?> choose
)
{
    private readonly List<PilotAsk> _asked = [];
    private int _anchors;

    /// <summary>All that was asked for so far.</summary>
    public IReadOnlyList<PilotAsk> Asked => _asked;

    /// <summary>The next cells; empty when it is done. It is called when all that was asked for has been run.</summary>
    /// <param name="found">Of what was asked for.</param>
    /// <param name="spent">Training samples of it, with what the sentinel added.</param>
    public IReadOnlyList<PilotAsk> Next(IReadOnlyList<PilotFound> found, double spent)
    {
        IReadOnlyList<PilotAsk> next = Short(found) ?? Shortest(found, spent) ?? Anchor(found, spent) ?? [];
        _asked.AddRange(next);
        return next;
    }

    private IReadOnlyList<PilotAsk>? Short(IReadOnlyList<PilotFound> found) =>
        design.Short.FirstOrDefault(round => !Was(PilotLength.Quarter, round[0])) is { } next
            ? [.. next.SelectMany(b => Asks(found, PilotLength.Quarter, b, design.Seeds[0], design.Optimizers))]
            : null;

    private IReadOnlyList<PilotAsk>? Shortest(IReadOnlyList<PilotFound> found, double spent) =>
        design.Shortest is { } batch
        && !Was(PilotLength.Sixteenth, batch)
        && spent + design.Seeds.Count * design.Cost(PilotLength.Sixteenth, batch, design.Optimizers) <= design.Allowance
            ? [.. design.Seeds.SelectMany(s => Asks(found, PilotLength.Sixteenth, batch, s, design.Optimizers))]
            : null;

    private IReadOnlyList<PilotAsk>? Anchor(IReadOnlyList<PilotFound> found, double spent)
    {
        if (_anchors >= (design.Tier.Anchors ?? int.MaxValue))
            return null;
        PilotAnchor[] paid = [.. Anchors().Where(a => spent + a.Cost <= design.Allowance)];
        if (paid.Length == 0 || choose(found, paid) is not { } chosen)
            return null;
        _anchors++;
        return [.. Asks(found, PilotLength.Whole, chosen.Batch, chosen.Seed, chosen.Optimizers)];
    }

    /// <summary>Every cell of the whole length that a pair lacks; of the second seed only where it has the first.</summary>
    public IEnumerable<PilotAnchor> Anchors()
    {
        bool Was(string optimizer, int batch, long seed) =>
            _asked.Any(a => a.Length == PilotLength.Whole && (a.Optimizer, a.Batch, a.Seed) == (optimizer, batch, seed));
        foreach ((int place, (PilotSide first, PilotSide second)) in pairs.Index())
        {
            string[] both = [.. ((string[])[first.Optimizer, second.Optimizer]).Distinct()];
            int made = design.Study.Grid.Batches.Sum(b => design.Seeds.Count(s => both.All(o => Was(o, b, s))));
            foreach (int batch in design.Study.Grid.Batches)
            foreach (long seed in design.Seeds)
            {
                string[] lacking = [.. both.Where(o => !Was(o, batch, seed))];
                if (lacking.Length == 0)
                    continue;
                yield return new(place, batch, seed, lacking, design.Cost(PilotLength.Whole, batch, lacking), made);
                break;
            }
        }
    }

    private bool Was(PilotLength length, int batch) => _asked.Any(a => a.Length == length && a.Batch == batch);

    private IEnumerable<PilotAsk> Asks(
        IReadOnlyList<PilotFound> found,
        PilotLength length,
        int batch,
        long seed,
        IEnumerable<string> optimizers
    )
    {
        foreach (string optimizer in optimizers)
        {
            double middle = RateAt(found, optimizer, batch, length),
                step = length.Step;
            yield return new(
                length,
                batch,
                seed,
                optimizer,
                [SixDigits.Round(middle / step), SixDigits.Round(middle), SixDigits.Round(middle * step)]
            );
        }
    }

    /// <summary>The learning rate that the best ones found so far point to.</summary>
    public double RateAt(IReadOnlyList<PilotFound> found, string optimizer, int batch, PilotLength length) =>
        LineOf(optimizer).At(RatesOf(found, optimizer), batch, length.Share);

    private static IReadOnlyList<RateLine.Found> RatesOf(IReadOnlyList<PilotFound> found, string optimizer) =>
        [.. found.Where(f => f.Side.Optimizer == optimizer).Select(f => f.Rate).OfType<RateLine.Found>()];

    /// <summary>The middle of the study's grid, at the middle of its batch sizes.</summary>
    private RateLine LineOf(string optimizer)
    {
        IReadOnlyList<double> rates = design.Study.Optimizer(optimizer).Rates;
        IReadOnlyList<int> batches = design.Study.Grid.Batches;
        return new(
            Math.Log(rates[0] * rates[^1]) / 2,
            Math.Sqrt((double)batches[0] * batches[^1]),
            design.Sides.First(s => s.Optimizer == optimizer).Kind.RateGrowth
        );
    }
}
