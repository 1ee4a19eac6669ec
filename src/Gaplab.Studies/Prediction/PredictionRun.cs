// From a quadratic or a probe to a predicted curve with its uncertainty, sensitivities, loss curves and simulation.
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>What true algorithms gave at one batch size, at the model's learning rates.</summary>
/// <param name="Gap">ln of the ratio of mean losses, and its standard error.</param>
public sealed record SimulatedGap(double Batch, double FirstLoss, double SecondLoss, Estimate Gap);

/// <summary>One loss curve at one batch size.</summary>
public sealed record PredictedCurve(double Batch, string Optimizer, IReadOnlyList<(int Step, double Loss)> Points);

/// <summary>A prediction with everything that is shown beside it.</summary>
public sealed record PredictionRun
{
    public required string Title { get; init; }

    public required GapSetting Setting { get; init; }

    public required GapCurve Curve { get; init; }

    public required GapPrediction Prediction { get; init; }

    public IReadOnlyList<Sensitivity> Sensitivities { get; init; } = [];

    public IReadOnlyList<PredictedCurve> Losses { get; init; } = [];

    public IReadOnlyList<SimulatedGap> Simulated { get; init; } = [];

    /// <summary>Resamples of the probe's errors, and of the fit's, behind the intervals; 0: nothing to resample.</summary>
    public int Resamples { get; init; }

    /// <summary>Share of resamples with the same verdict.</summary>
    public double? Agreeing { get; init; }

    private const int ProbeResamples = 60;

    /// <summary>Of a quadratic study; <paramref name="bruteForce"/> runs the true algorithms too.</summary>
    public static PredictionRun Of(QuadraticStudy study, bool bruteForce)
    {
        ArgumentNullException.ThrowIfNull(study);
        GapCurve curve = GapCurve.Of(study.Setting);
        return Shown(study.Title, study.Setting, curve, [], []) with { Simulated = bruteForce ? Simulate(study, curve) : [] };
    }

    /// <summary>Of a probe: the interval comes from its own errors and from what the fit to its trial runs leaves, resampled by fixed
    /// streams.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="comparison">The comparison that it is of, among several of a study.</param>
    public static PredictionRun Of(Probe probe, string comparison = "")
    {
        ArgumentNullException.ThrowIfNull(probe);
        GapSetting setting = probe.Setting();
        GapCurve curve = GapCurve.Of(setting);
        bool uncertain = probe
            .Blocks.Concat(probe.Preconditioned ?? [])
            .Any(b =>
                b.Weights.Concat(b.NoiseVariance).Concat(b.Displacement ?? []).Append(b.GradientNorm ?? default).Any(m => m.Error > 0)
            );
        // What the fit to the trial runs leaves is an error of the model, alike at all batch sizes.
        RandomStream random = RandomStream.For(1, "predict/model-error");
        GapCurve[] resamples =
            uncertain || setting.Fit is not null
                ?
                [
                    .. Enumerable
                        .Range(0, ProbeResamples)
                        .Select(i => GapCurve.Of(probe.Resampled(i)).Shifted(random.NextGaussian() * (setting.Fit?.GapError ?? 0))),
                ]
                : [];
        return Shown(probe.Title, setting, curve, resamples, [], probe.FirstName, probe.SecondName, comparison);
    }

    private static PredictionRun Shown(
        string title,
        GapSetting setting,
        GapCurve curve,
        GapCurve[] resamples,
        IReadOnlyList<SimulatedGap> simulated,
        string? firstName = null,
        string? secondName = null,
        string comparison = ""
    )
    {
        (double? low, double? high)[] ends = [.. curve.Points.Select((p, i) => Ends([.. resamples.Select(r => r.Points[i].Gap)], p.Gap))];
        double? crossing = curve.Crossings is [var only] ? only.Batch : null;
        Interval interval =
            resamples.Length == 0 || crossing is null
                ? Interval.None
                : OfCrossing(resamples, only: curve.Crossings[0].ToSecond).Holding(crossing.Value);
        string first = firstName ?? Name(setting.First),
            second = secondName ?? Name(setting.Second);
        var prediction = new GapPrediction(
            comparison,
            first,
            second,
            [.. curve.Points.Select((p, i) => new PredictedGap(p.Batch, p.Gap, ends[i].low, ends[i].high, p.First.Rate, p.Second.Rate))],
            crossing,
            interval,
            curve.Verdict,
            Above: crossing is null ? null
                : curve.Crossings[0].ToSecond ? second
                : first
        );
        return new PredictionRun
        {
            Title = title,
            Setting = setting,
            Curve = curve,
            Prediction = prediction,
            Simulated = simulated,
            Resamples = resamples.Length,
            Agreeing = resamples.Length == 0 ? null : resamples.Count(r => r.Verdict == curve.Verdict) / (double)resamples.Length,
            Sensitivities = crossing is null ? [] : GapSensitivity.Of(setting),
            Losses = Curves(setting, curve),
        };
    }

