// From what the passes left to the panel: estimates, bootstrap, control, profiles, fits and the verdict.
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails.Estimators;

namespace Gaplab.Numerics.Tails;

internal static class TailPanelBuilder
{
    public static TailPanel Build(TailReading reading, TailOptions options, ITailSource source)
    {
        TailAxis axis = options.Axis!.Value;
        TailOrder order = options.Order!.Value;
        bool list = source.Coordinates == 1,
            signed = axis != TailAxis.Norm && !reading.Magnitudes;
        TailData all = reading.Data;
        IReadOnlyList<double[]> sequences = reading.Kept.Sequences(axis);
        TailData kept = TailData.Of(sequences, signed);
        NegativeControl? control = options.ControlDraws > 1 ? NegativeControl.Of(reading.Kept, axis, order, reading.Magnitudes) : null;
        TailData[] draws = control is null
            ? []
            :
            [
                .. Enumerable
                    .Range(0, options.ControlDraws)
                    .Select(r => TailData.Of(control.Draw(RandomStream.For(options.Seed, "tails/control", r)).Sequences(axis), signed)),
            ];
        ITailEstimator[] estimators = [.. TailEstimators.All.Where(e => signed || !e.NeedsSigns)];
        IReadOnlyList<double[]> resampled =
            options.Resamples > 0
                ? BlockBootstrap.Inverses(sequences, estimators, options.Resamples, options.Seed, signed, order)
                : [.. estimators.Select(_ => Array.Empty<double>())];
        PanelEstimate[] estimates = TailVerdicts.WithHolm([.. estimators.Select((e, i) => One(e, all, kept, resampled[i], draws))]);
        (double mean, double deviation, double skewness, double kurtosis) = all.Ranked.Moments();
        double[] fitted = options.FitValues > 0 ? Thinned(sequences, options.FitValues) : [];
        return new TailPanel
        {
            Name = options.Name,
            Axis = axis,
            Centre = reading.Centre,
            CentreReason = reading.CentreReason,
            Order = order,
            Blocks = Blocks(axis, list, order, signed),
            Iterations = source.Iterations,
            Coordinates = source.Coordinates,
            Values = all.Ranked.Count,
            Zeros = all.Ranked.Count - all.Ranked.Positive,
            MagnitudeError = all.Ranked.RelativeError,
            KeptValues = kept.Ranked.Count,
            Mean = mean,
            StandardDeviation = deviation,
            Skewness = skewness,
            ExcessKurtosis = kurtosis,
            JarqueBera = GoodnessOfFit.JarqueBera(skewness, kurtosis, all.Ranked.Count),
            Correlation = order == TailOrder.Set ? null : control?.Correlation,
            ArithmeticOverGeometric = order == TailOrder.Set ? null : control?.ArithmeticOverGeometric,
            Estimates = estimates,
            BlockProfile = [.. all.LogMoments.Select(p => BlockPoint(p, draws))],
            TailProfile = [.. TailSizes(all.Ranked).SelectMany(k => TailPoints(k, all, draws))],
            LocalIndices = LocalIndices(all),
            StabilityContrast = Contrast(all),
            Fits =
                options.FitValues > 0
                    ?
                    [
                        .. GoodnessOfFit
                            .Laws.Where(l => signed || l.OfMagnitudes || l.Name == "gaussian")
                            .Select(l => GoodnessOfFit.Test(l, fitted, options.FitResamples, options.Seed))
                            .OfType<LawFit>(),
                    ]
                    : [],
            PowerLaw = options.FitValues > 0 ? GoodnessOfFit.PowerLaw(fitted, options.FitResamples, options.Seed) : null,
            TailPlot = [.. kept.Ranked.TailPlot().Select(p => Plotted(p, draws))],
            ControlDraws = draws.Length,
            Verdict = TailVerdicts.Of(estimates, all, draws.Length > 0, axis, order, control, reading, source),
        };
    }

