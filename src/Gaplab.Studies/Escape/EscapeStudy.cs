// Runs an escape study: each case predicted, simulated and tested.
using Gaplab.Numerics;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;

namespace Gaplab.Studies.Escape;

/// <summary>Runs escape studies.</summary>
public static class EscapeStudy
{
    /// <summary>Every case in order.</summary>
    /// <param name="progress">Told before each case: how many are done, and which comes.</param>
    /// <exception cref="InputException">A case that cannot be: a start outside the basin, an unbounded basin.</exception>
    public static EscapeResults Run(EscapeSpec spec, Action<int, EscapeCase>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        // All cases are predicted first: what is wrong with one of them is said before any is simulated.
        (EscapeCase Case, ExitProblem Problem, EscapeForecast Forecast)[] all = [.. spec.Cases.Select(c => Prepare(spec, c))];
        var rows = new List<EscapeRow>();
        foreach (var (item, problem, forecast) in all)
        {
            progress?.Invoke(rows.Count, item);
            // Each case has streams of its own, so that errors of different cases are independent.
            rows.Add(
                Row(
                    spec with
                    {
                        Ensemble = spec.Ensemble with { Seed = spec.Ensemble.Seed + (1_000_003L * rows.Count) },
                    },
                    item,
                    problem,
                    forecast
                )
            );
        }
        ExponentFit[] fits = [.. EscapeFits.Of(rows)];
        MatchingRow[] matchings =
        [
            .. spec
                .Cases.Where(c => c.Matching is not null && c.Alpha < 2)
                .Select(c => (c.Minimum, c.Alpha))
                .Distinct()
                .SelectMany(c =>
                    Matched(spec, c.Minimum, c.Alpha)
                        .Select(m => new MatchingRow(c.Minimum.Name, c.Alpha, NameOf(m.Matching), m.RateRatio, m.TimeRatio))
                ),
        ];
        return new(
            spec.Name,
            spec.Question,
            rows,
            fits,
            matchings,
            [
                .. EscapeClaims.Of(
                    rows,
                    fits,
                    spec.Cases.Select(c => c.Minimum).Distinct().ToDictionary(m => m.Name, m => m.Curvatures.Average())
                ),
            ]
        );
    }

    internal static string NameOf(Matching matching) => matching.ToString().ToLowerInvariant();

    private static EscapeRow Row(EscapeSpec spec, EscapeCase item, ExitProblem problem, EscapeForecast forecast)
    {
        // Without a prediction there is no scale for the limit; paths then run to the step limit.
        double limit = forecast.Rate is > 0 ? spec.LimitMeans / forecast.Rate.Value / problem.Rule.Time : spec.MostSteps;
        ExitSample sample = ExitEnsemble.Run(
            problem with
            {
                MaxSteps = (long)Math.Clamp(Math.Ceiling(limit), 1, spec.MostSteps),
            },
            spec.Ensemble
        );
        double? mean = forecast.Rate is > 0 ? 1 / forecast.Rate : null;
        (double Statistic, double P)? law = sample is { Censored: 0, Paths: >= 20 } ? ExponentialLaw.Kolmogorov(sample.Times) : null;
        IReadOnlyList<(double Time, double Survival)> curve = KaplanMeier.Curve(sample.Times, sample.Exited);
        // Even steps of the survival, and on its logarithmic axis the few paths at the end.
        int every = Math.Max(1, curve.Count / 60);
        return new(
            item.Experiment,
            item.Minimum.Name,
            item.Algorithm,
            item.Matching is { } m ? NameOf(m) : null,
            item.Alpha,
            item.Epsilon,
            Used(spec, item),
            item.Width,
            new(forecast.Rate, mean, forecast.Corrected is > 0 ? 1 / forecast.Corrected : null, forecast.Error),
            EscapeResults.Of(sample),
            EscapeResults.Finite(forecast.Correction) ?? double.MaxValue,
            forecast.IsValid,
            forecast.LargestMove is { } d ? EscapeResults.Finite(d) : null,
            forecast.Nearest,
            forecast.Reason is not null,
            forecast.Reason,
            new(law?.Statistic, law?.P)
        )
        {
            Survival = [.. curve.Where((_, i) => i % every == 0 || int.IsPow2(curve.Count - i))],
        };
    }