    /// <summary>sgd, adam or sign: the family's name.</summary>
    public static string Name(IReadOnlyList<ModelledOptimizer> candidates) =>
        candidates[0] switch
        {
            HeavyBall => "sgd",
            AdamClosure => "adam",
            _ => "sign",
        };

    private static (double? Low, double? High) Ends(double[] values, double estimate)
    {
        if (values.Length == 0)
            return (null, null);
        Array.Sort(values);
        Interval ends = new Interval(Quantiles.Type7(values, 0.025), Quantiles.Type7(values, 0.975)).Holding(estimate);
        return (ends.Low, ends.High);
    }

    /// <summary>Type-1 quantiles of log₂ B*; a resample without a crossing counts as one beyond the side where the gap points.</summary>
    private static Interval OfCrossing(GapCurve[] resamples, bool only)
    {
        double[] at =
        [
            .. resamples
                .Select(r =>
                    r.Crossings.Where(c => c.ToSecond == only).Select(c => (double?)Math.Log2(c.Batch)).FirstOrDefault()
                    ?? (r.Points[^1].Gap > 0 == only ? double.NegativeInfinity : double.PositiveInfinity)
                )
                .Order(),
        ];
        (double low, double high) = (Quantiles.Type1(at, 0.025), Quantiles.Type1(at, 0.975));
        return new Interval(
            double.IsFinite(low) ? Math.Pow(2, low) : null,
            double.IsFinite(high) ? Math.Pow(2, high) : null,
            !double.IsFinite(low),
            !double.IsFinite(high)
        );
    }

    private static IReadOnlyList<PredictedCurve> Curves(GapSetting setting, GapCurve curve)
    {
        int last = curve.Points.Count - 1;
        int[] shown = [.. new[] { 0, last / 2, last }.Distinct()];
        return
        [
            .. shown
                .SelectMany(i =>
                    new[]
                    {
                        (curve.Points[i], curve.Points[i].First, Name(setting.First)),
                        (curve.Points[i], curve.Points[i].Second, Name(setting.Second)),
                    }
                )
                .Select(c => new PredictedCurve(
                    c.Item1.Batch,
                    c.Item3,
                    Thinned(setting.Curve(c.Item2.Optimizer, c.Item1.Batch, c.Item2.Rate), setting.FloorOf(c.Item2.Optimizer))
                )),
        ];
    }

    /// <summary>At most some hundred points, closer at the start.</summary>
    private static IReadOnlyList<(int, double)> Thinned(double[] losses, double floor)
    {
        int steps = losses.Length - 1;
        return
        [
            .. Enumerable
                .Range(0, 101)
                .Select(i => (int)Math.Round(steps * Math.Pow(i / 100.0, 2)))
                .Distinct()
                .Where(k => losses[k] < ModelledOptimizer.Diverged)
                .Select(k => (k, losses[k] + floor)),
        ];
    }

    private static IReadOnlyList<SimulatedGap> Simulate(QuadraticStudy study, GapCurve curve) =>
        [
            .. curve.Points.Select(p =>
            {
                IReadOnlyList<SimulatedLoss> runs = BruteForce.Run(
                    study.Setting,
                    [new(p.First.Optimizer, p.First.Rate), new(p.Second.Optimizer, p.Second.Rate)],
                    p.Batch,
                    study.Runs,
                    study.Seed
                );
                return new SimulatedGap(p.Batch, runs[0].Mean, runs[1].Mean, BruteForce.Gap(runs[0], runs[1]));
            }),
        ];
}
