// A pilot's posterior as the curve that every method of predicting writes: what advise, explain and backtest read.
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Studies.Piloting;

/// <summary>Medians and central 95% of ln ratios of whole losses, with the learning rates that the pilot points to.</summary>
internal static class PilotCurve
{
    /// <param name="piloted">The comparison.</param>
    /// <param name="pair">Of its pairs.</param>
    /// <param name="posterior">Of the pair.</param>
    /// <param name="verdict">From it.</param>
    /// <param name="draws">Its curves.</param>
    /// <param name="found">Every cell.</param>
    /// <param name="tier">What the pilot cost.</param>
    public static GapPrediction Of(
        PilotedComparison piloted,
        int pair,
        EfficiencyPosterior posterior,
        GapVerdict verdict,
        GapDraws draws,
        IReadOnlyList<PilotFound> found,
        PilotTier tier
    )
    {
        (PilotSide first, PilotSide second) = piloted.Pairs[pair];
        PilotSearch search = piloted.Search();
        double samples = posterior.Context.Samples;
        PredictedGap Gap(long batch)
        {
            double[] ratios =
            [
                .. posterior
                    .Draws.Select(d => Math.Log(d.Loss(PairSide.First, batch, samples) / d.Loss(PairSide.Second, batch, samples)))
                    .Order(),
            ];
            return new PredictedGap(
                batch,
                Quantiles.Type7(ratios, 0.5),
                Quantiles.Type7(ratios, 0.025),
                Quantiles.Type7(ratios, 0.975),
                search.RateAt(found, first.Optimizer, (int)batch, PilotLength.Whole),
                search.RateAt(found, second.Optimizer, (int)batch, PilotLength.Whole)
            );
        }
        PredictedGap[] gaps = [.. draws.Sizes.Select(Gap)];
        double? crossing = verdict.BStar;
        bool toSecond = verdict.ToSecond >= 0.5;
        return new GapPrediction(
            piloted.Key.Heading,
            first.Optimizer,
            second.Optimizer,
            gaps,
            crossing,
            crossing is null ? Interval.None : PilotPair.CrossingInterval(draws, verdict.Band, 0.95),
            crossing is not null ? Verdict.Crossover
                : verdict.OnsetSide > 0 && verdict.Batches.All(b => b.Word != BatchWord.First) ? Verdict.SecondBetterThroughout
                : verdict.OnsetSide < 0 && verdict.Batches.All(b => b.Word != BatchWord.Second) ? Verdict.FirstBetterThroughout
                : verdict.Batches.All(b => b.Word == BatchWord.Level) ? Verdict.Tie
                : Verdict.NotDetermined,
            $"{GapPrediction.ByPilot} {tier.Name}",
            crossing is null ? null
                : toSecond ? second.Optimizer
                : first.Optimizer
        );
    }
}