    private static (EscapeCase, ExitProblem, EscapeForecast) Prepare(EscapeSpec spec, EscapeCase item)
    {
        EscapeMinimum minimum = item.Minimum;
        LevyNoise noise = minimum.Noise(item.Alpha);
        IBasin region = minimum.Region(item.Width);
        double[]? start = null;
        if (spec.Start.Count > 0)
        {
            if (spec.Start.Count != minimum.Potential.Dimension)
                throw new InputException(
                    $"'start' has {spec.Start.Count} values, but the minimum '{minimum.Name}' {minimum.Potential.Dimension} coordinates; "
                        + $"expected one each"
                );
            start = [.. spec.Start.Select((s, i) => minimum.Minimum[i] + s)];
        }
        var problem = new ExitProblem
        {
            Potential = minimum.Potential,
            Minimum = minimum.Minimum,
            Region = region,
            Noise = noise,
            Start = start,
            MaxSteps = spec.MostSteps,
            Rule = Rule(spec, item, noise),
            WarmUp =
                spec is { Sde: false, LivePreconditioner: true } && item.Algorithm is "adam" or "adam-no-average"
                    ? (int)Math.Min(100_000, Math.Ceiling(3 / (1 - spec.Beta2)))
                    : 0,
        };
        return (item, problem, EscapeForecast.Of(problem, minimum.Basin(item.Width)));
    }

    private static double Used(EscapeSpec spec, EscapeCase item)
    {
        if (item.Matching is not { } matching || item.Alpha == 2)
            return item.Epsilon;
        MatchedEscape? found = Matched(spec, item.Minimum, item.Alpha).FirstOrDefault(m => m.Matching == matching);
        return item.Epsilon
            * (
                found
                ?? throw new InputException(
                    "matching by 'loss' is undefined at alpha 1, where the stationary loss does not depend on the rate; expected another "
                        + "matching or alpha"
                )
            ).RateRatio;
    }

    private static StepRule Rule(EscapeSpec spec, EscapeCase item, LevyNoise noise)
    {
        double epsilon = Used(spec, item);
        double[] scales = [.. spec.Frozen.Count > 0 ? spec.Frozen : noise.Scales];
        bool averaged = item.Algorithm != "adam-no-average";
        IReadOnlyList<double>? q =
            item.Algorithm == "adam-no-preconditioner" ? []
            : spec.LivePreconditioner ? null
            : scales;
        if (spec.Sde)
        {
            // Matching sets Adam's learning rate against SGD's: in the SDE both drift and noise carry it.
            double ratio = epsilon / item.Epsilon,
                dt = spec.Step;
            return item.Algorithm switch
            {
                "sgd" => StepRule.SgdSde(item.Alpha, epsilon, dt),
                "momentum" => throw new InputException("momentum is simulated as an algorithm only; expected 'dynamics: steps'"),
                _ => StepRule.AdamSde(
                    item.Alpha,
                    item.Epsilon,
                    dt,
                    averaged ? spec.Beta1 : 0,
                    spec.Beta2,
                    q is { Count: > 0 } ? [.. q.Select(x => x / ratio)] : q,
                    !spec.NoisePastAverage,
                    biasCorrection: false
                ),
            };
        }
        return item.Algorithm switch
        {
            "sgd" => StepRule.Sgd(epsilon),
            "momentum" => StepRule.Momentum(epsilon, spec.Momentum),
            // Paths start in the stationary law of m and v: no bias is left to correct.
            _ => StepRule.Adam(epsilon, averaged ? spec.Beta1 : 0, spec.Beta2, q, biasCorrection: false),
        };
    }

    private static IReadOnlyList<MatchedEscape> Matched(EscapeSpec spec, EscapeMinimum minimum, double alpha)
    {
        double[] scales = minimum.Noise(alpha).Scales;
        double median = spec is { Sde: false, LivePreconditioner: true } ? AdamResponse.MedianRoot(alpha, spec.Beta2) : 1;
        double[] q = spec.LivePreconditioner
            ? [.. scales.Select(s => s * median)]
            : [.. spec.Frozen.Count > 0 ? scales.Select((_, i) => spec.Frozen[spec.Frozen.Count == 1 ? 0 : i]) : scales];
        return AdamMatching.Of(alpha, minimum.Curvatures, scales, q);
    }
}
