// When "heavy-tailed" may be said.
using System.Globalization;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Tails.Estimators;

namespace Gaplab.Numerics.Tails;

/// <summary>The verdict's rule.</summary>
/// <remarks>
/// Each estimator of the kept values is compared, as 1/α̂, with the draws of the control: t = (1/α̂ − mean)/√(sd²(1 + 1/R) + e²), e the
/// block bootstrap's standard deviation, one-sided, R − 1 degrees of freedom. Holm's correction over all estimators at 1% says which leave
/// the control on the heavy side.
/// "Heavy-tailed" asks for one estimator of the extremes and one of the whole law (of norms and of other magnitudes, where there are only
/// extremes, for two of them).
/// </remarks>
internal static class TailVerdicts
{
    public const double Level = 0.01;

    /// <summary>Holm's step-down correction: marks the estimators that leave the control.</summary>
    public static PanelEstimate[] WithHolm(PanelEstimate[] estimates)
    {
        int[] order =
        [
            .. Enumerable
                .Range(0, estimates.Length)
                .Where(i => estimates[i].Control is not null)
                .OrderBy(i => estimates[i].Control!.Probability),
        ];
        for (int rank = 0; rank < order.Length; rank++)
        {
            ControlEstimate control = estimates[order[rank]].Control!;
            if (control.Probability > Level / (order.Length - rank))
                break;
            estimates[order[rank]] = estimates[order[rank]] with { Control = control with { Leaves = true } };
        }
        return estimates;
    }

    public static TailVerdict Of(
        PanelEstimate[] estimates,
        TailData all,
        bool controlled,
        TailAxis axis,
        TailOrder order,
        NegativeControl? control,
        TailReading reading,
        ITailSource source
    )
    {
        var notes = new List<string>();
        if (reading.UsedCoordinates < source.Coordinates)
            notes.Add($"{reading.UsedCoordinates} of {source.Coordinates} coordinates were taken, evenly spread");
        if (reading.UsedIterations < source.Iterations)
            notes.Add($"{reading.UsedIterations} of {source.Iterations} iterations were taken, evenly spread");
        if (all.Ranked.RelativeError > 0)
            notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"quantiles and order statistics are from bins: each magnitude is right to {all.Ranked.RelativeError:g2} of itself, "
                        + $"counts are exact"
                )
            );
        if (all.Ranked.Count > all.Ranked.Positive)
            notes.Add($"{all.Ranked.Count - all.Ranked.Positive} exact zeros are skipped by the logarithms and counted by everything else");
        if (order == TailOrder.Set && all.LogMoments.Count > 0 && reading.Used > TailPasses.MostShuffled)
            notes.Add($"log-moments read {TailPasses.MostShuffled} of the values, at evenly spaced ranks");
        if (reading.Magnitudes && axis != TailAxis.Norm)
            notes.Add(
                "the values are magnitudes without a centre, which only the estimators of extremes read; --centre median reads them about "
                    + "their median"
            );
        foreach (PanelEstimate e in estimates.Where(e => e is { BootstrapError: not null, BootstrapLow: null }))
            notes.Add($"{e.Title}: no bootstrap interval, for its resamples lie on one side of its own estimate");
        bool wholly = reading.Sorted == reading.Kept.Columns.Length;
        if (reading.Sorted > 0 && source.Coordinates > 1)
            notes.Add(
                $"{reading.Sorted} of {reading.Kept.Columns.Length} coordinates rise or fall from iteration to iteration, as in a sorted "
                    + $"table: their order is no time"
            );
        if (control is { Correlation: not 0 })
            notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"neighbouring values are correlated ({control.Correlation:g2}), and so is the control: correlation alone moves the "
                        + $"log-moment estimate"
                )
            );
        bool onlyExtremes = axis == TailAxis.Norm || reading.Magnitudes;
        if (!controlled)
            return new TailVerdict(
                null,
                "undetermined",
                control is null && source.Iterations < NegativeControl.FewestIterations
                    ? $"Not determined: {source.Iterations} iterations measure no scales for a control; at least "
                        + $"{NegativeControl.FewestIterations} are needed."
                    : "Not determined: there is no control to compare with.",
                notes
            );
        if (wholly)
            return new TailVerdict(
                null,
                "undetermined",
                source.Coordinates > 1
                    ? "Not determined: every coordinate rises or falls from first to last, as a sorted table does; blocks of such rows "
                        + "say nothing of the whole."
                    : "Not determined: the values rise or fall from first to last, as a sorted file does, which is no series; read as a "
                        + "set (without --series) their order does not matter.",
                notes
            );
        int extremes = estimates.Count(e => e.Evidence == TailEvidence.Extremes && e.Control is { Leaves: true }),
            whole = estimates.Count(e => e.Evidence == TailEvidence.WholeLaw && e.Control is { Leaves: true });
        bool heavy = onlyExtremes ? extremes >= 2 : extremes >= 1 && whole >= 1;
        if (!heavy)
        {
            string left =
                extremes + whole == 0
                    ? "no estimator leaves it"
                    : $"{extremes} estimators of the extremes and {whole} of the whole law leave it, which is not both";
            return new TailVerdict(false, "undetermined", $"Not heavier than Gaussian noise of the same scales: {left}.", notes);
        }
        string variance = Variance(all);
        string sentence =
            $"Heavy-tailed: {extremes} estimators of the extremes{(onlyExtremes ? "" : $" and {whole} of the whole law")} leave the "
            + $"Gaussian control of the same scales"
            + variance switch
            {
                "infinite" => "; the extremes read a tail index below 2, an infinite variance.",
                "finite" => "; the extremes read a tail index above 2, a finite variance: heavier than Gaussian, not stable.",
                _ => "; whether the variance is finite the extremes do not settle.",
            };
        return new TailVerdict(true, variance, sentence, notes);
    }

    /// <summary>Hill and the moment estimator, each at the default tail and at a quarter of it, all on one side of α = 2 with their
    /// intervals.</summary>
    private static string Variance(TailData data)
    {
        long k = TailEstimators.DefaultTail(data.Ranked.Count);
        TailEstimate?[] each =
        [
            new HillEstimator(k).Estimate(data),
            new HillEstimator(k / 4).Estimate(data),
            new MomentEstimator(k).Estimate(data),
            new MomentEstimator(k / 4).Estimate(data),
        ];
        return each.All(e => e?.AlphaHigh < 2) ? "infinite"
            : each.All(e => e?.AlphaLow > 2) ? "finite"
            : "undetermined";
    }
}