    private static PanelEstimate One(ITailEstimator estimator, TailData all, TailData kept, double[] resampled, TailData[] draws)
    {
        TailEstimate? onKept = estimator.Estimate(kept);
        double? low = null,
            high = null,
            error = null;
        if (resampled.Length >= 20)
        {
            Array.Sort(resampled);
            // Percentiles on one side of the estimate itself, as of a threshold chosen anew in each resample or of ties that resampling
            // makes, are no interval for it.
            (double from, double to) = (Quantiles.Type7(resampled, 0.025), Quantiles.Type7(resampled, 0.975));
            if (onKept is not null && from <= onKept.Inverse && onKept.Inverse <= to)
                (low, high) = (TailEstimate.Inverted(to), TailEstimate.Inverted(from));
            error = Deviation(resampled);
        }
        double[] inverses = [.. draws.Select(estimator.Estimate).OfType<TailEstimate>().Select(e => e.Inverse).Where(double.IsFinite)];
        ControlEstimate? control = null;
        if (onKept is not null && inverses.Length >= 2)
        {
            double mean = inverses.Average(),
                spread = Deviation(inverses),
                scale = Math.Sqrt(spread * spread * (1 + 1.0 / inverses.Length) + (error ?? 0) * (error ?? 0));
            double difference = onKept.Inverse - mean,
                distance = scale > 0 ? difference / scale
                : difference == 0 ? 0
                : double.CopySign(double.MaxValue, difference);
            control = new ControlEstimate(
                TailEstimate.Inverted(mean),
                TailEstimate.Inverted(inverses.Max()),
                TailEstimate.Inverted(inverses.Min()),
                distance,
                1 - MathNet.Numerics.Distributions.StudentT.CDF(0, 1, inverses.Length - 1, distance),
                false
            );
        }
        return new PanelEstimate(
            estimator.Id,
            estimator.Title,
            estimator.Evidence,
            estimator.Estimate(all),
            onKept,
            low,
            high,
            error,
            control
        );
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    private static ProfilePoint BlockPoint(LogMomentPoint point, TailData[] draws)
    {
        TailEstimate estimate = TailEstimate.FromInverse("log-moment", "", point.Inverse, point.StandardError);
        double[] control = [.. draws.SelectMany(d => d.LogMoments).Where(p => p.BlockLength == point.BlockLength).Select(p => p.Inverse)];
        return new ProfilePoint(
            "log-moment",
            point.BlockLength,
            estimate.Alpha,
            estimate.AlphaLow,
            estimate.AlphaHigh,
            control.Length == 0 ? null : TailEstimate.Inverted(control.Average())
        );
    }

    /// <summary>Tail sizes, five a decade, from 20 to a quarter of the sample.</summary>
    private static IEnumerable<long> TailSizes(RankedSample sample)
    {
        long before = 0;
        for (double log = Math.Log10(20); log <= Math.Log10(sample.Positive / 4.0); log += 0.2)
        {
            long k = (long)Math.Round(Math.Pow(10, log));
            if (k > before)
                yield return before = k;
        }
    }

    private static IEnumerable<ProfilePoint> TailPoints(long k, TailData all, TailData[] draws)
    {
        foreach (
            Func<long, ITailEstimator> make in (Func<long, ITailEstimator>[])
                [t => new HillEstimator(t), t => new PickandsEstimator(t), t => new MomentEstimator(t)]
        )
        {
            if (make(k).Estimate(all) is not { } at)
                continue;
            double[] control = [];
            if (draws.Length > 0 && (long)Math.Round((double)k * draws[0].Ranked.Count / all.Ranked.Count) is var same and >= 10)
                control = [.. draws.Select(make(same).Estimate).OfType<TailEstimate>().Select(e => e.Inverse)];
            yield return new ProfilePoint(
                at.Estimator,
                k,
                at.Alpha,
                at.AlphaLow,
                at.AlphaHigh,
                control.Length == 0 ? null : TailEstimate.Inverted(control.Average())
            );
        }
    }

    private static LocalIndex[] LocalIndices(TailData data)
    {
        if (data.LogMoments.Count == 0)
            return [];
        (int K, double MeanLog)[] sums = [(1, data.MeanLog), .. data.LogMoments.Select(p => (p.BlockLength, p.MeanLogSum))];
        return [.. sums.Zip(sums.Skip(1), (a, b) => new LocalIndex(a.K, b.K, Math.Log((double)b.K / a.K) / (b.MeanLog - a.MeanLog)))];
    }

    private static HypothesisTest? Contrast(TailData data) =>
        data.LogMoments.FirstOrDefault(p => p.BlockLength == 10) is { } small
        && data.LogMoments.FirstOrDefault(p => p.BlockLength == 1000) is { Blocks: >= 20 } large
            ? LogMomentTests.Contrast(small, large)
            : null;

    private static TailPoint Plotted((double Magnitude, double Share) point, TailData[] draws)
    {
        if (draws.Length == 0)
            return new TailPoint(point.Magnitude, point.Share, null, null);
        double[] shares = [.. draws.Select(d => d.Ranked.ShareAbove(point.Magnitude))];
        return new TailPoint(point.Magnitude, point.Share, shares.Min(), shares.Max());
    }

    /// <summary>Values evenly spread over the sequences, for tests that take values as independent.</summary>
    private static double[] Thinned(IReadOnlyList<double[]> sequences, int count)
    {
        double[] values = [.. sequences.SelectMany(s => s)];
        if (values.Length <= count)
            return values;
        double[] thinned = new double[count];
        for (int i = 0; i < count; i++)
            thinned[i] = values[(long)i * values.Length / count];
        return thinned;
    }

    private static string Blocks(TailAxis axis, bool list, TailOrder order, bool signed) =>
        axis switch
        {
            _ when order == TailOrder.Set => signed
                ? "a set: the values in a shuffled order, resampled one by one"
                : "a set: the values in no order, resampled one by one",
            _ when list => "a series: the values in their order",
            TailAxis.Iterations =>
                "blocks of iterations inside one coordinate; each coordinate divided by its geometric scale for estimators without order",
            TailAxis.Coordinates =>
                "blocks of coordinates inside one iteration; each iteration divided by its geometric scale for estimators without order",
            TailAxis.Pooled => "all values as they are, blocks of coordinates inside one iteration",
            _ => "the norm of each iteration; no blocks",
        };
}
