// What a pilot's store says of the cells that were asked for.
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Piloting;

/// <summary>The cells of one plan of a pilot.</summary>
/// <param name="Found">By the place of the whole study's comparison: those whose rates are all decided.</param>
/// <param name="Waiting">Places of comparisons some of whose runs are missing.</param>
/// <param name="Spent">Training samples by comparison; a run that diverged counts whole.</param>
internal sealed record PilotResults(
    IReadOnlyDictionary<int, IReadOnlyList<PilotFound>> Found,
    IReadOnlySet<int> Waiting,
    IReadOnlyDictionary<int, double> Spent
)
{
    /// <summary>Reads a store.</summary>
    /// <param name="pilot">Its plan.</param>
    /// <param name="store">Of its runs.</param>
    /// <param name="sides">Of each comparison of the whole study.</param>
    public static PilotResults Of(PilotPlan pilot, RunStore store, IReadOnlyDictionary<int, IReadOnlyList<PilotSide>> sides)
    {
        var reader = new StudyResults(pilot.Plan, store);
        IReadOnlyDictionary<string, RunResult> results = store.Read().Results;
        var found = sides.Keys.ToDictionary(place => place, _ => new List<PilotFound>());
        var waiting = new HashSet<int>();
        var spent = sides.Keys.ToDictionary(place => place, _ => 0.0);
        foreach ((Arm arm, SentinelDecision decision) in reader.Decisions())
        {
            (int place, PilotLength length, long seed) = pilot.Places[arm.Comparison.Key.Pairs[0].Value];
            if (decision.Status is SentinelStatus.Running or SentinelStatus.Incomplete)
            {
                waiting.Add(place);
                continue;
            }
            StudySpec study = arm.Comparison.Study;
            long steps = study.Budget.Steps(arm.Batch, study.Task.Context);
            PilotTrial[] tried =
            [
                .. decision.Tried.Select(rate => new PilotTrial(
                    rate,
                    reader.Loss(results[pilot.Plan.Runs(arm, [rate])[0].Id]) is var loss && double.IsFinite(loss) ? loss : null
                )),
            ];
            spent[place] += (double)steps * arm.Batch * tried.Length;
            bool edge = decision.Status is SentinelStatus.BoundLow or SentinelStatus.BoundHigh;
            found[place]
                .Add(
                    new PilotFound(
                        length,
                        sides[place].First(s => s.Has(arm)),
                        new PilotCellReading(
                            arm.Optimizer,
                            arm.Variant,
                            arm.Batch,
                            steps,
                            steps * arm.Batch,
                            seed,
                            tried,
                            decision.Best,
                            Tuned(tried, decision.Best),
                            edge
                        )
                    )
                );
        }
        return new PilotResults(found.ToDictionary(f => f.Key, f => (IReadOnlyList<PilotFound>)f.Value), waiting, spent);
    }

    // Beyond it a loss has left the basin of the best rate: how far up the cliff the next rate lies says nothing of the bottom.
    private const double MostRise = 2;

    /// <summary>The vertex of the parabola in ln loss and ln rate through the best and its neighbours, of which one that diverged or lost
    /// more than twice as much counts as twice; the best itself at an edge and where losses are not above 0. Null where every rate
    /// diverged.</summary>
    /// <remarks>Rates are √10 apart and curves steeper above the best than below. In the loss itself, and with the cliff at its height,
    /// SGD's 0.94, 0.54, 3.87 have their vertex at 0.25 where a finer grid finds 0.534; so read, at 0.535.</remarks>
    internal static double? Tuned(IReadOnlyList<PilotTrial> tried, double? best)
    {
        int at = tried.Index().FirstOrDefault(t => t.Item.Rate == best, (-1, null!)).Index;
        if (at < 0 || tried[at].Loss is not { } loss)
            return null;
        if (at == 0 || at == tried.Count - 1 || loss <= 0)
            return loss;
        double Rise(PilotTrial trial) => Math.Log(Math.Min(MostRise, (trial.Loss ?? double.PositiveInfinity) / loss));
        return
            InterpolatedOptimum.Through(
                [tried[at - 1].Rate, tried[at].Rate, tried[at + 1].Rate],
                [Rise(tried[at - 1]), 0, Rise(tried[at + 1])]
            )
                is { } vertex
            ? loss * Math.Exp(vertex.Value)
            : loss;
    }
}
